/** What of the watch outlives the process: the shapes that are written to the state file and read from it. */
import type { RecordedChange } from './change-log.ts';
import { type Ledger, restoreInstant, restoreLedger } from './ledger.ts';
import type { ListedProject } from './listing.ts';
import type { SourceState } from './poll.ts';
import type { Instant } from './time.ts';

/** `L` is JSON text where ledgers go from one thread to another. */
export interface StoredSource<L = Ledger> extends StoredFreshness {
  readonly ledger: L;
}

export interface StoredFreshness {
  /** The key of the source. */
  readonly key: string;
  /** Whether the last poll succeeded. */
  readonly up: boolean;
  /** Wall ms; null for never. */
  readonly lastSuccess: number | null;
}

export interface StoredProject extends ListedProject {
  /** `readAt`: when it was read last, in wall ms; null while it is not known. */
  readonly regionalMode: { readonly enabled: boolean; readonly readAt: number } | null;
  /** Wall ms; null while it is watched. */
  readonly removedAt: number | null;
}

/**
 * What is written of one source, together or not at all: its state, and the changes that are told with it. Of a source
 * that is not stored, `freshen` writes the changes alone. A write that is repeated does no harm.
 */
export type SourceWrite<L = Ledger> = { readonly changes: readonly RecordedChange[] } & (
  | ({ readonly type: 'put' } & StoredSource<L>)
  | ({ readonly type: 'freshen' } & StoredFreshness)
  | { readonly type: 'forget'; readonly key: string }
);

/** What goes into one transaction. `projects` replaces every stored one; null leaves them as they are. */
export interface Batch<L = Ledger> {
  readonly writes: readonly SourceWrite<L>[];
  readonly projects: readonly StoredProject[] | null;
}

/** What an earlier process left. */
export interface Restored {
  readonly sources: ReadonlyMap<string, StoredSource>;
  readonly projects: readonly StoredProject[];
  readonly lastChangeId: number;
  /** The name that a file which could not be read as state was given; null when there was none. */
  readonly setAside: string | null;
}

/** How saving goes. */
export interface SaveStatus {
  /** Whether what an earlier process left was restored, or there was nothing to restore. */
  readonly restored: boolean;
  readonly lastSaveSuccessful: boolean;
  /** Wall ms; null for never. */
  readonly lastSaveAt: number | null;
  readonly saveFailures: number;
}

function toStoredFreshness(key: string, { freshness: { up, lastSuccess } }: SourceState): StoredFreshness {
  return { key, up, lastSuccess: lastSuccess?.wall ?? null };
}

/** Writes the whole state of a source; null while it has no ledger, for then there is nothing to keep. */
export function toPut(
  key: string,
  state: SourceState,
  changes: readonly RecordedChange[] = [],
): Extract<SourceWrite, { type: 'put' }> | null {
  const { ledger } = state;
  return ledger && { type: 'put', ...toStoredFreshness(key, state), ledger, changes };
}

export function toFreshen(key: string, state: SourceState): SourceWrite {
  return { type: 'freshen', ...toStoredFreshness(key, state), changes: [] };
}

export function toForget(key: string): SourceWrite {
  return { type: 'forget', key, changes: [] };
}

/** Writes changes that are no source's, or that are known better now. */
export function toLogged(projectId: string, changes: readonly RecordedChange[]): SourceWrite {
  return { type: 'freshen', key: `changes of ${projectId}`, up: false, lastSuccess: null, changes };
}

/** A stored state on the clocks of this process. */
export function restoreState(stored: StoredSource, now: Instant): SourceState {
  const lastSuccess = stored.lastSuccess === null ? null : restoreInstant(stored.lastSuccess, now);
  return {
    ledger: restoreLedger(stored.ledger, now),
    freshness: { up: stored.up, failure: null, lastSuccess, stale: false },
  };
}
