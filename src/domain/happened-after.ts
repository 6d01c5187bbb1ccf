import type { Change } from './change.ts';
import { notBeforeOf } from './last-read.ts';
import type { SourceState } from './poll.ts';

/**
 * After when a change happened that a poll finds in this state: the last good poll before that could read the element, in
 * wall ms; null when none is known.
 */
export function happenedAfter({ ledger, freshness }: SourceState, change: Change): number | null {
  if (ledger === null) return null;
  const { snapshot, histories, clusters } = ledger;
  const looked = freshness.lastSuccess?.wall ?? null;
  if ('clusterName' in change) {
    const is = ({ name }: { readonly name: string }) => name === change.clusterName;
    return notBeforeOf(clusters.find(is), snapshot.clusters.find(is), looked);
  }
  const { connectionId, interfaceEndpointKey } = change;
  const isConnection = ({ id }: { readonly id: string }) => id === connectionId;
  const connection = snapshot.connections.find(isConnection);
  const history = histories.find(isConnection);
  if (interfaceEndpointKey === null) return notBeforeOf(history, connection, looked);
  const isEndpoint = ({ key }: { readonly key: string }) => key === interfaceEndpointKey;
  const endpoint = connection?.interfaceEndpoints.find(isEndpoint);
  return notBeforeOf(history?.interfaceEndpoints.find(isEndpoint), endpoint, looked);
}
