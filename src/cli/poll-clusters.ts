/** The clusters that `poll` prints below the connections: which have a private connection string, which lack one, and why. */
import {
  isClusterTroubled,
  type StandingCluster,
  standingClusters,
  standingReason,
} from '../domain/cluster-standing.ts';
import { type ProjectStatus, toClusterLists } from '../domain/view.ts';
import { counted } from './check-report.ts';
import { layout, oneLine, type Paint } from './table.ts';

export interface PolledCluster extends StandingCluster {
  readonly project: string;
}

const header = { project: 'PROJECT', name: 'CLUSTER', state: 'STATE', strings: 'STRINGS', reason: 'WHY' } as const;
const columns = ['project', 'name', 'state', 'strings', 'reason'] as const;

/** `now`: wall ms. */
export function clustersOf({ name: project, sources }: ProjectStatus, now: number): readonly PolledCluster[] {
  return toClusterLists(sources).flatMap((list) =>
    standingClusters(list, now).map((cluster) => ({ ...cluster, project })),
  );
}

/** Lines of the table, and an empty one; nothing where no cluster is listed. */
export function clusterTable(clusters: readonly PolledCluster[], paint: Paint): readonly string[] {
  if (clusters.length === 0) return [];
  const rows = clusters.map((one) => {
    const { cluster, standing } = one;
    const { unreadable, state, strings } = cluster;
    return {
      project: oneLine(one.project),
      name: oneLine(cluster.name),
      state: unreadable === undefined ? oneLine(state ?? '') : 'unreadable',
      strings: unreadable === undefined ? String(strings.length) : '',
      reason: oneLine(standingReason(one)),
      troubled: isClusterTroubled(standing),
    };
  });
  const { line } = layout(header, columns, rows);
  const body = rows.map((row) => {
    const plain = line(row);
    if (!row.troubled) return plain;
    return `${plain.slice(0, plain.length - row.reason.length)}${paint(row.reason, 'failed')}`;
  });
  return [paint(line(header), 'bold'), ...body, ''];
}

/** Parts of the last line; none where no cluster is listed. */
export function clusterSummary(clusters: readonly PolledCluster[]): readonly string[] {
  if (clusters.length === 0) return [];
  const troubled = clusters.filter(({ standing }) => isClusterTroubled(standing)).length;
  return [`${counted(clusters.length, 'cluster')} (${troubled} in trouble)`];
}
