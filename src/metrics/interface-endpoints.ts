/** The families of interface endpoints. */

import { namesInMessages } from '../domain/change.ts';
import { classOfInterfaceEndpoint } from '../domain/connection-class.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { InterfaceEndpoint, InterfaceEndpointDetail } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import { interfaceEndpointStatuses, shownStatus } from '../domain/status.ts';
import { type Family, interfaceEndpointLabels, sourceLabelValues, stateHelp } from './family.ts';
import {
  changeFamilies,
  errorFamilies,
  type Naming,
  type Subject,
  statusFamilies,
  toShownError,
  unreadableFamily,
} from './subject.ts';

export interface ShownInterfaceEndpoint extends Subject {
  /** The interface endpoint of the last snapshot; null when it is gone or its source is stale. */
  readonly endpoint: InterfaceEndpoint | null;
}

const prefix = 'mongodb_atlas_private_endpoint_interface_endpoint';
const naming: Naming = {
  prefix,
  thing: 'interface endpoint',
  statusField: 'connectionStatus (AWS) or status',
  labels: interfaceEndpointLabels,
};

/** Every interface endpoint that the ledger knows, in the order of connections and keys; those that are gone are included. */
export function toShownInterfaceEndpoints(
  source: Source,
  ledger: Ledger,
  stale: boolean,
  withErrorText: boolean,
): readonly ShownInterfaceEndpoint[] {
  const { api, connections } = ledger.snapshot;
  const listed = new Map(
    connections.map(({ id, interfaceEndpoints }) => [
      id,
      new Map(interfaceEndpoints.map((entry) => [entry.key, entry])),
    ]),
  );
  // An interface endpoint that is gone had a status only if its source asks for details.
  const askedFor = source.interfaceEndpoints && api !== 'v1.0';
  const isKnown = namesInMessages(ledger.snapshot);

  return ledger.histories.flatMap((connection) =>
    connection.interfaceEndpoints.map((history): ShownInterfaceEndpoint => {
      const present = listed.get(connection.id)?.get(history.key) ?? null;
      const detailed = present ? present.detail !== null : askedFor;
      const endpoint = stale ? null : present;
      const detail = endpoint && endpoint.unreadable === undefined ? endpoint.detail : null;
      return {
        endpoint,
        labels: [...sourceLabelValues(source), connection.id, history.id],
        statuses: interfaceEndpointStatuses(source.kind, connection.cloudProvider),
        facts: endpoint &&
          detail && {
            status: detail.status,
            ready: classOfInterfaceEndpoint(source.kind, connection.cloudProvider, endpoint) === 'ready',
            error: toShownError(detail.errorMessage, isKnown, withErrorText),
          },
        unreadable: endpoint?.unreadable !== undefined,
        past: detailed ? history : null,
        goneAt: history.goneAt?.wall ?? null,
      };
    }),
  );
}

const info: Family<ShownInterfaceEndpoint> = {
  name: `${prefix}_info`,
  help: stateHelp('What the interface endpoint is; always 1', 'Atlas API'),
  type: 'gauge',
  labels: [...interfaceEndpointLabels, 'connection_name'],
  samples({ labels, endpoint }, emit) {
    if (endpoint) emit(labels, 1, endpoint.detail?.connectionName);
  },
};

const deleteRequested: Family<ShownInterfaceEndpoint> = {
  name: `${prefix}_delete_requested`,
  help: stateHelp(
    'Whether somebody asked for the removal of the interface endpoint: 1 when so, else 0',
    'Atlas API field deleteRequested',
  ),
  type: 'gauge',
  labels: interfaceEndpointLabels,
  samples({ labels, endpoint }, emit) {
    if (endpoint?.detail && endpoint.unreadable === undefined) emit(labels, endpoint.detail.deleteRequested ? 1 : 0);
  },
};

const members: Family<ShownInterfaceEndpoint> = {
  name: `${prefix}_members`,
  help: stateHelp(
    'How many members of the endpoint group are in the status; only of GCP',
    'Atlas API field endpoints[].status',
  ),
  type: 'gauge',
  labels: [...interfaceEndpointLabels, 'status'],
  samples({ labels, statuses, endpoint }, emit) {
    const counts = endpoint?.detail?.members;
    if (!counts || endpoint.unreadable !== undefined) return;
    const shown = shownCounts(statuses, counts);
    for (const status of statuses) emit(labels, shown.get(status) ?? 0, status);
  },
};

/** Counts of members by the status that is shown: unknown words are counted together as OTHER. */
function shownCounts(
  statuses: readonly string[],
  counts: NonNullable<InterfaceEndpointDetail['members']>,
): ReadonlyMap<string, number> {
  const shown = new Map<string, number>();
  for (const [word, count] of Object.entries(counts)) {
    const status = shownStatus(statuses, word);
    shown.set(status, (shown.get(status) ?? 0) + count);
  }
  return shown;
}

export const interfaceEndpointStateFamilies: readonly Family<ShownInterfaceEndpoint>[] = [
  info,
  unreadableFamily(naming),
  ...statusFamilies(naming),
  ...errorFamilies(naming),
  deleteRequested,
  members,
];

export const interfaceEndpointChangeFamilies: readonly Family<ShownInterfaceEndpoint>[] = changeFamilies(naming);
