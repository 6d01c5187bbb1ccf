/**
 * What one complete poll was told, and what becomes of it beside what was known: an element that cannot be read keeps
 * what was last known of it, and no other element notices.
 */
import { settleClusters } from './cluster.ts';
import {
  type Connection,
  type InterfaceEndpoint,
  type InterfaceEndpointDetail,
  type Snapshot,
  toSnapshot,
} from './snapshot.ts';
import { type Api, OTHER } from './status.ts';

export interface Reading {
  readonly api: Api;
  /** In any order, no id twice. */
  readonly connections: readonly ConnectionReading[];
  /** In any order, no name twice. Of one that cannot be read nothing but its name is told: see `unreadableCluster`. */
  readonly clusters: Snapshot['clusters'];
}

/** A connection as the list tells it. `status` is null when Atlas says none, or when the connection cannot be read. */
export interface ConnectionReading extends Omit<Connection, 'interfaceEndpoints' | 'remoteRegions'> {
  /** null when what Atlas says of them cannot be read. */
  readonly remoteRegions?: readonly string[] | null;
  /** In any order, no key twice; null when Atlas does not tell them. */
  readonly interfaceEndpoints: readonly InterfaceEndpointReading[] | null;
  /** Atlas lists it while it is taken away, as somebody asked: it counts as gone. */
  readonly leaving?: true;
}

export interface InterfaceEndpointReading extends Omit<InterfaceEndpoint, 'detail'> {
  readonly detail: DetailReading | null;
}

/** `status` is null when Atlas says none. */
export type DetailReading = Omit<InterfaceEndpointDetail, 'status'> & { readonly status: string | null };

/** What to do about an element that cannot be read. */
export const unreadableRemedy =
  'Wait for a few polls, Atlas may be about to make or delete it; if it stays so, look it up in Atlas, and go through the runbook AtlasPrivateEndpointUnreadable';

/** An element that cannot be read, since this poll. */
export type UnreadableElement = UnreadablePlace & {
  /** What is wrong with its answer. */
  readonly detail: string;
};

type UnreadablePlace =
  | {
      readonly connectionId: string;
      /** As Atlas spells it; null when it is the connection itself. */
      readonly interfaceEndpointId: string | null;
    }
  | { readonly clusterName: string };

const noStatus = 'Atlas does not say its status';
const noEndpoints = 'Atlas does not list its interface endpoints';
const ofConnection = 'Atlas does not list the interface endpoints of its connection';

/** The first id that stands twice in the answer, or null. Such an answer is no list. */
export function duplicateId(connections: readonly ConnectionReading[]): string | null {
  return (
    firstTwice(connections.map(({ id }) => id)) ??
    connections
      .map(({ interfaceEndpoints }) => firstTwice((interfaceEndpoints ?? []).map(({ key }) => key)))
      .find((key) => key !== null) ??
    null
  );
}

/** The snapshot after a poll. `before`: what was known until then; null when nothing was. */
export function settle(before: Snapshot | null, { api, connections, clusters }: Reading): Snapshot {
  const known = new Map(before?.connections.map((connection) => [connection.id, connection]));
  const staying = connections.filter(({ leaving }) => !leaving);
  return toSnapshot(
    api,
    staying.map((connection) => settleConnection(connection, known.get(connection.id))),
    settleClusters(before?.clusters ?? [], clusters),
  );
}

/** Elements of `after` that could be read before, or were not there. Endpoints whose connection tells of them are left out. */
export function newlyUnreadable(before: Snapshot | null, after: Snapshot): readonly UnreadableElement[] {
  const was = new Set(before ? unreadableElements(before).map(nameOf) : []);
  return unreadableElements(after).filter((element) => !was.has(nameOf(element)) && element.detail !== ofConnection);
}

function settleConnection(is: ConnectionReading, was: Connection | undefined): Connection {
  const { interfaceEndpoints: listed, remoteRegions, ...facts } = is;
  const own = { ...facts, ...withRegions(remoteRegions === null ? was?.remoteRegions : remoteRegions) };
  const interfaceEndpoints = listed ? settleEndpoints(listed, was) : keptEndpoints(was);
  const unreadable = is.unreadable ?? (listed === null ? noEndpoints : withoutStatus(is.status, was?.status));
  if (unreadable === undefined) return { ...own, status: is.status ?? OTHER, interfaceEndpoints };
  return { ...(was ?? own), interfaceEndpoints, unreadable };
}

function withRegions(remoteRegions: readonly string[] | undefined): Pick<Connection, 'remoteRegions'> {
  return remoteRegions === undefined ? {} : { remoteRegions };
}

function settleEndpoints(
  listed: readonly InterfaceEndpointReading[],
  connection: Connection | undefined,
): readonly InterfaceEndpoint[] {
  const known = new Map(connection?.interfaceEndpoints.map((endpoint) => [endpoint.key, endpoint]));
  return listed.map(({ detail, ...is }) => {
    const was = known.get(is.key)?.detail ?? null;
    const unreadable = is.unreadable ?? (detail ? withoutStatus(detail.status, was?.status) : undefined);
    if (unreadable !== undefined) return { ...is, detail: was, unreadable };
    return { ...is, detail: detail && { ...detail, status: detail.status ?? OTHER } };
  });
}

/** None of them is gone, and nothing is known of them now. */
function keptEndpoints(connection: Connection | undefined): readonly InterfaceEndpoint[] {
  return (connection?.interfaceEndpoints ?? []).map((endpoint) => ({ ...endpoint, unreadable: ofConnection }));
}

/** Why an element without a status cannot be read: Atlas said one before. Where it never did there is nothing to miss. */
function withoutStatus(is: string | null, was: string | null | undefined): string | undefined {
  const wasKnown = was !== undefined && was !== null && was !== OTHER;
  return is === null && wasKnown ? noStatus : undefined;
}

function unreadableElements({ connections, clusters }: Snapshot): readonly UnreadableElement[] {
  const ofClusters = clusters.flatMap(({ name: clusterName, unreadable }) =>
    unreadable === undefined ? [] : [{ clusterName, detail: unreadable }],
  );
  const ofConnections = connections.flatMap(({ id: connectionId, unreadable, interfaceEndpoints }) => [
    ...(unreadable === undefined ? [] : [{ connectionId, interfaceEndpointId: null, detail: unreadable }]),
    ...interfaceEndpoints.flatMap(({ id, unreadable: detail }) =>
      detail === undefined ? [] : [{ connectionId, interfaceEndpointId: id, detail }],
    ),
  ]);
  return [...ofConnections, ...ofClusters];
}

function nameOf({ detail: _, ...place }: UnreadableElement): string {
  return JSON.stringify(Object.values(place));
}

function firstTwice(ids: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return null;
}
