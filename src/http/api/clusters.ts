/** `/api/v1/clusters`: clusters, their private connection strings, and what their regions lack. Its list is made while it is sent. */
import { type StandingCluster, standingClusters, standingReason } from '../../domain/cluster-standing.ts';
import { holdsClusterWords } from '../../domain/search.ts';
import { type FleetView, type ProjectStatus, type SourceStatus, toClusterLists } from '../../domain/view.ts';
import { failingSources, onePage, toMoment } from './api.ts';
import type { JsonFields } from './json.ts';
import type { ListQuery } from './query.ts';
import { formatRfc3339 } from './rfc3339.ts';

/**
 * One page of clusters in the order of project and name. `next` and `failing_sources` as of connections; the failing sources
 * are lists of clusters alone.
 */
export function toClustersJson(view: FleetView, query: ListQuery): JsonFields {
  const projects = view.projects
    .filter(({ id }) => query.projectId === undefined || id === query.projectId)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((project) => ({ ...project, sources: toClusterLists(project.sources) }));
  function* every() {
    for (const project of projects)
      for (const source of project.sources)
        for (const cluster of standingClusters(source, view.at)) {
          if (isAskedFor(project, cluster, query))
            yield {
              cursor: `${project.id}/${cluster.cluster.name}`,
              json: () => clusterJson(project, source, cluster),
            };
        }
  }
  const { page, next } = onePage(every, query);
  return { at: formatRfc3339(view.at), clusters: page, failing_sources: () => failingSources(projects), next };
}

function isAskedFor(project: ProjectStatus, { cluster }: StandingCluster, { status, words }: ListQuery): boolean {
  return (
    (status === undefined || (cluster.unreadable === undefined && cluster.state === status.toUpperCase())) &&
    (words === undefined || holdsClusterWords(words, project, cluster))
  );
}

/** A cluster that cannot be read is told by its name alone, with what was counted. */
function clusterJson(project: ProjectStatus, { state }: SourceStatus, standing: StandingCluster): object {
  const { cluster, history, regions, endpoints } = standing;
  const readable = cluster.unreadable === undefined;
  const known = <T>(value: T) => (readable ? value : null);
  return {
    atlas_project_id: project.id,
    project_name: project.name,
    cluster_name: cluster.name,
    cluster_type: known(cluster.type),
    unreadable: cluster.unreadable ?? null,
    state: known(cluster.state),
    paused: known(cluster.paused),
    private_connection_strings: known(cluster.strings.length),
    standing: standing.standing,
    reason: standingReason(standing),
    regions: known(
      regions.map(({ cloudProvider, region, ready }) => ({
        cloud_provider: cloudProvider,
        atlas_region: region,
        private_endpoint_ready: ready,
      })),
    ),
    interface_endpoints: known(
      endpoints.map(({ cloudProvider, id }) => ({ cloud_provider: cloudProvider, interface_endpoint_id: id })),
    ),
    string_added_at: toMoment(history.stringChangedAt.added),
    string_removed_at: toMoment(history.stringChangedAt.removed),
    as_of: toMoment(state.freshness.lastSuccess?.wall),
    stale: state.freshness.stale,
  };
}
