/** One poll of one source: fetch, record, commit, publish, tell. */

import { type RecordedChange, toRecordedChange } from '../domain/change-log.ts';
import type { Cluster } from '../domain/cluster.ts';
import { wouldLackString } from '../domain/cluster-standing.ts';
import type { Failure } from '../domain/failure.ts';
import { happenedAfter } from '../domain/happened-after.ts';
import { expire, type PollOutcome, recordPoll, recordWait, type SkipReason, type SourceState } from '../domain/poll.ts';
import type { Reading, UnreadableElement } from '../domain/reading.ts';
import { type Source, sourceKey } from '../domain/source.ts';
import { listsOf } from '../domain/status.ts';
import { type SourceWrite, toPut } from '../domain/stored.ts';
import type { Clock, Instant } from '../domain/time.ts';
import type { ClusterListView } from '../domain/view.ts';
import type { Fleet } from './fleet.ts';
import { pollDeadlineMs } from './poll-deadline.ts';

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** How long it may take once it is on a lane, in ms, with so many details to ask for. */
  deadlineMs(details: number): number;
  /** A wait for a rate limit begins. `refusal` is null when the poll only spares a limit that runs low. */
  onLimited(wait: { readonly waitMs: number; readonly refusal: Failure | null }): void;
  /** Whether Atlas' managed strings are asked of a cluster that was just read: before it is called one without a string. */
  asksManaged(cluster: Cluster): boolean;
}

export interface PollerParts {
  readonly fleet: Fleet;
  readonly clock: Clock;
  /** One complete poll; what it throws fails the poll. */
  fetchReading(source: Source, options: FetchOptions): Promise<Reading>;
  /** Why a poll threw. */
  failureOf(thrown: unknown): Failure;
  /** Never rejects: what cannot be written now is written later. */
  commit(writes: readonly SourceWrite[]): Promise<void>;
  nextChangeId(): number;
  readonly tell: {
    polled(source: Source, outcome: PollOutcome, seconds: number): void;
    skipped(source: Source, reason: SkipReason): void;
    changed(change: RecordedChange): void;
    /** A poll waits because Atlas refused it for a while. */
    waiting(source: Source, refusal: Failure, waitMs: number): void;
    unknownStatuses(source: Source, count: number): void;
    /** Elements that cannot be read any more, each once. */
    unreadable(source: Source, elements: readonly UnreadableElement[]): void;
    /** Sources that are no longer watched. */
    abandoned(sources: readonly Source[]): void;
  };
}

export interface Poller extends AsyncDisposable {
  /**
   * Polls a source unless it is queued or running; `optional` polls are left out in silence then. A `first` poll, at once
   * after the start, keeps the slots that come while it waits. Never rejects.
   */
  poll(key: string, options?: { readonly optional?: boolean; readonly first?: boolean }): Promise<void>;
  /** Lets time pass over every source: staleness and the end of tombstones. Never rejects. */
  expire(limitsOf: (source: Source) => { staleAfterMs: number; tombstoneForMs: number }): Promise<void>;
  /** Ends the polls of sources that are no longer watched. */
  abandon(sources: readonly Source[]): void;
}

interface Running {
  readonly first: boolean;
  readonly controller: AbortController;
  limited: boolean;
}

export function createPoller(parts: PollerParts): Poller {
  const { fleet, clock, tell } = parts;
  const running = new Map<string, Running>();
  const turns = createTurns();
  const { advance, record } = createRecorder(parts);
  const pending = new Set<Promise<void>>();
  let closed = false;

  const track = async (work: Promise<void>) => {
    pending.add(work);
    await work;
    pending.delete(work);
  };

  const showWait = (key: string, refusal: Failure) => {
    const state = fleet.find(key)?.state;
    if (state) fleet.publish(key, recordWait(state, refusal));
  };

  const fetchOutcome = async (source: Source, run: Running): Promise<PollOutcome> => {
    const options: FetchOptions = {
      signal: run.controller.signal,
      deadlineMs: (details) => pollDeadlineMs(source, details),
      asksManaged: (cluster) => {
        const list = clusterListOf(fleet, source);
        return list !== null && wouldLackString(cluster, list, clock.wall());
      },
      onLimited({ waitMs, refusal }) {
        run.limited = true;
        if (refusal === null) return;
        void track(turns.take(source.key, async () => showWait(source.key, refusal)));
        tell.waiting(source, refusal, waitMs);
      },
    };
    try {
      return { ok: true, reading: await parts.fetchReading(source, options) };
    } catch (thrown) {
      return { ok: false, failure: parts.failureOf(thrown) };
    }
  };

  const pollOnce = async (source: Source, run: Running) => {
    const started = clock.monotonic();
    let outcome = await fetchOutcome(source, run);
    if (run.controller.signal.aborted) return;
    try {
      await turns.take(source.key, () => record(source, outcome));
    } catch (thrown) {
      outcome = { ok: false, failure: parts.failureOf(thrown) };
      await turns.take(source.key, () => record(source, outcome));
    }
    // A source that left meanwhile is not told of: it would stay in the memory of the log.
    if (run.controller.signal.aborted) return;
    tell.polled(source, outcome, (clock.monotonic() - started) / 1000);
  };

  return {
    async poll(key, { optional = false, first = false } = {}) {
      const source = fleet.find(key)?.source;
      if (!source || closed) return;
      const busy = running.get(key);
      if (busy) {
        if (!optional && !busy.first) tell.skipped(source, busy.limited ? 'limited' : 'overlap');
        return;
      }
      const run: Running = { first, controller: new AbortController(), limited: false };
      running.set(key, run);
      await track(pollOnce(source, run));
      if (running.get(key) === run) running.delete(key);
    },
    async expire(limitsOf) {
      const instant = momentOf(clock);
      const steps = [...fleet.sources()].flatMap(({ source, state }) => {
        // A source whose step is under way is left out: the next minute comes soon enough.
        if (turns.isTaken(source.key)) return [];
        const after = expire(state, instant, limitsOf(source));
        return after === state ? [] : [turns.take(source.key, () => advance(source.key, state, after, []))];
      });
      await track(Promise.all(steps).then(() => undefined));
    },
    abandon(sources) {
      for (const { key } of sources) {
        running.get(key)?.controller.abort();
        running.delete(key);
      }
      tell.abandoned(sources);
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const { controller } of running.values()) controller.abort();
      await Promise.all(pending);
    },
  };
}

/** What is known of a list of clusters before it is read anew. */
function clusterListOf(fleet: Fleet, { key, projectId }: Source): ClusterListView | null {
  const view = fleet.find(key);
  const links = listsOf('cluster').flatMap((cloud) => fleet.find(sourceKey(projectId, 'cluster', cloud)) ?? []);
  return view ? { ...view, links } : null;
}

/** The turns of each source: one step after the other, because a poll and the passing of time must not overwrite each other. */
function createTurns() {
  const turns = new Map<string, Promise<void>>();
  return {
    isTaken: (key: string) => turns.has(key),
    take(key: string, step: () => Promise<void>): Promise<void> {
      const turn = (turns.get(key) ?? Promise.resolve()).then(step).finally(() => {
        if (turns.get(key) === turn) turns.delete(key);
      });
      turns.set(key, turn);
      return turn;
    },
  };
}

/** Enters what a poll came to, or what time did: committed first, visible second, told third. */
function createRecorder({ fleet, clock, tell, commit, nextChangeId }: PollerParts) {
  const advance = async (key: string, before: SourceState, after: SourceState, changes: readonly RecordedChange[]) => {
    const put = after.ledger === before.ledger ? null : toPut(key, after, changes);
    if (put) await commit([put]);
    // A source that left and came back meanwhile begins anew, and has another state by now.
    if (fleet.find(key)?.state === before) fleet.publish(key, after);
  };
  const record = async (source: Source, outcome: PollOutcome) => {
    const state = fleet.find(source.key)?.state;
    if (!state) return;
    const instant = momentOf(clock);
    const recorded = recordPoll(source, state, outcome, instant);
    const changes = recorded.changes.map((change) =>
      toRecordedChange(source, change, {
        id: nextChangeId(),
        at: instant.wall,
        not_before: happenedAfter(state, change),
      }),
    );
    await advance(source.key, state, recorded.state, changes);
    for (const change of changes) tell.changed(change);
    if (recorded.unknownStatuses > 0) tell.unknownStatuses(source, recorded.unknownStatuses);
    if (recorded.unreadable.length > 0) tell.unreadable(source, recorded.unreadable);
  };
  return { advance, record };
}

function momentOf(clock: Clock): Instant {
  return { wall: clock.wall(), monotonic: clock.monotonic() };
}
