/** The catalogue: every family in the order in which it is shown. State comes first, then changes, then the exporter itself. */
import type { ProjectView, SourceView } from '../domain/view.ts';
import { clusterFamilies, type ShownCluster } from './clusters.ts';
import {
  connectionChangeFamilies,
  connectionStateFamilies,
  type ShownConnection,
  toShownConnections,
} from './connections.ts';
import type { Description, Family } from './family.ts';
import { instruments } from './instruments.ts';
import {
  interfaceEndpointChangeFamilies,
  interfaceEndpointStateFamilies,
  type ShownInterfaceEndpoint,
  toShownInterfaceEndpoints,
} from './interface-endpoints.ts';
import { limitFamilies } from './limits.ts';
import {
  connectionsByStatus,
  healthFamilies,
  lastSuccess,
  projectInfo,
  projectRegionalMode,
  projectRemoved,
  sourceTotals,
} from './sources.ts';

/** A source with everything that is shown of it, derived once for all families. */
export interface ShownSource extends SourceView {
  readonly connections: readonly ShownConnection[];
  readonly interfaceEndpoints: readonly ShownInterfaceEndpoint[];
}

/** Derives what the families show of a source. Without `withErrorText` the label `error_message` stays empty. */
export function toShownSource(view: SourceView, withErrorText: boolean): ShownSource {
  const { source, state } = view;
  const { ledger, freshness } = state;
  return {
    ...view,
    connections: ledger ? toShownConnections(source, ledger, freshness.stale, withErrorText) : [],
    interfaceEndpoints: ledger ? toShownInterfaceEndpoints(source, ledger, freshness.stale, withErrorText) : [],
  };
}

/** Families that depend on the ledger and the staleness of a source alone. */
export const sourceFamilies: readonly Family<ShownSource>[] = [
  connectionsByStatus,
  ...connectionStateFamilies.map(ofConnections),
  ...interfaceEndpointStateFamilies.map(ofInterfaceEndpoints),
  ...connectionChangeFamilies.map(ofConnections),
  ...interfaceEndpointChangeFamilies.map(ofInterfaceEndpoints),
  ...sourceTotals,
];

/** Families that depend on a list of clusters, and on the private endpoints of its project. */
export const clusterListFamilies: readonly Family<readonly ShownCluster[]>[] = clusterFamilies.map((family) => ({
  ...family,
  samples(clusters, emit) {
    for (const cluster of clusters) family.samples(cluster, emit);
  },
}));

/** Families of projects. */
export const projectFamilies: readonly Family<ProjectView>[] = [projectInfo, projectRegionalMode, ...limitFamilies];

const own: readonly Description[] = Object.values(instruments);

/** Every family that the exporter has, except `process_*` and `nodejs_*`. */
export const catalogue: readonly Description[] = [
  ...projectFamilies,
  ...sourceFamilies,
  ...clusterListFamilies,
  projectRemoved,
  ...healthFamilies,
  lastSuccess,
  ...own,
].map(({ name, help, type, labels }) => ({ name, help, type, labels }));

/** The catalogue as a Markdown table. */
export function catalogueMarkdown(): string {
  const rows = catalogue.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |\n`;
  });
  return `| family | type | labels | meaning |\n|---|---|---|---|\n${rows.join('')}`;
}

function ofConnections(family: Family<ShownConnection>): Family<ShownSource> {
  return {
    ...family,
    samples({ connections }, emit) {
      for (const connection of connections) family.samples(connection, emit);
    },
  };
}

function ofInterfaceEndpoints(family: Family<ShownInterfaceEndpoint>): Family<ShownSource> {
  return {
    ...family,
    samples({ interfaceEndpoints }, emit) {
      for (const endpoint of interfaceEndpoints) family.samples(endpoint, emit);
    },
  };
}
