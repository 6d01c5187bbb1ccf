/** The typed front of the state database. What cannot be written now waits, in order, and is written when it can be. */

import type { ChangesQuery, RecordedChange } from '../domain/change-log.ts';
import type { Restored, SaveStatus, SourceWrite, StoredProject } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import { createBacklog } from './backlog.ts';
import { DiskError, StateError } from './errors.ts';
import { createPending } from './pending.ts';
import { startThread, type Thread, ThreadError, toRestored } from './thread.ts';
import { createWriter } from './writer.ts';

export interface Store extends AsyncDisposable {
  readonly restored: Restored;
  /** Ever growing, also over restarts. */
  nextChangeId(): number;
  /**
   * Writes all of them in one transaction with whatever else waits. Resolves when they are durable, or when it is known
   * that they cannot be written now: then they stay pending. Never rejects. `projects` replaces the stored ones.
   */
  commit(writes: readonly SourceWrite[], projects?: readonly StoredProject[]): Promise<void>;
  /** Replaces the stored projects with the next transaction. */
  saveProjects(projects: readonly StoredProject[]): void;
  /** In the order of ids; those that cannot be written now are among them. Rejects when the disk cannot be read. */
  changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
  status(): SaveStatus;
}

/** What happens to the file while the process runs, for the log. */
export type StoreEvent =
  | { readonly type: 'failing'; readonly detail: string }
  | { readonly type: 'recovered' }
  | { readonly type: 'set_aside'; readonly setAside: string };

export interface StoreOptions {
  /** ':memory:' keeps nothing. */
  readonly path: string;
  readonly changesKept: number;
  readonly clock: Clock;
  /** The whole state of every source: written into the new file when the old one is lost while the process runs. */
  readonly everything?: () => readonly SourceWrite[];
  readonly tell?: (event: StoreEvent) => void;
  /** How long a commit or a question may take until it counts as one that cannot be done now, in ms. */
  readonly patienceMs?: number;
  /** How long to wait before another try, in ms. */
  readonly retryMs?: number;
  /** How long the last flush may take, in ms. */
  readonly closeWithinMs?: number;
}

/**
 * Opens the state of one process. Throws a StateError whose message is for a person. A full or failing disk is survived:
 * then nothing is restored, and everything waits until the file can be opened.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, changesKept, clock, patienceMs = 10_000, retryMs = 5_000, closeWithinMs = 2_000 } = options;
  const { everything = () => [], tell = () => {} } = options;
  const thread = startThread({ path, changesKept });
  const { restored, fileId, failure } = await open(thread);
  // The last id of a file that cannot be read yet is unknown: the clock is beyond any of them.
  let lastId = failure === null ? restored.lastChangeId : clock.wall();
  let lastSaveAt: number | null = null;
  let projects = restored.projects;
  if (failure !== null) tell({ type: 'failing', detail: failure });

  const writer = createWriter({
    thread,
    fileId,
    everything,
    projects: () => projects,
    otherFile({ lastChangeId, setAside }) {
      lastId = Math.max(lastId, lastChangeId);
      if (setAside !== null) tell({ type: 'set_aside', setAside });
    },
  });
  const backlog = createBacklog(
    {
      pending: createPending(changesKept),
      patienceMs,
      retryMs,
      monotonic: clock.monotonic,
      async write(batch) {
        await writer.write(batch);
        lastSaveAt = clock.wall();
      },
      failed: (detail) => tell({ type: 'failing', detail }),
      recovered: () => tell({ type: 'recovered' }),
    },
    failure,
  );

  return {
    restored,
    nextChangeId: () => ++lastId,
    commit: async (writes, wanted) => {
      projects = wanted ?? projects;
      if (writes.length > 0 || wanted) await backlog.add({ writes, projects: wanted ?? null });
    },
    saveProjects(wanted) {
      if (isSame(wanted, projects)) return;
      projects = wanted;
      void backlog.add({ writes: [], projects });
    },
    async changes(query) {
      // Before the file is read: what is written meanwhile is in one of the two, or in both.
      const unwritten = backlog.unwritten();
      return merge(writer.hasFile() ? await readChanges(thread, query, patienceMs) : [], unwritten, query);
    },
    status: () => ({ ...backlog.status(), lastSaveAt, restored: failure === null && restored.setAside === null }),
    async [Symbol.asyncDispose]() {
      const started = clock.monotonic();
      await backlog.close(closeWithinMs);
      // A little in any case: a file that was closed is one file, not two.
      await thread.end(Math.max(closeWithinMs - (clock.monotonic() - started), closeWithinMs / 10));
    },
  };
}

const nothing: Restored = { sources: new Map(), projects: [], lastChangeId: 0, setAside: null };

interface Start {
  readonly restored: Restored;
  readonly fileId: number | null;
  readonly failure: string | null;
}

async function open(thread: Thread): Promise<Start> {
  try {
    const answer = await thread.ask({ type: 'open' });
    if (answer.type !== 'opened') throw new StateError('The state thread gave another answer than was asked for');
    return { ...answer, restored: toRestored(answer.restored), failure: null };
  } catch (thrown) {
    if (thrown instanceof ThreadError && !thrown.forPeople)
      return { restored: nothing, fileId: null, failure: thrown.message };
    await thread.end(0);
    throw thrown instanceof ThreadError ? new StateError(thrown.message) : thrown;
  }
}

/** Rejects when they cannot be read: an answer without them would read as if there were none. */
async function readChanges(thread: Thread, query: ChangesQuery, withinMs: number): Promise<readonly RecordedChange[]> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new DiskError('The disk does not answer')), withinMs);
  try {
    const answer = await Promise.race([thread.ask({ type: 'changes', query }), late.promise]);
    return answer.type === 'changes' ? answer.changes : [];
  } finally {
    clearTimeout(timer);
  }
}

function merge(
  stored: readonly RecordedChange[],
  unwritten: readonly RecordedChange[],
  { projectId, sinceId, beforeId, sinceAt, limit, newestFirst }: ChangesQuery,
): readonly RecordedChange[] {
  const asked = unwritten.filter(
    ({ id, at, atlas_project_id }) =>
      (projectId === undefined || atlas_project_id === projectId) &&
      (sinceId === undefined || id > sinceId) &&
      (beforeId === undefined || id < beforeId) &&
      (sinceAt === undefined || at >= sinceAt),
  );
  const byId = new Map([...stored, ...asked].map((change) => [change.id, change]));
  return [...byId.values()].sort((a, b) => (newestFirst ? b.id - a.id : a.id - b.id)).slice(0, limit);
}

function isSame(a: readonly StoredProject[], b: readonly StoredProject[]): boolean {
  return (
    a.length === b.length &&
    a.every((project, index) => {
      const other = b[index];
      return (
        project.id === other?.id &&
        project.name === other.name &&
        project.orgId === other.orgId &&
        project.removedAt === other.removedAt &&
        project.regionalMode?.enabled === other.regionalMode?.enabled &&
        project.regionalMode?.readAt === other.regionalMode?.readAt
      );
    })
  );
}
