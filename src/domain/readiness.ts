/** What the links of a project mean for the regions of its clusters. */
import type { ClusterRegion, StringEndpoint } from './cluster.ts';
import type { Connection } from './snapshot.ts';
import { connectionClass, interfaceEndpointClass } from './status.ts';
import type { SourceView } from './view.ts';

/**
 * Whether a ready connection in the region has a ready interface endpoint. null where nothing can be said: the list of
 * that cloud is not watched, was never read or is stale, or the project has no private endpoint of a cluster at all.
 * `links` are the project's sources of kind `cluster`.
 */
export function regionReady({ cloudProvider, region }: ClusterRegion, links: readonly SourceView[]): boolean | null {
  if (!links.some(({ state }) => (state.ledger?.snapshot.connections.length ?? 0) > 0)) return null;
  const list = links.find(({ source }) => source.cloudProvider === cloudProvider);
  if (!list?.state.ledger || list.state.freshness.stale) return null;
  return list.state.ledger.snapshot.connections.some(
    (connection) => connection.region === region && isUsable(connection, list),
  );
}

function isUsable({ status, interfaceEndpoints, cloudProvider }: Connection, { source, state }: SourceView): boolean {
  const api = state.ledger?.snapshot.api ?? source.api;
  return (
    connectionClass(source.kind, api, status, interfaceEndpoints.length) === 'ready' &&
    interfaceEndpoints.some(
      ({ detail }) => detail === null || interfaceEndpointClass(source.kind, cloudProvider, detail.status) === 'ready',
    )
  );
}

/** The id of an interface endpoint as the links of the project spell it; as the cluster spells it where none has it. */
export function spelledAs({ key, id }: StringEndpoint, links: readonly SourceView[]): string {
  for (const { state } of links)
    for (const { interfaceEndpoints } of state.ledger?.histories ?? [])
      for (const endpoint of interfaceEndpoints) if (endpoint.key === key) return endpoint.id;
  return id;
}
