/** The rule files of the chart. Each is one group; in the order in which they read of one another. */
import { join } from 'node:path';

const folder = new URL('../../helm/atlas-private-endpoint-exporter/files/rules/', import.meta.url).pathname;
const groups = ['sources', 'conditions', 'troubles', 'events', 'changes', 'polls', 'exporter'] as const;

export const ruleFiles = groups.map((name) => join(folder, `${name}.yaml`));
/** Without it promtool takes groups as they come. */
export const groupOrder = groups.map((name) => `atlas-private-endpoint-${name}`);
