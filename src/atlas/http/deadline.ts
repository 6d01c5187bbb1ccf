/** Waits that end: with a signal, or after a time. */
import { AtlasError } from '../error.ts';

export interface Deadline extends Disposable {
  /** Ends with the other signal, or with the `timeout` that `late` makes. */
  readonly signal: AbortSignal;
  /** Lets the work take `ms` from now on; a call replaces the one before. */
  allow(ms: number, late: () => AtlasError): void;
}

/**
 * A signal that ends with another one, and after a time once that is set. Dispose of it when the work is done. Not
 * AbortSignal.any, because Node keeps some memory for each of them as long as the other signal lives.
 */
export function createDeadline(signal: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  let timer: NodeJS.Timeout | undefined;
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    allow(ms, late) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(late()), ms);
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    },
  };
}

/** A signal that ends with another one, or after `ms` with a `timeout` in the words of `late`. */
export function withDeadline(signal: AbortSignal, ms: number, late: string): Deadline {
  const deadline = createDeadline(signal);
  deadline.allow(ms, () => new AtlasError({ reason: 'timeout', detail: late }));
  return deadline;
}

/** Resolves after `ms`; rejects with the reason of a signal that ends before. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

export const sleep: Pause = (ms, signal) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return unlessEnded(promise, signal).finally(() => clearTimeout(timer));
};

/** As the promise does, or rejects with the reason of a signal that ends before. */
export function unlessEnded<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** What a visit may sleep on its lanes altogether: where it must wait longer it gives the lanes back. */
export interface Patience {
  /** Whether it lasts for `ms` more; they are taken from it then. */
  take(ms: number): boolean;
}

export function createPatience(longestMs: number): Patience {
  let leftMs = longestMs;
  return {
    take(ms) {
      if (ms > leftMs) return false;
      leftMs -= ms;
      return true;
    },
  };
}
