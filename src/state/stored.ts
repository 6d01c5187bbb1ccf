/** What is written to the state file and read from it, in the shapes that the two threads share. */
import type { RecordedChange } from '../domain/change-log.ts';
import type { Ledger } from '../domain/ledger.ts';

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

/**
 * The same as it comes from the thread of the file: `sources` is JSON, a list of StoredSource. A text goes from one thread to
 * another in a tenth of the time that its objects take, and they hold up the main loop when they arrive.
 */
export interface RestoredText extends Omit<Restored, 'sources'> {
  readonly sources: string;
}

export function toRestored({ sources, ...rest }: RestoredText): Restored {
  const list: readonly StoredSource[] = JSON.parse(sources);
  return { ...rest, sources: new Map(list.map((source) => [source.key, source])) };
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
