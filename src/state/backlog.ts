/** What waits to be written: in order, many in one transaction, and for as long as the disk does not take it. */
import type { Write } from './store.ts';

export interface BacklogParts {
  readonly patienceMs: number;
  readonly retryMs: number;
  /** Whether the database is open yet. */
  readonly opened: boolean;
  /** Opens the database again after the thread died or the disk refused; rejects while it cannot be. */
  reopen(): Promise<void>;
  /** All of it in one transaction; rejects when it is not written. */
  write(writes: readonly Write[]): Promise<void>;
  saved(): void;
}

export interface Backlog {
  /** Resolves when it is written, or when it is known that it cannot be now. Never rejects. */
  add(write: Write): Promise<void>;
  /** Everything that is not known to be written, oldest first. */
  waiting(): readonly Write[];
  status(): { readonly lastSaveSuccessful: boolean; readonly saveFailures: number };
  /** Tries once more to write what waits, for at most `withinMs`. */
  close(withinMs: number): Promise<void>;
}

interface Item {
  readonly write: Write;
  readonly done: () => void;
}

export function createBacklog({ patienceMs, retryMs, opened, reopen, write, saved }: BacklogParts): Backlog {
  let queue: Item[] = [];
  let writing: readonly Item[] = [];
  let isOpen = opened;
  let failing = !opened;
  let failures = opened ? 0 : 1;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;
  let turn: Promise<void> = Promise.resolve();

  const fail = (items: readonly Item[]) => {
    failing = true;
    failures++;
    for (const { done } of items) done();
    clearTimeout(retry);
    if (closed) return;
    retry = setTimeout(pump, retryMs);
    retry.unref();
  };

  /** Writes all that waits, then whatever came meanwhile. */
  const drain = async () => {
    writing = queue;
    queue = [];
    // A disk that hangs: nobody waits for it, and what it still writes counts when it is written.
    const patience = setTimeout(() => fail(writing), patienceMs);
    patience.unref();
    try {
      if (!isOpen) await reopen();
      isOpen = true;
      await write(writing.map((item) => item.write));
      failing = false;
      saved();
      for (const { done } of writing) done();
      writing = [];
    } catch {
      // The thread may have died with its database: opening an open one again does no harm.
      isOpen = false;
      const items = writing;
      queue = compact([...writing, ...queue]);
      writing = [];
      fail(items);
      return;
    } finally {
      clearTimeout(patience);
    }
    if (queue.length > 0) await drain();
  };

  const pump = () => {
    clearTimeout(retry);
    turn = turn.then(() => (queue.length > 0 ? drain() : undefined));
  };

  return {
    add: (entry) =>
      new Promise((resolve) => {
        if (closed) return resolve();
        const idle = queue.length === 0 && writing.length === 0;
        queue.push({ write: entry, done: resolve });
        if (failing) {
          // Known to fail: try again with this one, and let nobody wait longer than that takes.
          queue = compact(queue);
          if (writing.length === 0) pump();
          else resolve();
        } else if (idle) pump();
      }),
    waiting: () => [...writing, ...queue].map((item) => item.write),
    status: () => ({ lastSaveSuccessful: !failing, saveFailures: failures }),
    async close(withinMs) {
      clearTimeout(retry);
      pump();
      const bound = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
      await Promise.race([turn, bound]);
      closed = true;
      clearTimeout(retry);
      for (const { done } of [...writing, ...queue]) done();
    },
  };
}

/** Joins the steps of one source, so that a disk that is gone for days costs the changes and one ledger a source. */
function compact(items: readonly Item[]): Item[] {
  const newest = new Map(items.map(({ write }, index) => [nameOf(write), index]));
  const changes = Map.groupBy(items, ({ write }) => nameOf(write));
  return items.flatMap((item, index) => {
    const name = nameOf(item.write);
    if (newest.get(name) !== index) {
      item.done();
      return [];
    }
    if (item.write.type !== 'step') return [item];
    const all = (changes.get(name) ?? []).flatMap(({ write }) => (write.type === 'step' ? write.step.changes : []));
    return [{ ...item, write: { type: 'step', step: { ...item.write.step, changes: all } } }];
  });
}

/** Writes of one name replace each other. */
function nameOf(write: Write): string {
  if (write.type === 'step') return `step ${write.step.key}`;
  if (write.type === 'projects') return 'projects';
  // Not joined: each freshness and each forget names its own sources.
  return write.type === 'forget'
    ? `forget ${write.keys.join()}`
    : `freshness ${write.entries.map(({ key }) => key).join()}`;
}
