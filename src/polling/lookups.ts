/**
 * Look-ups, by their table: each subject is asked when it comes and then as often as its row says, one after the other, so
 * that ten thousand projects are no burst and the polls hardly notice. A look-up that fails keeps what was learned before.
 */
import type { Failure } from '../domain/failure.ts';
import { type Learned, type LookupRow, type ProjectFacts, subjectsOf } from '../domain/lookup.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';
import { createLookupTrouble, type LookupQuestion, type LookupTeller } from './lookup-trouble.ts';

export interface Lookups extends AsyncDisposable {
  /** Whom to ask from now on. A subject that comes is asked soon, one that stays keeps its turn. */
  configure(sources: readonly Source[], isListed: (projectId: string) => boolean): void;
}

export interface LookupsParts<Name extends string> {
  readonly clock: Clock;
  readonly rows: Readonly<Record<Name, LookupRow>>;
  /** Asks Atlas, or throws. */
  fetch(question: LookupQuestion<Name>, signal: AbortSignal): Promise<Learned>;
  failureOf(thrown: unknown): Failure;
  /** What was learned since the last call: the first news at once, what follows within 15 s together. */
  learned(news: Learned): void;
  readonly tell: LookupTeller<Name>;
}

/** How soon a look-up that failed is tried again, in ms. */
const againAfterMs = 5 * 60 * 1000;
/** The time from the end of one look-up to the begin of the next of a credential: 10,000 projects take about an hour. */
const betweenMs = 250;
/** Each time that something is learned costs a look at all projects. */
const togetherMs = 15_000;

/** One walk for each credential: where one waits, the others go on. */
export function createLookups<Name extends string>(parts: LookupsParts<Name>): Lookups {
  const { clock, rows } = parts;
  const names = Object.keys(rows) as Name[];
  const walks = new Map<string, Walk<Name>>();
  /** One batch for each look-up: the first news of a slow one must not wait for a quick one's. */
  const batches = new Map(names.map((name) => [name, createBatch(parts.learned, clock)]));
  const trouble = createLookupTrouble(parts.tell);

  const ask = async (question: LookupQuestion<Name>, signal: AbortSignal, isWanted: () => boolean): Promise<number> => {
    const { everyMs } = rows[question.lookup];
    try {
      const learned = await parts.fetch(question, signal);
      if (isWanted()) batches.get(question.lookup)?.add(learned);
      trouble.succeeded(question);
      return everyMs;
    } catch (thrown) {
      if (isWanted()) trouble.failed(question, parts.failureOf(thrown));
      return Math.min(againAfterMs, everyMs);
    }
  };

  return {
    configure(sources, isListed) {
      const wanted = names.flatMap((lookup) =>
        [...subjectsOf(rows[lookup], sources, isListed)].map(([subject, credential]) => ({
          lookup,
          subject,
          credential,
        })),
      );
      const byCredential = Map.groupBy(wanted, ({ credential }) => credential);
      for (const credential of byCredential.keys()) {
        if (!walks.has(credential)) walks.set(credential, createWalk(ask, rows, clock));
      }
      const asked = new Set(wanted.map(keyOf));
      for (const [credential, walk] of walks) {
        for (const question of walk.arrange(byCredential.get(credential) ?? [])) {
          trouble.forget(question);
          const { scope, unknown } = rows[question.lookup];
          if (scope !== 'project' || asked.has(keyOf(question))) continue;
          batches.get(question.lookup)?.add(new Map([[question.subject, unknown]]));
        }
      }
    },
    async [Symbol.asyncDispose]() {
      for (const batch of batches.values()) batch[Symbol.dispose]();
      await Promise.all([...walks.values()].map((walk) => walk[Symbol.asyncDispose]()));
    },
  };
}

/** The subject alone: one that is asked by another credential now is the same subject. */
function keyOf({ lookup, subject }: LookupQuestion<string>): string {
  return `${lookup} ${subject}`;
}

interface Walk<Name> extends AsyncDisposable {
  /** Replaces what is asked; gives what is no longer asked. */
  arrange(questions: readonly LookupQuestion<Name>[]): readonly LookupQuestion<Name>[];
}

type Ask<Name> = (question: LookupQuestion<Name>, signal: AbortSignal, isWanted: () => boolean) => Promise<number>;

interface Turn<Name> {
  readonly question: LookupQuestion<Name>;
  /** Monotonic ms. */
  readonly at: number;
}

/** Asks the question that is due soonest, one at a time; `ask` resolves with the ms after which it is due again. */
function createWalk<Name extends string>(
  ask: Ask<Name>,
  rows: Readonly<Record<Name, LookupRow>>,
  clock: Clock,
): Walk<Name> {
  let turns = new Map<string, Turn<Name>>();
  let timer: NodeJS.Timeout | undefined;
  let running: { readonly work: Promise<void>; readonly controller: AbortController } | null = null;
  let closed = false;

  const step = async (question: LookupQuestion<Name>, controller: AbortController): Promise<void> => {
    const key = keyOf(question);
    const isWanted = () => !closed && turns.has(key);
    const late = () => controller.abort(new DOMException('Given up', 'TimeoutError'));
    const giveUp = setTimeout(late, rows[question.lookup].deadlineMs);
    const againAfter = await ask(question, controller.signal, isWanted);
    clearTimeout(giveUp);
    if (isWanted()) turns.set(key, { question, at: clock.monotonic() + againAfter });
    running = null;
    arm(betweenMs);
  };
  const arm = (atLeastMs: number) => {
    clearTimeout(timer);
    const next = soonest(turns.values());
    if (closed || running || !next) return;
    const start = () => {
      const controller = new AbortController();
      running = { controller, work: step(next.question, controller) };
    };
    timer = setTimeout(start, Math.max(atLeastMs, next.at - clock.monotonic()));
    timer.unref();
  };

  return {
    arrange(questions) {
      const now = clock.monotonic();
      const before = turns;
      turns = new Map(
        questions.map((question) => {
          const key = keyOf(question);
          return [key, before.get(key) ?? { question, at: now + rows[question.lookup].firstAfterMs }];
        }),
      );
      arm(0);
      return [...before].flatMap(([key, { question }]) => (turns.has(key) ? [] : [question]));
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(timer);
      running?.controller.abort();
      await running?.work;
    },
  };
}

function soonest<Name>(turns: Iterable<Turn<Name>>): Turn<Name> | null {
  let next: Turn<Name> | null = null;
  for (const turn of turns) if (next === null || turn.at < next.at) next = turn;
  return next;
}

/** Gathers news, and hands them on: at once when nothing was for a while, else after that while. */
function createBatch(hand: (news: Learned) => void, clock: Clock): Disposable & { add(news: Learned): void } {
  let waiting = new Map<string, Partial<ProjectFacts>>();
  let handedAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const handOver = () => {
    const news = waiting;
    waiting = new Map();
    handedAt = clock.monotonic();
    timer = undefined;
    hand(news);
  };
  return {
    add(news) {
      for (const [id, facts] of news) waiting.set(id, { ...waiting.get(id), ...facts });
      timer ??= setTimeout(handOver, Math.max(0, handedAt + togetherMs - clock.monotonic())).unref();
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
}
