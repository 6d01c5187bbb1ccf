/** The typed front of the state database. What cannot be written now waits, in order, and is written when it can be. */
import type { Clock, RecordedChange } from '../domain/change.ts';
import type { Ledger } from '../domain/ledger.ts';
import { createBacklog } from './backlog.ts';
import { StateError } from './errors.ts';
import { startThread, type Thread, ThreadError } from './thread.ts';

export interface StoredSource {
  readonly key: string;
  readonly ledger: Ledger | null;
  readonly up: boolean;
  /** Wall ms. */
  readonly lastSuccess: number | null;
}

/** One transaction: what a poll changed of a source, and the changes it told. */
export interface Step extends StoredSource {
  readonly changes: readonly RecordedChange[];
}

export interface StoredProject {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
  /** Wall ms; null while it is watched. */
  readonly removedAt: number | null;
}

export interface Restored {
  readonly sources: ReadonlyMap<string, StoredSource>;
  readonly projects: readonly StoredProject[];
  readonly lastChangeId: number;
  /** The name that a file which could not be read as state was given; null when there was none. */
  readonly setAside: string | null;
}

export type Write =
  | { readonly type: 'step'; readonly step: Step }
  | { readonly type: 'freshness'; readonly entries: readonly Omit<StoredSource, 'ledger'>[] }
  | { readonly type: 'forget'; readonly keys: readonly string[] }
  | { readonly type: 'projects'; readonly projects: readonly StoredProject[] };

export interface ChangesQuery {
  readonly projectId?: string;
  /** Those after it. */
  readonly sinceId?: number;
  /** Wall ms; those from then on. */
  readonly sinceAt?: number;
  readonly limit: number;
  readonly newestFirst?: boolean;
}

export interface StoreStatus {
  /** Whether what an earlier process left was restored, or there was nothing to restore. */
  readonly restored: boolean;
  readonly lastSaveSuccessful: boolean;
  /** Wall ms; null for never. */
  readonly lastSaveAt: number | null;
  readonly saveFailures: number;
}

export interface Store extends AsyncDisposable {
  readonly restored: Restored;
  /** Ever growing, also over restarts. */
  nextChangeId(): number;
  /**
   * One transaction with whatever else waits. Resolves when it is durable, or when it is known that it cannot be written
   * now: then it stays pending. Never rejects.
   */
  commit(step: Step): Promise<void>;
  saveFreshness(entries: readonly Omit<StoredSource, 'ledger'>[]): void;
  saveProjects(projects: readonly StoredProject[]): void;
  /** No longer watched: what is stored of them is deleted. */
  forget(keys: readonly string[]): void;
  /** In the order of ids; those that are not written yet are among them. */
  changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
  status(): StoreStatus;
}

export interface StoreOptions {
  /** ':memory:' keeps nothing. */
  readonly path: string;
  readonly changesKept: number;
  readonly clock: Clock;
  /** How long a commit may take until it counts as one that cannot be written now, in ms. */
  readonly patienceMs?: number;
  /** How long to wait before another try, in ms. */
  readonly retryMs?: number;
  /** How long the last flush may take, in ms. */
  readonly closeWithinMs?: number;
}

/** Opens the state of one process. Throws a StateError whose message is for a person. */
export async function openStore({
  path,
  changesKept,
  clock,
  patienceMs = 10_000,
  retryMs = 5_000,
  closeWithinMs = 2_000,
}: StoreOptions): Promise<Store> {
  const thread = startThread({ path, changesKept });
  const { restored, failure } = await open(thread);
  // Of a database that cannot be read yet nobody knows the last id: the clock is beyond any of them.
  let lastId = failure === null ? restored.lastChangeId : clock.wall();
  let lastSaveAt: number | null = null;
  const backlog = createBacklog({
    patienceMs,
    retryMs,
    opened: failure === null,
    reopen: () => thread.ask({ type: 'open' }).then(() => {}),
    write: (writes) => thread.ask({ type: 'write', writes }).then(() => {}),
    saved() {
      lastSaveAt = clock.wall();
    },
  });

  return {
    restored,
    nextChangeId: () => ++lastId,
    commit: (step) => backlog.add({ type: 'step', step }),
    saveFreshness: (entries) => void backlog.add({ type: 'freshness', entries }),
    saveProjects: (projects) => void backlog.add({ type: 'projects', projects }),
    forget(keys) {
      if (keys.length > 0) void backlog.add({ type: 'forget', keys });
    },
    async changes(query) {
      const waiting = backlog.waiting().flatMap((write) => (write.type === 'step' ? write.step.changes : []));
      const stored = await thread.ask({ type: 'changes', query }).catch(() => []);
      return merge(Array.isArray(stored) ? stored : [], waiting, query);
    },
    status: () => ({ ...backlog.status(), lastSaveAt, restored: failure === null && restored.setAside === null }),
    async [Symbol.asyncDispose]() {
      await backlog.close(closeWithinMs);
      await thread.end(closeWithinMs);
    },
  };
}

const nothing: Restored = { sources: new Map(), projects: [], lastChangeId: 0, setAside: null };

/** A disk that is full or failing is survived from the start: nothing is restored, and opening is tried again. */
async function open(thread: Thread): Promise<{ readonly restored: Restored; readonly failure: string | null }> {
  try {
    const restored = await thread.ask({ type: 'open' });
    return { restored: restored && 'sources' in restored ? restored : nothing, failure: null };
  } catch (thrown) {
    if (thrown instanceof ThreadError && !thrown.forPeople) return { restored: nothing, failure: thrown.message };
    await thread.end(0);
    throw thrown instanceof ThreadError ? new StateError(thrown.message) : thrown;
  }
}

function merge(
  stored: readonly RecordedChange[],
  waiting: readonly RecordedChange[],
  { projectId, sinceId, sinceAt, limit, newestFirst }: ChangesQuery,
): readonly RecordedChange[] {
  const asked = waiting.filter(
    ({ id, at, atlas_project_id }) =>
      (projectId === undefined || atlas_project_id === projectId) &&
      (sinceId === undefined || id > sinceId) &&
      (sinceAt === undefined || at >= sinceAt),
  );
  const byId = new Map([...stored, ...asked].map((change) => [change.id, change]));
  return [...byId.values()].sort((a, b) => (newestFirst ? b.id - a.id : a.id - b.id)).slice(0, limit);
}
