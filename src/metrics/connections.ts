/** The families of connections. */

import { interfaceEndpointIds } from '../domain/change.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Connection } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import { connectionClass, connectionStatuses } from '../domain/status.ts';
import { connectionLabels, type Family, sourceLabelValues, stateHelp } from './family.ts';
import { changeFamilies, errorFamilies, type Naming, type Subject, statusFamilies, toShownError } from './subject.ts';

export interface ShownConnection extends Subject {
  /** The connection of the last snapshot; null when it is gone or its source is stale. */
  readonly connection: Connection | null;
}

const prefix = 'mongodb_atlas_private_endpoint_connection';
const naming: Naming = { prefix, thing: 'connection', statusField: 'status', labels: connectionLabels };

/** Every connection that the ledger knows, in the order of ids; connections that are gone are included. */
export function toShownConnections(
  source: Source,
  { snapshot, histories }: Ledger,
  stale: boolean,
  withErrorText: boolean,
): readonly ShownConnection[] {
  const listed = new Map(stale ? [] : snapshot.connections.map((connection) => [connection.id, connection]));
  const toFacts = ({ status, interfaceEndpoints, errorMessage }: Connection) => ({
    status,
    ready: connectionClass(source.kind, snapshot.api, status, interfaceEndpoints.length) === 'ready',
    error: toShownError(errorMessage, () => interfaceEndpointIds(snapshot), withErrorText),
  });
  return histories.map((history): ShownConnection => {
    const connection = listed.get(history.id) ?? null;
    return {
      connection,
      labels: [...sourceLabelValues(source), history.id],
      statuses: connectionStatuses(source.kind),
      facts: connection && toFacts(connection),
      past: history,
      goneAt: history.goneAt?.wall ?? null,
    };
  });
}

const info: Family<ShownConnection> = {
  name: `${prefix}_info`,
  help: stateHelp('What the connection is; always 1', 'Atlas API'),
  type: 'gauge',
  labels: [...connectionLabels, 'atlas_region', 'endpoint_service_name', 'connection_cloud_provider'],
  samples({ labels, connection }, emit) {
    if (!connection) return;
    const { region, endpointServiceName, cloudProvider } = connection;
    emit([...labels, region, endpointServiceName, cloudProvider], 1);
  },
};

const interfaceEndpoints: Family<ShownConnection> = {
  name: `${prefix}_interface_endpoints`,
  help: stateHelp('How many interface endpoints are attached to the connection', 'Atlas API'),
  type: 'gauge',
  labels: connectionLabels,
  samples({ labels, connection }, emit) {
    if (connection) emit(labels, connection.interfaceEndpoints.length);
  },
};

export const connectionStateFamilies: readonly Family<ShownConnection>[] = [
  info,
  ...statusFamilies(naming),
  interfaceEndpoints,
  ...errorFamilies(naming),
];

export const connectionChangeFamilies: readonly Family<ShownConnection>[] = changeFamilies(naming);
