/** The lists of clusters, and those of each cluster's managed private connection strings. */
import { type Cluster, unreadableCluster } from '../../domain/cluster.ts';
import type { Source } from '../../domain/source.ts';
import { AtlasError } from '../error.ts';
import { parseClusters } from './clusters.ts';
import { managedId, toManaged } from './managed-strings.ts';
import { readWholePages } from './pages.ts';
import { acceptOf, type GetJson, ofProject, readOnly } from './request.ts';
import { segment } from './wire.ts';

/** A project that has not opted in answers in one of three ways: Atlas does not document which. */
const notOptedIn = {
  reason: 'not_supported',
  remedy:
    'Turn on privateEndpointConnectionStringsEnabled in the settings of the project, which is a preview of Atlas, or remove managed_connection_strings from kinds',
  statuses: [400, 404, 406],
} as const;

/** Every cluster of a project. Throws AtlasError. */
export function listClusters(get: GetJson, source: Source): Promise<readonly Cluster[]> {
  const request = {
    ...ofProject(source, 'v2 clusters', readOnly),
    operation: 'list_clusters',
    accept: acceptOf('2024-08-05'),
  };
  const path = clustersPath(source);
  return readWholePages(
    (query, received) => get({ ...request, path: `${path}?${query}`, received }),
    parseClusters,
    ({ name }) => name,
  );
}

function clustersPath({ projectId }: Source): string {
  return `/api/atlas/v2/groups/${segment(projectId)}/clusters`;
}

/** The managed private connection strings of one cluster; none of one that is gone meanwhile. */
export async function managedStringsOf<T>(
  get: GetJson,
  source: Source,
  name: string,
  parse: (elements: readonly unknown[]) => Promise<readonly T[]>,
  idOf: (element: T) => string,
): Promise<readonly T[]> {
  const path = `${clustersPath(source)}/${segment(name)}/privateEndpointConnectionStrings`;
  const request = {
    ...ofProject(source, 'v2 managed_connection_strings', readOnly),
    operation: 'list_managed_connection_strings',
    accept: acceptOf('preview'),
    missing: notOptedIn,
  };
  try {
    return await readWholePages(
      (query, received) => get({ ...request, path: `${path}?${query}`, received }),
      parse,
      idOf,
    );
  } catch (thrown) {
    if (thrown instanceof AtlasError && thrown.errorCode === 'CLUSTER_NOT_FOUND') return [];
    throw thrown;
  }
}

/**
 * A project that has no such strings refuses, which changes nothing. Where they cannot be read the cluster cannot: it must not
 * be taken for one that lost its string.
 */
export async function withManaged(get: GetJson, source: Source, cluster: Cluster): Promise<Cluster> {
  const { name } = cluster;
  try {
    const elements = await managedStringsOf(get, source, name, async (some) => some, managedId);
    return { ...cluster, ...toManaged(elements) };
  } catch (thrown) {
    if (!(thrown instanceof AtlasError)) throw thrown;
    const { reason, detail } = thrown;
    if (reason === 'not_supported' || reason === 'forbidden') return cluster;
    if (reason !== 'invalid_response' && reason !== 'server_error') throw thrown;
    return unreadableCluster(name, `Its managed private connection strings: ${detail}`);
  }
}
