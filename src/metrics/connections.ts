/** The families of connections. */

import { namesInMessages } from '../domain/change.ts';
import { classOfConnection } from '../domain/connection-class.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { Connection } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import { connectionStatuses } from '../domain/status.ts';
import { sunsetAt } from '../domain/sunset.ts';
import { connectionLabels, type Family, sourceLabelValues, stateHelp, toSeconds } from './family.ts';
import {
  changeFamilies,
  errorFamilies,
  type Naming,
  type Subject,
  statusFamilies,
  toShownError,
  unreadableFamily,
} from './subject.ts';

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
  const isKnown = namesInMessages(snapshot);
  const toFacts = (connection: Connection) => {
    const { status, errorMessage, unreadable } = connection;
    if (status === null || unreadable !== undefined) return null;
    return {
      status,
      ready: classOfConnection(source.kind, snapshot.api, connection) === 'ready',
      error: toShownError(errorMessage, isKnown, withErrorText),
    };
  };
  return histories.map((history): ShownConnection => {
    const connection = listed.get(history.id) ?? null;
    return {
      connection,
      labels: [...sourceLabelValues(source), history.id],
      statuses: connectionStatuses(source.kind),
      facts: connection && toFacts(connection),
      unreadable: connection?.unreadable !== undefined,
      past: history,
      goneAt: history.goneAt?.wall ?? null,
    };
  });
}

const info: Family<ShownConnection> = {
  name: `${prefix}_info`,
  help: stateHelp('What the connection is; always 1', 'Atlas API'),
  type: 'gauge',
  labels: [
    ...connectionLabels,
    'atlas_region',
    'endpoint_service_name',
    'connection_cloud_provider',
    'connection_name',
    'vendor',
  ],
  samples({ labels, connection }, emit) {
    if (!connection) return;
    const { region, endpointServiceName, cloudProvider, connectionName = '', vendor = '' } = connection;
    emit([...labels, region, endpointServiceName, cloudProvider, connectionName, vendor], 1);
  },
};

const remoteRegion: Family<ShownConnection> = {
  name: `${prefix}_remote_region`,
  help: stateHelp(
    'Another region that may connect to the connection; always 1, only of AWS',
    'Atlas API field supportedRemoteRegions',
  ),
  type: 'gauge',
  labels: [...connectionLabels, 'atlas_region'],
  samples({ labels, connection }, emit) {
    if (!connection || connection.unreadable !== undefined) return;
    for (const region of connection.remoteRegions ?? []) emit(labels, 1, region);
  },
};

const interfaceEndpoints: Family<ShownConnection> = {
  name: `${prefix}_interface_endpoints`,
  help: stateHelp('How many interface endpoints are attached to the connection', 'Atlas API'),
  type: 'gauge',
  labels: connectionLabels,
  samples({ labels, connection }, emit) {
    if (connection && connection.unreadable === undefined) emit(labels, connection.interfaceEndpoints.length);
  },
};

const sunset: Family<ShownConnection> = {
  name: `${prefix}_sunset_timestamp_seconds`,
  help: stateHelp(
    'When Atlas will stop serving the connection as it is, as a Unix time; only of such',
    'Atlas API field portMappingEnabled, and the date that Atlas announced',
  ),
  type: 'gauge',
  labels: [...connectionLabels, 'sunset'],
  samples({ labels, connection }, emit) {
    const word = connection?.sunset;
    if (word !== undefined) emit(labels, toSeconds(sunsetAt(word)), word);
  },
};

export const connectionStateFamilies: readonly Family<ShownConnection>[] = [
  info,
  remoteRegion,
  sunset,
  unreadableFamily(naming),
  ...statusFamilies(naming),
  interfaceEndpoints,
  ...errorFamilies(naming),
];

export const connectionChangeFamilies: readonly Family<ShownConnection>[] = changeFamilies(naming);
