/** What is durable about a source: what its last good poll saw, and what was counted of it over time. */

import { diff, type LinkChange } from './change.ts';
import {
  advanceClusters,
  type ClusterChange,
  type ClusterHistory,
  diffClusters,
  newClusterHistory,
  stringChanges,
} from './cluster.ts';
import {
  advanceAll,
  type ConnectionHistory,
  connectionHistory,
  goneBesides,
  type History,
  interfaceEndpointHistory,
  shared,
} from './histories.ts';
import { byKey, byText } from './keys.ts';
import { type Reading, settle } from './reading.ts';
import { type Snapshot, sameSnapshot } from './snapshot.ts';
import type { Kind } from './status.ts';
import type { Instant } from './time.ts';

export interface Ledger {
  readonly snapshot: Snapshot;
  /** Sorted by id: everything in the snapshot, and what is gone until its tombstone ends. */
  readonly histories: readonly ConnectionHistory[];
  /** Sorted by name: every cluster of the snapshot, and what is gone until its tombstone ends. */
  readonly clusters: readonly ClusterHistory[];
  readonly added: number;
  readonly removed: number;
  readonly interfaceEndpointsAdded: number;
  readonly interfaceEndpointsRemoved: number;
}

export interface Entered {
  /** The very same object when the snapshot says nothing new. */
  readonly ledger: Ledger;
  readonly changes: readonly LinkChange[];
  readonly clusterChanges: readonly ClusterChange[];
}

/**
 * Enters what a poll was told. The first snapshot of a source is its baseline, and one that came through another `api`
 * replaces the last without a change; every other is compared with the last and each difference counted once. `looked`: wall ms of the last good poll before.
 */
export function enterReading(
  ledger: Ledger | null,
  reading: Reading,
  kind: Kind,
  now: Instant,
  looked: number | null = null,
): Entered {
  const snapshot = settle(ledger?.snapshot ?? null, reading);
  if (ledger === null) return { ledger: baseline(snapshot, now), changes: [], clusterChanges: [] };
  if (sameSnapshot(ledger.snapshot, snapshot)) return { ledger, changes: [], clusterChanges: [] };
  if (ledger.snapshot.api !== snapshot.api)
    return { ledger: replace(ledger, snapshot, now), changes: [], clusterChanges: [] };

  const leaving = new Set(reading.connections.flatMap(({ id, leaving }) => (leaving ? [id] : [])));
  const changes = diff(ledger.snapshot, snapshot, kind, leaving);
  const clusterChanges = diffClusters(ledger.snapshot.clusters, snapshot.clusters);
  const count = (type: 'added' | 'removed', ofInterfaceEndpoint: boolean) =>
    changes.filter((change) => change.type === type && (change.interfaceEndpointKey !== null) === ofInterfaceEndpoint)
      .length;
  return {
    changes,
    clusterChanges,
    ledger: {
      snapshot,
      clusters: advanceClusters(
        ledger.clusters,
        { before: ledger.snapshot.clusters, after: snapshot.clusters },
        clusterChanges,
        now,
        looked,
      ),
      histories: advanceAll(ledger, snapshot, changes, kind, now, looked),
      added: ledger.added + count('added', false),
      removed: ledger.removed + count('removed', false),
      interfaceEndpointsAdded: ledger.interfaceEndpointsAdded + count('added', true),
      interfaceEndpointsRemoved: ledger.interfaceEndpointsRemoved + count('removed', true),
    },
  };
}

/** The ledger less the tombstones that are older than `tombstoneForMs`; the same object when there are none. */
export function pruneTombstones(ledger: Ledger, now: Instant, tombstoneForMs: number): Ledger {
  const stays = ({ goneAt }: { readonly goneAt: Instant | null }) =>
    goneAt === null || now.monotonic - goneAt.monotonic < tombstoneForMs;
  const hasEnded = (history: ConnectionHistory) => !stays(history) || !history.interfaceEndpoints.every(stays);
  if (!ledger.histories.some(hasEnded) && ledger.clusters.every(stays)) return ledger;
  const histories = ledger.histories.filter(stays).map((history) =>
    hasEnded(history)
      ? {
          ...history,
          interfaceEndpoints: history.interfaceEndpoints.filter(stays),
        }
      : history,
  );
  return { ...ledger, histories, clusters: ledger.clusters.filter(stays) };
}

/**
 * A ledger that another process wrote: stamps from the future are set to now, and the ages of tombstones go on from the
 * wall clock (the monotonic clock of that process says nothing here).
 */
export function restoreLedger(ledger: Ledger, now: Instant): Ledger {
  const past = (stamp: number) => Math.min(stamp, now.wall);
  const restore = <H extends History>(history: H): H => ({
    ...history,
    statusSince: past(history.statusSince),
    statusChanges: shared(history.statusChanges),
    errorChanges: shared(history.errorChanges),
    errorChangedAt: shared(
      Object.fromEntries(Object.entries(history.errorChangedAt).map(([change, at]) => [change, past(at)])),
    ),
    goneAt: history.goneAt && restoreInstant(history.goneAt.wall, now),
  });
  // A state file of the first edition knows no clusters.
  const { clusters = [], snapshot } = ledger as Ledger & { readonly clusters?: Ledger['clusters'] };
  return {
    ...ledger,
    snapshot: { ...snapshot, clusters: snapshot.clusters ?? [] },
    clusters: clusters.map((history) => ({
      ...history,
      stringChangedAt: Object.fromEntries(
        stringChanges.flatMap((change) => {
          const at = history.stringChangedAt[change];
          return at === undefined ? [] : [[change, past(at)]];
        }),
      ),
      goneAt: history.goneAt && restoreInstant(history.goneAt.wall, now),
    })),
    histories: ledger.histories.map((history) => ({
      ...restore(history),
      interfaceEndpoints: history.interfaceEndpoints.map(restore),
    })),
  };
}

/** Whether anything in a stored ledger is stamped later than now: the clock was ahead once, or is behind now. */
export function hasFutureStamps({ histories, clusters = [] }: Ledger, { wall }: Instant): boolean {
  const isLate = ({ statusSince, errorChangedAt, goneAt }: History) =>
    [statusSince, goneAt?.wall ?? 0, ...Object.values(errorChangedAt)].some((stamp) => stamp > wall);
  const isLateCluster = ({ stringChangedAt, goneAt }: ClusterHistory) =>
    [goneAt?.wall ?? 0, ...Object.values(stringChangedAt)].some((stamp) => stamp > wall);
  return (
    histories.some((history) => isLate(history) || history.interfaceEndpoints.some(isLate)) ||
    clusters.some(isLateCluster)
  );
}

/** A stored wall stamp on both clocks of this process, never later than now. */
export function restoreInstant(wall: number, now: Instant): Instant {
  const age = Math.max(0, now.wall - wall);
  return { wall: now.wall - age, monotonic: now.monotonic - age };
}

function baseline(snapshot: Snapshot, now: Instant): Ledger {
  return {
    snapshot,
    histories: snapshot.connections.map((connection) => connectionHistory(connection, now)),
    clusters: snapshot.clusters.map(newClusterHistory),
    added: 0,
    removed: 0,
    interfaceEndpointsAdded: 0,
    interfaceEndpointsRemoved: 0,
  };
}

/** What came through another `api`: counts go on, `statusSince` where the word is equal; what is not listed ends. */
function replace(ledger: Ledger, snapshot: Snapshot, now: Instant): Ledger {
  const histories = byKey(ledger.histories, ({ id }) => id);
  const connections = byKey(ledger.snapshot.connections, ({ id }) => id);
  const carry = <H extends History>(fresh: H, history: H | undefined, sameWord: boolean): H =>
    history
      ? {
          ...history,
          ...(!sameWord && { statusSince: now.wall, statusNotBefore: undefined }),
          goneAt: null,
        }
      : fresh;

  const listed = snapshot.connections.map((connection) => {
    const history = histories.get(connection.id);
    const was = connections.get(connection.id);
    const endpointHistories = byKey(history?.interfaceEndpoints ?? [], ({ key }) => key);
    const endpointsBefore = byKey(was?.interfaceEndpoints ?? [], ({ key }) => key);
    const endpoints = connection.interfaceEndpoints.map((endpoint) => {
      const sameWord = endpointsBefore.get(endpoint.key)?.detail?.status === endpoint.detail?.status;
      return carry(interfaceEndpointHistory(endpoint, now), endpointHistories.get(endpoint.key), sameWord);
    });
    return {
      ...carry(connectionHistory(connection, now), history, was?.status === connection.status),
      interfaceEndpoints: [...endpoints, ...goneBesides(endpointHistories, endpoints, ({ key }) => key)].sort(
        byText('key'),
      ),
    };
  });
  return {
    ...ledger,
    snapshot,
    histories: [...listed, ...goneBesides(histories, listed, ({ id }) => id)].sort(byText('id')),
  };
}
