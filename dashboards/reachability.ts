/** Both halves of a link in one row: what Atlas says of it, and what answers where the applications run. */
import { type Column, table } from './panels.ts';
import * as q from './queries.ts';

const labels = 'atlas_project_id, cluster_name, cloud_provider, interface_endpoint_id, prober';

/** 1 for each host and port that answers any module of a prober, or every one. */
const port = `max by (${labels}, instance) (${q.probed()})`;
const all = `min by (${labels}, instance) (${q.probed()})`;
const hosts = `count by (${labels}) (${port})`;
/** How many of them; 0 where there is none. */
const of = (some: string) => `(count by (${labels}) (${some}) or 0 * ${hosts})`;

/** Of one interface endpoint, or, where a string goes through several, of every region of the cluster. */
const ready = [
  `0 * ${hosts} + on (atlas_project_id, interface_endpoint_id) group_left () ${q.maxBy('atlas_project_id, interface_endpoint_id', q.interfaceEndpoint('ready'))}`,
  `0 * ${hosts} + on (atlas_project_id, cluster_name) group_left () min by (atlas_project_id, cluster_name) (${q.regionReady()})`,
].join(` or on (${labels}) `);

/** The worst first; `firstColumns` are those that name the project. */
export function bothHalves(rows: number, firstColumns: readonly Column[]) {
  const queries = [ready, of(`${port} == 0`), of(`${port} == 1 and ${all} == 0`), hosts];
  return table({
    title: 'What Atlas says, and what answers',
    description: `Hosts and ports behind private connection strings, by cluster, interface endpoint and prober, where blackbox_exporter probes them (docs/reachability.md): ${rows} rows at most. Without an interface endpoint the string goes through several`,
    width: 24,
    queries: queries.map((query) => `topk(${rows}, ${q.named(query, labels)})`),
    columns: [
      ...firstColumns,
      { field: 'cluster_name', title: 'Cluster' },
      { field: 'cloud_provider', title: 'Cloud' },
      { field: 'interface_endpoint_id', title: 'Interface endpoint' },
      { field: 'prober', title: 'Probed by' },
      { field: 'Value #A', title: 'Atlas says ready', unit: 'bool_yes_no' },
      { field: 'Value #B', title: 'Do not answer' },
      { field: 'Value #C', title: 'TLS fails' },
      { field: 'Value #D', title: 'Hosts and ports' },
    ],
  });
}
