/** What the naive model saw, as the exporter would have been told it: of AWS, because its ids are what they are. */
import { interfaceEndpointKey, type Snapshot, toSnapshot } from '../../src/domain/snapshot.ts';
import type { Api } from '../../src/domain/status.ts';
import type { SeenConnection } from './naive-model.ts';

export function withIdsOnly(seen: SeenConnection): SeenConnection {
  return { ...seen, endpoints: seen.endpoints.map(({ id }) => ({ id, status: null, error: null })) };
}

export function toAnswer(api: Api, connections: readonly SeenConnection[]): Snapshot {
  return toSnapshot(
    api,
    connections.map(({ id, status, error, endpoints }) => ({
      id,
      status,
      errorMessage: error,
      cloudProvider: 'AWS',
      region: 'US_EAST_1',
      endpointServiceName: '',
      interfaceEndpoints: endpoints.map((seen) => ({
        key: interfaceEndpointKey(seen.id, 'AWS'),
        id: seen.id,
        detail:
          seen.status === null
            ? null
            : { status: seen.status, errorMessage: seen.error, connectionName: '', members: null },
      })),
    })),
  );
}
