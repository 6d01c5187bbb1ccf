/** What stands behind the links: clusters with their private connection strings, and links that end. */
import { type Column, stat, table, type Words } from './panels.ts';
import * as q from './queries.ts';

const clusterColumn: Column = { field: 'cluster_name', title: 'Cluster' };
const regionColumns: readonly Column[] = [
  { field: 'cloud_provider', title: 'Cloud' },
  { field: 'atlas_region', title: 'Region' },
];
const readyWords: Words = {
  '1': { text: 'ready', color: 'green' },
  '0': { text: 'not ready', color: 'red' },
  '-1': { text: 'not known', color: 'purple' },
};

/** Of all projects: which clusters are cut off, and which links will be. `first`: the columns that name the project. */
export function ofAllProjects(first: readonly Column[], projectId: Column, rows: number) {
  const [project = projectId, ...list] = first;
  const lacking = `count by (${q.clusterLabels}) (${q.maxBy(`${q.clusterLabels}, cloud_provider, atlas_region`, q.cluster('region_private_endpoint_ready'))} == 0)`;
  const cutOff = `(${lacking}) and on (${q.clusterLabels}) ${q.cutOff} or ${q.cutOff}`;
  const link = `${q.sourceLabels}, connection_id, sunset`;
  const ends = `bottomk(${rows}, ${q.maxBy(link, q.connection('sunset_timestamp_seconds'))})`;
  return [
    stat({
      title: 'Clusters cut off',
      description:
        'Clusters without a private connection string that have a private endpoint in one of their regions, or lost the string within a day; not those that are paused or being deleted',
      width: 4,
      height: 8,
      alarm: 'red above 0',
      query: q.countOfClusters(q.cutOff),
    }),
    table({
      title: 'Clusters without a private connection string',
      description: `Those that are cut off, and how many of their regions have no ready private endpoint; of ${rows} at most`,
      width: 10,
      queries: [q.named(`topk(${rows}, ${cutOff})`, q.clusterLabels)],
      columns: [project, clusterColumn, { field: 'Value', title: 'Regions without an endpoint' }, projectId],
    }),
    table({
      title: 'Links with a deadline',
      description: `Connections that Atlas has announced to stop serving as they are: the ${rows} that end first`,
      width: 10,
      queries: [`${q.named(ends, link)} * 1000`],
      columns: [
        ...[project, ...list],
        { field: 'connection_id', title: 'Connection' },
        { field: 'sunset', title: 'Why' },
        { field: 'Value', title: 'Ends', unit: 'dateTimeAsIso' },
        projectId,
      ],
    }),
  ];
}

/** Of one project: each cluster, its regions, and the interface endpoints that its strings go through. */
export function ofOneProject(rows: number) {
  const state = `topk by (${q.clusterLabels}) (1, ${q.maxBy(`${q.clusterLabels}, state`, q.cluster('state'))} == 1)`;
  const strings = q.maxBy(q.clusterLabels, q.cluster('private_connection_strings'));
  const pair = 'atlas_project_id, interface_endpoint_id';
  const hangs = q.maxBy(
    `${q.clusterLabels}, cloud_provider, interface_endpoint_id`,
    q.cluster('interface_endpoint_info'),
  );
  const ready = q.maxBy(pair, q.interfaceEndpoint('ready'));
  return [
    table({
      title: 'Each cluster',
      description: `How many private connection strings each cluster has, and its state; of ${rows} at most`,
      width: 8,
      queries: [`bottomk(${rows}, ${strings} * on (${q.clusterLabels}) group_left (state) ${state})`],
      columns: [clusterColumn, { field: 'state', title: 'State' }, { field: 'Value', title: 'Strings' }],
    }),
    table({
      title: 'Regions of clusters',
      description: `Whether each region of each cluster has a ready private endpoint: a string needs one in every region; of ${rows} at most`,
      width: 8,
      queries: [
        `bottomk(${rows}, ${q.maxBy(`${q.clusterLabels}, cloud_provider, atlas_region`, q.cluster('region_private_endpoint_ready'))})`,
      ],
      columns: [clusterColumn, ...regionColumns, { field: 'Value', title: 'Private endpoint', words: readyWords }],
    }),
    table({
      title: 'Clusters on each interface endpoint',
      description: `Which clusters hang on which interface endpoint, and whether that is ready; of ${rows} at most`,
      width: 8,
      queries: [
        `bottomk(${rows}, (${hangs}) * on (${pair}) group_left () ${ready} or on (${q.clusterLabels}, interface_endpoint_id) -1 * (${hangs}))`,
      ],
      columns: [
        { field: 'interface_endpoint_id', title: 'Interface endpoint' },
        clusterColumn,
        { field: 'Value', title: 'It is', words: readyWords },
      ],
    }),
  ];
}
