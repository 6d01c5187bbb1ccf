/** Questions to the worker thread and their answers. A thread that died is started again with the next question. */
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RecordedChange } from '../domain/change.ts';
import type { ChangesQuery, Restored, Write } from './store.ts';

type Question =
  | { readonly type: 'open' }
  | { readonly type: 'close' }
  | { readonly type: 'write'; readonly writes: readonly Write[] }
  | { readonly type: 'changes'; readonly query: ChangesQuery };

export type Request = Question & { readonly id: number };

export interface Answer {
  readonly id: number;
  readonly result: Restored | readonly RecordedChange[] | null;
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
  /** Rejects with a ThreadError. */
  ask(question: Question): Promise<Answer['result']>;
  /** Closes the database and ends the thread, at the latest after `withinMs`. */
  end(withinMs: number): Promise<void>;
}

interface Waiting {
  resolve(result: Answer['result']): void;
  reject(error: ThreadError): void;
}

export function startThread(workerData: { readonly path: string; readonly changesKept: number }): Thread {
  // Not a literal '.ts': the compiler leaves it as it is, and the built worker is a '.js'.
  const file = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let worker: Worker | null = null;

  const start = (): Worker => {
    const started = new Worker(file, { workerData, execArgv: [] });
    started.on('message', ({ id, result, error }: Answer) => {
      const asked = waiting.get(id);
      waiting.delete(id);
      if (error) asked?.reject(new ThreadError(error.message, error.forPeople));
      else asked?.resolve(result);
    });
    const died = (why: string) => {
      if (worker === started) worker = null;
      for (const { reject } of waiting.values()) reject(new ThreadError(why, false));
      waiting.clear();
    };
    started.on('error', (error) => died(error instanceof Error ? error.message : 'The state thread failed'));
    started.on('exit', () => died('The state thread ended'));
    return started;
  };

  const ask = (question: Question): Promise<Answer['result']> =>
    new Promise((resolve, reject) => {
      worker ??= start();
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      worker.postMessage({ ...question, id } satisfies Request);
    });

  return {
    ask,
    async end(withinMs) {
      if (!worker) return;
      const closed = ask({ type: 'close' }).catch(() => null);
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, withinMs).unref())]);
      await worker?.terminate();
    },
  };
}
