/** The past of each connection and interface endpoint, and how changes advance it. */
import type { ErrorChange, LinkChange } from './change.ts';
import { byKey } from './keys.ts';
import type { Connection, InterfaceEndpoint, Snapshot } from './snapshot.ts';
import { connectionStatuses, interfaceEndpointStatuses, type Kind, shownStatus } from './status.ts';
import type { Instant } from './time.ts';

/** The past of one connection or interface endpoint. Stamps are wall ms; a count that is missing is 0. */
export interface History {
  /** When the present status was first seen. Of an interface endpoint known by its id only it means nothing. */
  readonly statusSince: number;
  /** How often each shown status was entered. */
  readonly statusChanges: Readonly<Record<string, number>>;
  readonly errorChanges: Readonly<Partial<Record<ErrorChange, number>>>;
  readonly errorChangedAt: Readonly<Partial<Record<ErrorChange, number>>>;
  /** The tombstone: when it was seen gone; null while it is there. */
  readonly goneAt: Instant | null;
}

export interface ConnectionHistory extends History {
  readonly id: string;
  readonly cloudProvider: string;
  /** Sorted by key. */
  readonly interfaceEndpoints: readonly InterfaceEndpointHistory[];
}

export interface InterfaceEndpointHistory extends History {
  readonly key: string;
  /** The first spelling that Atlas gave it. */
  readonly id: string;
}

export function connectionHistory(connection: Connection, now: Instant): ConnectionHistory {
  return {
    id: connection.id,
    cloudProvider: connection.cloudProvider,
    ...newHistory(now),
    interfaceEndpoints: connection.interfaceEndpoints.map((endpoint) => interfaceEndpointHistory(endpoint, now)),
  };
}

export function interfaceEndpointHistory({ key, id }: InterfaceEndpoint, now: Instant): InterfaceEndpointHistory {
  return { key, id, ...newHistory(now) };
}

/** Shared: to most nothing ever happened, and three empty objects each add up. */
const nothingYet = Object.freeze({});

export function shared<T extends object>(record: T): T {
  return Object.keys(record).length === 0 ? (nothingYet as T) : record;
}

function newHistory(now: Instant): History {
  return {
    statusSince: now.wall,
    statusChanges: nothingYet,
    errorChanges: nothingYet,
    errorChangedAt: nothingYet,
    goneAt: null,
  };
}

export function goneBesides<H extends History>(
  before: ReadonlyMap<string, H>,
  listed: readonly H[],
  keyOf: (history: H) => string,
): readonly H[] {
  const keys = new Set(listed.map(keyOf));
  return [...before].flatMap(([key, history]) => (history.goneAt !== null && !keys.has(key) ? [history] : []));
}

export function advanceAll(
  past: { readonly snapshot: Snapshot; readonly histories: readonly ConnectionHistory[] },
  snapshot: Snapshot,
  changes: readonly LinkChange[],
  kind: Kind,
  now: Instant,
): readonly ConnectionHistory[] {
  const histories = byKey(past.histories, ({ id }) => id);
  const before = byKey(past.snapshot.connections, ({ id }) => id);
  const after = byKey(snapshot.connections, ({ id }) => id);
  const changesOf = Map.groupBy(changes, ({ connectionId }) => connectionId);
  const ids = [...new Set([...histories.keys(), ...after.keys()])].sort();

  return ids.flatMap((id) => {
    const connection = after.get(id);
    const fresh = connection && connectionHistory({ ...connection, interfaceEndpoints: [] }, now);
    const history = histories.get(id) ?? fresh;
    if (!history) return [];
    const mine = changesOf.get(id) ?? [];
    if (mine.length === 0 && before.get(id) === connection) return [history];
    const own = mine.filter(({ interfaceEndpointKey }) => interfaceEndpointKey === null);
    const statuses = connectionStatuses(kind);
    const start = before.get(id)?.status === null && connection ? learnedNow(history, connection, now) : history;
    return {
      ...own.reduce((past, change) => apply(past, change, statuses, now), start),
      interfaceEndpoints: advanceEndpoints(history, before.get(id), connection, mine, kind, now),
    };
  });
}

/** What is learned first of a connection counts from now, and is no change. */
function learnedNow(
  history: ConnectionHistory,
  { status, cloudProvider }: Connection,
  now: Instant,
): ConnectionHistory {
  return status === null ? history : { ...history, cloudProvider, statusSince: now.wall };
}

function advanceEndpoints(
  { interfaceEndpoints: histories, cloudProvider }: ConnectionHistory,
  before: Connection | undefined,
  after: Connection | undefined,
  changes: readonly LinkChange[],
  kind: Kind,
  now: Instant,
): readonly InterfaceEndpointHistory[] {
  const statuses = interfaceEndpointStatuses(kind, cloudProvider);
  const past = byKey(histories, ({ key }) => key);
  const was = byKey(before?.interfaceEndpoints ?? [], ({ key }) => key);
  const is = byKey(after?.interfaceEndpoints ?? [], ({ key }) => key);
  const changesOf = Map.groupBy(changes, ({ interfaceEndpointKey }) => interfaceEndpointKey ?? '');

  return [...new Set([...past.keys(), ...is.keys()])].sort().flatMap((key) => {
    const endpoint = is.get(key);
    const history = past.get(key) ?? (endpoint && interfaceEndpointHistory(endpoint, now));
    if (!history) return [];
    // What is learned first about it counts from now, and is no change.
    const learned = endpoint?.detail && was.has(key) && was.get(key)?.detail === null;
    const start = learned ? { ...history, statusSince: now.wall } : history;
    return (changesOf.get(key) ?? []).reduce((entry, change) => apply(entry, change, statuses, now), start);
  });
}

function apply<H extends History>(history: H, change: LinkChange, statuses: readonly string[], now: Instant): H {
  switch (change.type) {
    case 'added':
      return { ...history, statusSince: now.wall, goneAt: null };
    case 'removed':
      return { ...history, goneAt: now };
    case 'delete_requested':
      return history;
    case 'status': {
      const status = shownStatus(statuses, change.to);
      const statusChanges = {
        ...history.statusChanges,
        [status]: (history.statusChanges[status] ?? 0) + 1,
      };
      return { ...history, statusChanges, statusSince: now.wall };
    }
    case 'error_message': {
      const errorChanges = {
        ...history.errorChanges,
        [change.change]: (history.errorChanges[change.change] ?? 0) + 1,
      };
      return {
        ...history,
        errorChanges,
        errorChangedAt: {
          ...history.errorChangedAt,
          [change.change]: now.wall,
        },
      };
    }
  }
}
