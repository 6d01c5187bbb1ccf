/** The rule files of the chart. Each is one group; in the order in which they read of one another. */
import { join } from 'node:path';

const folder = new URL('../../helm/atlas-private-endpoint-exporter/files/rules/', import.meta.url).pathname;
const groups = [
  'sources',
  'conditions',
  'troubles',
  'events',
  'changes',
  'clusters',
  'links',
  'polls',
  'exporter',
  'lookups',
  'reachability',
] as const;

/** Those that alerts are made of. */
export const alertFiles = groups.map((name) => join(folder, `${name}.yaml`));
/** All of them: those of the dashboards, too, which no alert reads. */
export const ruleFiles = [...alertFiles, join(folder, 'views.yaml')];
/** Without it promtool takes groups as they come. */
export const groupOrder = groups.map((name) => `atlas-private-endpoint-${name}`);
