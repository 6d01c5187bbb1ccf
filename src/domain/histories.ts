/** The past of each connection and interface endpoint, and how changes advance it. */
import type { ErrorChange, LinkChange } from './change.ts';
import { byKey } from './keys.ts';
import { keepLastRead, notBeforeOf, type Remembering } from './last-read.ts';
import type { Connection, InterfaceEndpoint, Snapshot } from './snapshot.ts';
import { connectionStatuses, interfaceEndpointStatuses, type Kind, shownStatus } from './status.ts';
import type { Instant } from './time.ts';

/** The past of one connection or interface endpoint. Stamps are wall ms; a count that is missing is 0. */
export interface History extends Remembering {
  /** When the present status was first seen. Of an interface endpoint known by its id only it means nothing. */
  readonly statusSince: number;
  /** The last good poll before the present status was seen: it began after that. Missing when nobody looked before. */
  readonly statusNotBefore?: number | undefined;
  /** The same of the last time that an error message was set. */
  readonly errorNotBefore?: number;
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
  looked: number | null,
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
    const was = before.get(id);
    const start = was?.status === null && connection ? learnedNow(history, connection, now) : history;
    const entry = { statuses, now, notBefore: notBeforeOf(history, was, looked) };
    return {
      ...keepLastRead(
        own.reduce((past, change) => apply(past, change, entry), start),
        was,
        connection,
        looked,
      ),
      interfaceEndpoints: advanceEndpoints(history, {
        before: was,
        after: connection,
        changes: mine,
        kind,
        now,
        looked,
      }),
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

interface EndpointsStep {
  readonly before: Connection | undefined;
  readonly after: Connection | undefined;
  readonly changes: readonly LinkChange[];
  readonly kind: Kind;
  readonly now: Instant;
  readonly looked: number | null;
}

function advanceEndpoints(
  { interfaceEndpoints: histories, cloudProvider }: ConnectionHistory,
  { before, after, changes, kind, now, looked }: EndpointsStep,
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
    const entry = { statuses, now, notBefore: notBeforeOf(history, was.get(key), looked) };
    const after = (changesOf.get(key) ?? []).reduce((past, change) => apply(past, change, entry), start);
    return keepLastRead(after, was.get(key), endpoint, looked);
  });
}

interface Entry {
  readonly statuses: readonly string[];
  readonly now: Instant;
  readonly notBefore: number | null;
}

function apply<H extends History>(history: H, change: LinkChange, { statuses, now, notBefore }: Entry): H {
  const statusNotBefore = notBefore === null ? {} : { statusNotBefore: notBefore };
  switch (change.type) {
    case 'added':
      return { ...history, statusSince: now.wall, ...statusNotBefore, goneAt: null };
    case 'removed':
      return { ...history, goneAt: now };
    case 'delete_requested':
    case 'remote_regions':
      return history;
    case 'status': {
      const status = shownStatus(statuses, change.to);
      const statusChanges = {
        ...history.statusChanges,
        [status]: (history.statusChanges[status] ?? 0) + 1,
      };
      return { ...history, statusChanges, statusSince: now.wall, ...statusNotBefore };
    }
    case 'error_message': {
      const errorChanges = {
        ...history.errorChanges,
        [change.change]: (history.errorChanges[change.change] ?? 0) + 1,
      };
      return {
        ...history,
        errorChanges,
        ...(change.change === 'set' && notBefore !== null && { errorNotBefore: notBefore }),
        errorChangedAt: {
          ...history.errorChangedAt,
          [change.change]: now.wall,
        },
      };
    }
  }
}
