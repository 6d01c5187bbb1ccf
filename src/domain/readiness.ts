/** What the links of a project mean for the regions of its clusters. */
import type { ClusterRegion } from './cluster.ts';
import { classOfConnection, classOfInterfaceEndpoint } from './connection-class.ts';
import type { Connection, InterfaceEndpoint } from './snapshot.ts';
import type { SourceView } from './view.ts';

/**
 * Whether a ready connection in the region has a ready interface endpoint. null where nothing can be said: the list of
 * that cloud is not watched, was never read or is stale, what may be ready in it cannot be read, or the project has no
 * private endpoint of a cluster at all.
 * `links` are the project's sources of kind `cluster`.
 */
export function regionReady({ cloudProvider, region }: ClusterRegion, links: readonly SourceView[]): boolean | null {
  if (!links.some(({ state }) => (state.ledger?.snapshot.connections.length ?? 0) > 0)) return null;
  const list = links.find(({ source }) => source.cloudProvider === cloudProvider);
  if (!list?.state.ledger || list.state.freshness.stale) return null;
  const inRegion = list.state.ledger.snapshot.connections.filter((connection) => connection.region === region);
  if (inRegion.some((connection) => isUsable(connection, list))) return true;
  return inRegion.some(isUnreadable) ? null : false;
}

function isUsable(connection: Connection, { source, state }: SourceView): boolean {
  const api = state.ledger?.snapshot.api ?? source.api;
  const isReady = (endpoint: InterfaceEndpoint) =>
    endpoint.unreadable === undefined &&
    (endpoint.detail === null || classOfInterfaceEndpoint(source.kind, connection.cloudProvider, endpoint) === 'ready');
  return classOfConnection(source.kind, api, connection) === 'ready' && connection.interfaceEndpoints.some(isReady);
}

/** Whether it, or an interface endpoint of it, could not be read: then it may well be ready. */
function isUnreadable({ unreadable, interfaceEndpoints }: Connection): boolean {
  return unreadable !== undefined || interfaceEndpoints.some((endpoint) => endpoint.unreadable !== undefined);
}

/** The ids of interface endpoints as the links of a project spell them, by key: the first spelling of each. */
export function spellings(links: readonly SourceView[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const { state } of links)
    for (const { interfaceEndpoints } of state.ledger?.histories ?? [])
      for (const { key, id } of interfaceEndpoints) if (!ids.has(key)) ids.set(key, id);
  return ids;
}
