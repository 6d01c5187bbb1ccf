/** The only state machine: what a poll, and time alone, make of what is known about a source. */

import type { Change } from './change.ts';
import { classOfConnection, classOfInterfaceEndpoint } from './connection-class.ts';
import type { Failure } from './failure.ts';
import { enterReading, type Ledger, pruneTombstones } from './ledger.ts';
import { newlyUnreadable, type Reading, type UnreadableElement } from './reading.ts';
import type { Source } from './source.ts';
import type { StatusClass } from './status.ts';
import type { Instant } from './time.ts';
import { unknownStatusesEntered } from './unknown-statuses.ts';

/** What one poll came to. */
export type PollOutcome =
  | { readonly ok: true; readonly reading: Reading }
  | { readonly ok: false; readonly failure: Failure };

/** Why a source was not polled when it was due: its last poll still ran, or waited for a rate limit. */
export const skipReasons = ['overlap', 'limited'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** How recent the ledger is. Moves with every poll; only flushed now and then. */
export interface Freshness {
  /** Whether the last poll succeeded. */
  readonly up: boolean;
  /** Why the last poll failed; null when it did not. */
  readonly failure: Failure | null;
  readonly lastSuccess: Instant | null;
  /** Whether it was not polled successfully for so long that its 5.1 series are no longer shown. */
  readonly stale: boolean;
}

export interface SourceState {
  /** null until the first good poll. */
  readonly ledger: Ledger | null;
  readonly freshness: Freshness;
}

export interface Recorded {
  readonly state: SourceState;
  readonly changes: readonly Change[];
  /** How many things entered a status that this version does not know. */
  readonly unknownStatuses: number;
  /** What cannot be read, since this poll. */
  readonly unreadable: readonly UnreadableElement[];
}

/** A source that was never polled. */
export const unpolled: SourceState = {
  ledger: null,
  freshness: { up: false, failure: null, lastSuccess: null, stale: false },
};

/** What a poll makes of a state. Without a change the ledger is the very same object. */
export function recordPoll(source: Source, state: SourceState, outcome: PollOutcome, now: Instant): Recorded {
  if (!outcome.ok) {
    const freshness = { ...state.freshness, up: false, failure: outcome.failure };
    return { state: { ...state, freshness }, changes: [], unknownStatuses: 0, unreadable: [] };
  }
  const looked = state.freshness.lastSuccess?.wall ?? null;
  const { ledger, changes, clusterChanges } = enterReading(state.ledger, outcome.reading, source.kind, now, looked);
  const freshness = { up: true, failure: null, lastSuccess: now, stale: false };
  const recorded = { state: { ledger, freshness }, changes: [...changes, ...clusterChanges] };
  if (ledger === state.ledger) return { ...recorded, unknownStatuses: 0, unreadable: [] };
  const before = state.ledger?.snapshot ?? null;
  return {
    ...recorded,
    unknownStatuses: unknownStatusesEntered(before, ledger.snapshot, source.kind),
    unreadable: newlyUnreadable(before, ledger.snapshot),
  };
}

/** What a wait for a rate limit makes of a state: the refusal shows while the wait lasts, and all else stays. */
export function recordWait(state: SourceState, refusal: Failure): SourceState {
  return { ...state, freshness: { ...state.freshness, failure: refusal } };
}

/** Whether two states of a source differ in nothing but when it was last polled: so after nearly every poll. */
export function sameButTimes(a: SourceState, b: SourceState): boolean {
  return (
    a.ledger === b.ledger &&
    a.freshness.stale === b.freshness.stale &&
    a.freshness.up === b.freshness.up &&
    a.freshness.failure?.reason === b.freshness.failure?.reason
  );
}

/** What time alone does: staleness begins, tombstones end. The same object when it does nothing. */
export function expire(
  state: SourceState,
  now: Instant,
  limits: { readonly staleAfterMs: number; readonly tombstoneForMs: number },
): SourceState {
  const { lastSuccess, stale } = state.freshness;
  const ledger = state.ledger && pruneTombstones(state.ledger, now, limits.tombstoneForMs);
  const isStale = stale || (lastSuccess !== null && now.monotonic - lastSuccess.monotonic >= limits.staleAfterMs);
  if (ledger === state.ledger && isStale === stale) return state;
  return { ledger, freshness: { ...state.freshness, stale: isStale } };
}

const passing: ReadonlySet<StatusClass> = new Set(['progressing', 'deleting']);

/** Whether something is progressing or deleting since less than `forMs`: such a source is worth the fast schedule. */
export function inTransition(source: Source, { ledger }: SourceState, now: Instant, forMs: number): boolean {
  if (!ledger) return false;
  const { snapshot, histories } = ledger;
  const recent = ({ statusSince }: { statusSince: number }) => now.wall - statusSince < forMs;
  return snapshot.connections.some((connection) => {
    const { id, interfaceEndpoints, cloudProvider } = connection;
    const history = histories.find((entry) => entry.id === id);
    if (!history) return false;
    return (
      (passing.has(classOfConnection(source.kind, snapshot.api, connection)) && recent(history)) ||
      interfaceEndpoints.some((endpoint) => {
        if (!passing.has(classOfInterfaceEndpoint(source.kind, cloudProvider, endpoint))) return false;
        const past = history.interfaceEndpoints.find(({ key }) => key === endpoint.key);
        return past !== undefined && recent(past);
      })
    );
  });
}

/** Whether a source was restored or polled once, with whatever end. */
export function wasTried({ freshness }: SourceState): boolean {
  return freshness.lastSuccess !== null || freshness.failure !== null;
}
