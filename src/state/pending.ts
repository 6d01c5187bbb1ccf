/** What is not written yet, joined by source: a disk that is gone for days costs one ledger a source and the changes. */
import type { RecordedChange } from '../domain/change-log.ts';
import type { Batch, SourceWrite, StoredProject } from '../domain/stored.ts';

export interface Pending {
  add(batch: Batch): void;
  /** Takes out what waits longest. */
  take(): Batch;
  /** What was taken out and not written: it waits before everything that came since. */
  giveBack(batch: Batch): void;
  isEmpty(): boolean;
  changes(): readonly RecordedChange[];
}

/** How much goes into one transaction: handing over more at once would hold up the event loop. */
const mostWeight = 5_000;
/** Roughly what it costs to hand over a ledger, where freshness costs 1. */
const ledgerWeight = 20;

export function createPending(changesKept: number): Pending {
  let writes = new Map<string, SourceWrite>();
  let projects: readonly StoredProject[] | null = null;
  let changesAdded = 0;

  const enter = (write: SourceWrite) => {
    writes.set(write.key, join(writes.get(write.key), write));
    changesAdded += write.changes.length;
    // Old changes are dropped now and then only: dropping looks at all of them.
    if (changesAdded <= 2 * changesKept) return;
    writes = withNewestChanges(writes, changesKept);
    changesAdded = changesKept;
  };

  return {
    add(batch) {
      for (const write of batch.writes) enter(write);
      projects = batch.projects ?? projects;
    },
    take() {
      const taken: SourceWrite[] = [];
      let weight = 0;
      for (const write of writes.values()) {
        weight += write.type === 'put' ? ledgerWeight : 1;
        if (weight > mostWeight) break;
        taken.push(write);
      }
      for (const { key } of taken) writes.delete(key);
      if (writes.size === 0) changesAdded = 0;
      const batch = { writes: taken, projects };
      projects = null;
      return batch;
    },
    giveBack(batch) {
      const newer = writes;
      writes = new Map(batch.writes.map((write) => [write.key, write]));
      for (const [key, write] of newer) writes.set(key, join(writes.get(key), write));
      projects ??= batch.projects;
    },
    isEmpty: () => writes.size === 0 && projects === null,
    changes: () => [...writes.values()].flatMap(({ changes }) => changes),
  };
}

/** One write that does what both do one after the other. */
function join(older: SourceWrite | undefined, newer: SourceWrite): SourceWrite {
  if (!older) return newer;
  const changes = newer.changes.length === 0 ? older.changes : [...older.changes, ...newer.changes];
  if (newer.type !== 'freshen') return { ...newer, changes };
  // What is forgotten stays so: freshness alone makes no source.
  if (older.type === 'forget') return { ...older, changes };
  return { ...older, up: newer.up, lastSuccess: newer.lastSuccess, changes };
}

/** The changes but for those that would be dropped from the log as soon as they were written. */
function withNewestChanges(writes: ReadonlyMap<string, SourceWrite>, kept: number): Map<string, SourceWrite> {
  const ids = [...writes.values()].flatMap(({ changes }) => changes.map(({ id }) => id)).sort((a, b) => b - a);
  const oldest = ids[kept - 1] ?? 0;
  return new Map(
    [...writes].map(([key, write]) => [key, { ...write, changes: write.changes.filter(({ id }) => id >= oldest) }]),
  );
}
