/** What is not written yet, joined by source: a disk that is gone for days costs one ledger a source and the changes. */
import type { RecordedChange } from '../domain/change-log.ts';
import type { Ledger } from '../domain/ledger.ts';
import type { StoredProject, Write } from './stored.ts';

interface Freshness {
  readonly up: boolean;
  readonly lastSuccess: number | null;
}

/** Everything that waits for one source. It is written together or not at all. */
export interface Entry {
  readonly key: string;
  readonly source:
    | ({ readonly type: 'put'; readonly ledger: Ledger } & Freshness)
    | ({ readonly type: 'freshen' } & Freshness)
    | { readonly type: 'forget' };
  readonly changes: readonly RecordedChange[];
}

/** What goes into one transaction. Writing it twice does no harm. */
export interface Batch {
  readonly entries: readonly Entry[];
  readonly projects: readonly StoredProject[] | null;
}

/**
 * The same as it goes to the thread of the file: ledgers are JSON. That thread would be left with a heap of ten thousand
 * of them otherwise, and only wants their text.
 */
export interface BatchText extends Omit<Batch, 'entries'> {
  readonly entries: readonly EntryText[];
}
type EntryText = Pick<Entry, 'key' | 'changes'> & {
  readonly source:
    | ({ readonly type: 'put'; readonly ledger: string } & Freshness)
    | Exclude<Entry['source'], { type: 'put' }>;
};

export function toBatchText({ entries, projects }: Batch): BatchText {
  const toText = ({ key, source, changes }: Entry): EntryText => ({
    key,
    source: source.type === 'put' ? { ...source, ledger: JSON.stringify(source.ledger) } : source,
    changes,
  });
  return { entries: entries.map(toText), projects };
}

export interface Pending {
  add(write: Write): void;
  /** Takes out what waits longest. */
  take(): Batch;
  /** What was taken out and not written: it waits before everything that came since. */
  giveBack(batch: Batch): void;
  isEmpty(): boolean;
  changes(): readonly RecordedChange[];
}

/** How much goes into one transaction: handing over more at once would hold up the main loop. */
const mostWeight = 5_000;
/** Roughly what it costs to hand over a ledger, where freshness costs 1. */
const ledgerWeight = 20;
const noChanges: readonly RecordedChange[] = [];

export function createPending(changesKept: number): Pending {
  let entries = new Map<string, Entry>();
  let projects: readonly StoredProject[] | null = null;
  let changesAdded = 0;

  const put = (entry: Entry) => {
    entries.set(entry.key, join(entries.get(entry.key), entry));
    changesAdded += entry.changes.length;
    // Not at each change: it looks at all of them.
    if (changesAdded <= 2 * changesKept) return;
    entries = withNewestChanges(entries, changesKept);
    changesAdded = changesKept;
  };

  return {
    add(write) {
      if (write.type === 'projects') projects = write.projects;
      else for (const entry of toEntries(write)) put(entry);
    },
    take() {
      const taken: Entry[] = [];
      let weight = 0;
      for (const entry of entries.values()) {
        weight += entry.source.type === 'put' ? ledgerWeight : 1;
        if (weight > mostWeight) break;
        taken.push(entry);
      }
      for (const { key } of taken) entries.delete(key);
      if (entries.size === 0) changesAdded = 0;
      const batch = { entries: taken, projects };
      projects = null;
      return batch;
    },
    giveBack(batch) {
      const newer = entries;
      entries = new Map(batch.entries.map((entry) => [entry.key, entry]));
      for (const [key, entry] of newer) entries.set(key, join(entries.get(key), entry));
      projects ??= batch.projects;
    },
    isEmpty: () => entries.size === 0 && projects === null,
    changes: () => [...entries.values()].flatMap(({ changes }) => changes),
  };
}

function toEntries(write: Exclude<Write, { type: 'projects' }>): readonly Entry[] {
  switch (write.type) {
    case 'step': {
      const { key, ledger, up, lastSuccess, changes } = write.step;
      const source = ledger
        ? ({ type: 'put', ledger, up, lastSuccess } as const)
        : ({ type: 'freshen', up, lastSuccess } as const);
      return [{ key, source, changes }];
    }
    case 'freshness':
      return write.entries.map(({ key, up, lastSuccess }) => ({
        key,
        source: { type: 'freshen', up, lastSuccess },
        changes: noChanges,
      }));
    case 'forget':
      return write.keys.map((key) => ({ key, source: { type: 'forget' }, changes: noChanges }));
  }
}

/** One entry that does what both do one after the other. */
function join(older: Entry | undefined, newer: Entry): Entry {
  if (!older) return newer;
  const changes = newer.changes.length === 0 ? older.changes : [...older.changes, ...newer.changes];
  if (newer.source.type !== 'freshen') return { ...newer, changes };
  const { up, lastSuccess } = newer.source;
  // What is forgotten stays so: freshness alone makes no source.
  const source = older.source.type === 'forget' ? older.source : { ...older.source, up, lastSuccess };
  return { ...newer, source, changes };
}

/** Without the changes that would be dropped from the log as soon as they were written. */
function withNewestChanges(entries: ReadonlyMap<string, Entry>, kept: number): Map<string, Entry> {
  const ids = [...entries.values()].flatMap(({ changes }) => changes.map(({ id }) => id)).sort((a, b) => b - a);
  const oldest = ids[kept - 1] ?? 0;
  return new Map(
    [...entries].map(([key, entry]) => [key, { ...entry, changes: entry.changes.filter(({ id }) => id >= oldest) }]),
  );
}
