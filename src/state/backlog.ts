/** The way from what waits to the disk: many steps in one transaction, tried again for as long as the disk takes none. */
import type { RecordedChange } from '../domain/change-log.ts';
import type { Batch } from '../domain/stored.ts';
import type { Pending } from './pending.ts';

export interface BacklogParts {
  readonly pending: Pending;
  /** How long a write may take until nobody waits for it any more, in ms. */
  readonly patienceMs: number;
  /** How long to wait before another try, in ms. */
  readonly retryMs: number;
  monotonic(): number;
  /** All of it in one transaction; rejects when it is not written. */
  write(batch: Batch): Promise<void>;
  /** Called with the failure in words, once for each of its reasons. */
  failed(why: string): void;
  /** Called when writing does not fail any more. */
  recovered(): void;
}

export interface Backlog {
  /** Resolves when it is written, or when it is known that it cannot be now. Never rejects. */
  add(batch: Batch): Promise<void>;
  /** The changes that are told from memory while they cannot be written. */
  unwritten(): readonly RecordedChange[];
  status(): { readonly lastSaveSuccessful: boolean; readonly saveFailures: number };
  /** Tries once more to write what waits, for at most `withinMs`. Nothing is written after it. */
  close(withinMs: number): Promise<void>;
}

/** `failing`: why nothing can be written from the start, null when it can. */
export function createBacklog(parts: BacklogParts, failing: string | null): Backlog {
  const { pending, patienceMs, retryMs } = parts;
  const waiters = createWaiters();
  const disk = createDiskHealth(parts, failing);
  let writing: Batch | null = null;
  let running: Promise<void> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const fail = (why: string) => {
    disk.fail(why);
    waiters.releaseAll();
  };

  const writeNext = async (): Promise<boolean> => {
    const batch = pending.take();
    writing = batch;
    waiters.board();
    // A disk that hangs: nobody waits for it, but what it writes in the end counts.
    const patience = setTimeout(() => fail('The disk does not answer'), patienceMs);
    patience.unref();
    try {
      await parts.write(batch);
      disk.succeed();
      waiters.releaseAboard();
      return true;
    } catch (thrown) {
      pending.giveBack(batch);
      fail(thrown instanceof Error ? thrown.message : String(thrown));
      return false;
    } finally {
      writing = null;
      clearTimeout(patience);
    }
  };

  const run = async () => {
    clearTimeout(retry);
    // Steps that are added in this turn of the event loop go into the same transaction.
    await null;
    while (!closed && !pending.isEmpty() && (await writeNext()));
    running = null;
    retryLater();
  };
  const start = () => {
    running ??= run();
  };
  const retryLater = () => {
    clearTimeout(retry);
    if (closed || pending.isEmpty()) return;
    retry = setTimeout(start, Math.max(0, retryMs - disk.failedAgoMs()));
    retry.unref();
  };

  return {
    add: (batch) =>
      new Promise((resolve) => {
        if (closed) return resolve();
        pending.add(batch);
        waiters.join(resolve);
        if (disk.reason() === null) return start();
        // A disk that is known to fail is not tried with each of many steps: the backlog is handed over whole.
        if (!running && disk.failedAgoMs() >= retryMs / 5) return start();
        waiters.releaseAll();
        if (!running) retryLater();
      }),
    unwritten: () =>
      disk.reason() === null
        ? []
        : [...(writing?.writes ?? []).flatMap(({ changes }) => changes), ...pending.changes()],
    status: disk.status,
    async close(withinMs) {
      const last = Promise.resolve(running).then(() => {
        if (!pending.isEmpty()) start();
        return running;
      });
      const bound = Promise.withResolvers<void>();
      const timer = setTimeout(bound.resolve, withinMs);
      await Promise.race([last, bound.promise]);
      closed = true;
      clearTimeout(timer);
      clearTimeout(retry);
      waiters.releaseAll();
    },
  };
}

/** The callers that wait for their batch: some for the one that is being written, the others for a later one. */
function createWaiters() {
  let aboard: (() => void)[] = [];
  let behind: (() => void)[] = [];
  const releaseAboard = () => {
    for (const resolve of aboard) resolve();
    aboard = [];
  };
  return {
    join(resolve: () => void) {
      behind.push(resolve);
    },
    /** A write begins, and takes along everything that was added before it. */
    board() {
      aboard = behind;
      behind = [];
    },
    releaseAboard,
    releaseAll() {
      releaseAboard();
      for (const resolve of behind) resolve();
      behind = [];
    },
  };
}

/** Whether the disk takes writes. It tells each new reason of a failure once, and the end of it. */
function createDiskHealth({ monotonic, failed, recovered }: BacklogParts, failing: string | null) {
  let reason = failing;
  let failures = failing === null ? 0 : 1;
  let failedAt = monotonic();
  return {
    reason: () => reason,
    failedAgoMs: () => monotonic() - failedAt,
    status: () => ({ lastSaveSuccessful: reason === null, saveFailures: failures }),
    fail(why: string) {
      failures++;
      failedAt = monotonic();
      if (reason !== why) failed(why);
      reason = why;
    },
    succeed() {
      if (reason !== null) recovered();
      reason = null;
    },
  };
}
