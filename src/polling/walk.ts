/**
 * A walk asks one question after the other, each when it is due, so that ten thousand questions are no burst. A few may be
 * under way at once: a slow answer does not hold up the others.
 */
import type { Clock } from '../domain/time.ts';

export interface Walk<Q> extends AsyncDisposable {
  /** Plans a question, in place of one that is planned under the same key. */
  put(key: string, question: Q, afterMs: number): void;
  /** Whether the question is planned or under way. */
  has(key: string): boolean;
  /** Asks it no more. An answer that is on its way is not waited for. */
  drop(key: string): void;
}

export interface WalkParts<Q> {
  readonly clock: Clock;
  /** Asks, and resolves with the ms after which to ask again; null for never. Must not reject. */
  ask(question: Q, signal: AbortSignal): Promise<number | null>;
}

/** The time between the begins of two questions: 36,000 begin in an hour at most. */
const betweenMs = 100;
const mostAtOnce = 4;

interface Turn<Q> {
  readonly key: string;
  readonly question: Q;
  /** Monotonic ms. */
  readonly at: number;
}

export function createWalk<Q>({ clock, ask }: WalkParts<Q>): Walk<Q> {
  const line = createLine<Q>();
  /** The turn under way of each key. One that was dropped or replaced meanwhile is not asked again. */
  const running = new Map<string, Turn<Q>>();
  const work = new Set<Promise<void>>();
  const end = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;

  const take = async (turn: Turn<Q>): Promise<void> => {
    const againAfter = await ask(turn.question, end.signal);
    if (running.get(turn.key) !== turn) return;
    running.delete(turn.key);
    if (againAfter !== null) plan(turn.key, turn.question, againAfter);
  };
  const start = () => {
    const turn = line.shift();
    if (!turn) return;
    lastAt = clock.monotonic();
    running.set(turn.key, turn);
    const taken = take(turn).finally(() => {
      work.delete(taken);
      arm();
    });
    work.add(taken);
    arm();
  };
  const arm = () => {
    clearTimeout(timer);
    const next = line.first();
    if (end.signal.aborted || !next || work.size >= mostAtOnce) return;
    timer = setTimeout(start, Math.max(0, next.at - clock.monotonic(), lastAt + betweenMs - clock.monotonic()));
    timer.unref();
  };
  const plan = (key: string, question: Q, afterMs: number) =>
    line.push({ key, question, at: clock.monotonic() + afterMs }, afterMs);

  return {
    put(key, question, afterMs) {
      running.delete(key);
      plan(key, question, afterMs);
      arm();
    },
    has: (key) => running.has(key) || line.has(key),
    drop(key) {
      running.delete(key);
      line.drop(key);
    },
    async [Symbol.asyncDispose]() {
      end.abort();
      clearTimeout(timer);
      await Promise.all(work);
    },
  };
}

/** Turns by when they are due. Those that wait equally long stay in the order in which they came, so none is searched. */
function createLine<Q>() {
  const lanes = new Map<number, Map<string, Turn<Q>>>();
  const laneOf = new Map<string, number>();
  const drop = (key: string) => {
    const waitMs = laneOf.get(key);
    if (waitMs === undefined) return;
    laneOf.delete(key);
    const lane = lanes.get(waitMs);
    lane?.delete(key);
    if (lane?.size === 0) lanes.delete(waitMs);
  };
  const first = (): Turn<Q> | null => {
    let next: Turn<Q> | null = null;
    for (const lane of lanes.values()) {
      const [head] = lane.values();
      if (head && (next === null || head.at < next.at)) next = head;
    }
    return next;
  };
  return {
    has: (key: string) => laneOf.has(key),
    drop,
    first,
    push(turn: Turn<Q>, waitMs: number) {
      drop(turn.key);
      laneOf.set(turn.key, waitMs);
      const lane = lanes.get(waitMs) ?? new Map<string, Turn<Q>>();
      lanes.set(waitMs, lane.set(turn.key, turn));
    },
    shift(): Turn<Q> | null {
      const next = first();
      if (next) drop(next.key);
      return next;
    },
  };
}
