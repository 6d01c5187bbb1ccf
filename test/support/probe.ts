/** Imported into a process under test before anything else: tells what it holds whenever it gets SIGUSR2. */
import { readdirSync, writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/** What a process holds. */
export interface Holding {
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly files: number;
  readonly timers: number;
  /** Open handles and requests by kind. */
  readonly resources: Readonly<Record<string, number>>;
}

if (isMainThread) {
  process.on('SIGUSR2', () => {
    const { gc } = globalThis as { gc?: () => void };
    gc?.();
    gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const kinds = Map.groupBy(process.getActiveResourcesInfo(), (kind) => kind);
    const resources = Object.fromEntries([...kinds].map(([kind, all]) => [kind, all.length]));
    const holding: Holding = {
      heapBytes: heapUsed,
      residentBytes: rss,
      files: readdirSync('/proc/self/fd').length,
      timers: resources['Timeout'] ?? 0,
      resources,
    };
    writeSync(2, `${JSON.stringify({ probe: holding })}\n`);
  });
}
