/** What Atlas calls the projects: read once an hour for each credential. A look-up that fails keeps the last names. */
import type { ListedProject } from '../domain/listing.ts';

export interface Names extends AsyncDisposable {
  /** Whose projects are to be named. A credential that comes new is read at once. */
  configure(credentials: readonly string[]): void;
}

export interface NamesParts {
  /** Every project that the credential can see, or throws. */
  list(credential: string, signal: AbortSignal): Promise<readonly ListedProject[]>;
  named(projects: readonly ListedProject[]): void;
  failed(credential: string, thrown: unknown): void;
}

const everyMs = 60 * 60 * 1000;
const againAfterMs = 5 * 60 * 1000;

export function createNames(parts: NamesParts): Names {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const controller = new AbortController();

  const read = async (credential: string): Promise<void> => {
    let nextMs = everyMs;
    try {
      parts.named(await parts.list(credential, controller.signal));
    } catch (thrown) {
      if (controller.signal.aborted) return;
      parts.failed(credential, thrown);
      nextMs = againAfterMs;
    }
    if (timers.has(credential)) arm(credential, nextMs);
  };

  const arm = (credential: string, afterMs: number) => {
    const timer = setTimeout(() => {
      const work = read(credential).finally(() => running.delete(work));
      running.add(work);
    }, afterMs);
    timer.unref();
    timers.set(credential, timer);
  };

  return {
    configure(credentials) {
      for (const [credential, timer] of timers) {
        if (credentials.includes(credential)) continue;
        clearTimeout(timer);
        timers.delete(credential);
      }
      for (const credential of credentials) if (!timers.has(credential)) arm(credential, 0);
    },
    async [Symbol.asyncDispose]() {
      controller.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await Promise.all(running);
    },
  };
}
