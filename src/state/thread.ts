/** Questions to the worker thread and their answers. A thread that died is started again with the next question. */

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ChangesQuery, RecordedChange } from '../domain/change-log.ts';
import type { Batch, Restored, SourceWrite, StoredSource } from '../domain/stored.ts';

export interface ThreadOptions {
  readonly path: string;
  readonly changesKept: number;
}

export type StateQuestion =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'write'; readonly batch: Batch<string>; readonly fileId: number | null }
  | { readonly type: 'changes'; readonly query: ChangesQuery };

/**
 * What was restored, as it comes from the thread: `sources` is JSON, a list of StoredSource. A text goes from one thread to
 * another in a tenth of the time that its objects take, and they hold up the event loop when they arrive.
 */
export interface RestoredText extends Omit<Restored, 'sources'> {
  readonly sources: string;
}

export function toRestored({ sources, ...rest }: RestoredText): Restored {
  const list: readonly StoredSource[] = JSON.parse(sources);
  return { ...rest, sources: new Map(list.map((source) => [source.key, source])) };
}

/** Ledgers become JSON: as objects they would leave the thread with a large heap, and it only wants their text. */
export function toBatchText({ writes, projects }: Batch): Batch<string> {
  const toText = (write: SourceWrite): SourceWrite<string> =>
    write.type === 'put' ? { ...write, ledger: JSON.stringify(write.ledger) } : write;
  return { writes: writes.map(toText), projects };
}

export interface Request {
  readonly id: number;
  readonly question: StateQuestion;
}

type Result =
  | { readonly type: 'done' }
  | { readonly type: 'opened'; readonly fileId: number; readonly restored: RestoredText }
  /** Nothing was written: the file is not the one that was asked for. */
  | {
      readonly type: 'other_file';
      readonly fileId: number;
      readonly lastChangeId: number;
      readonly setAside: string | null;
    }
  | { readonly type: 'changes'; readonly changes: readonly RecordedChange[] };

export interface Answer {
  readonly id: number;
  readonly result: Result | null;
  readonly error: { readonly message: string; readonly forPeople: boolean } | null;
}

/** What the worker could not do. `forPeople`: the path itself is at fault, and the message says what to do. */
export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly forPeople: boolean;
  constructor(message: string, forPeople: boolean) {
    super(message);
    this.forPeople = forPeople;
  }
}

export interface Thread {
  /** Rejects with a ThreadError. Questions are answered one after the other. */
  ask(question: StateQuestion): Promise<Result>;
  /** Closes the file and ends the thread. A thread that hangs in the system is left alone after `withinMs`. */
  end(withinMs: number): Promise<void>;
}

interface Running {
  readonly worker: Worker;
  readonly waiting: Map<number, { resolve(result: Result): void; reject(error: ThreadError): void }>;
}

export function startThread(workerData: ThreadOptions): Thread {
  let running: Running | null = null;
  let lastId = 0;
  let ended = false;

  const start = (): Running => {
    const started = startWorker(workerData, () => {
      if (running === started) running = null;
    });
    return started;
  };
  const ask = (question: StateQuestion): Promise<Result> => {
    if (ended) return Promise.reject(new ThreadError('The state thread ended', false));
    running ??= start();
    const { worker, waiting } = running;
    const id = ++lastId;
    const answer = Promise.withResolvers<Result>();
    waiting.set(id, answer);
    worker.postMessage({ id, question } satisfies Request);
    return answer.promise;
  };

  return {
    ask,
    async end(withinMs) {
      const last = running;
      if (!last) {
        ended = true;
        return;
      }
      const closed = ask({ type: 'close' }).catch(() => null);
      ended = true;
      await within(withinMs, closed);
      // The wait is bounded: a thread that is stuck in the system cannot be ended.
      await within(withinMs, last.worker.terminate());
      last.worker.unref();
    },
  };
}

function startWorker(workerData: ThreadOptions, onEnd: () => void): Running {
  // A literal '.ts' will not do: the compiler leaves it as it is, and the built worker is a '.js'.
  const file = new URL(`./file/worker${extname(import.meta.filename)}`, import.meta.url);
  const worker = new Worker(file, { workerData, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 2 } });
  const waiting: Running['waiting'] = new Map();
  const died = (why: string) => {
    onEnd();
    for (const { reject } of waiting.values()) reject(new ThreadError(why, false));
    waiting.clear();
  };
  worker.on('message', ({ id, result, error }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (result) asked?.resolve(result);
    else asked?.reject(new ThreadError(error?.message ?? 'The state thread gave no answer', error?.forPeople ?? false));
  });
  worker.on('error', (error) => died(error instanceof Error ? error.message : 'The state thread failed'));
  worker.on('exit', () => died('The state thread ended'));
  return { worker, waiting };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const bound = Promise.withResolvers<void>();
  const timer = setTimeout(bound.resolve, ms);
  await Promise.race([work, bound.promise]);
  clearTimeout(timer);
}
