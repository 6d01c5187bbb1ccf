/** Upkeep by the clock that belongs to no single source: ageing each minute, and saving what changes with every poll. */
import type { SourceState } from '../domain/poll.ts';
import { type SourceWrite, toFreshen } from '../domain/stored.ts';
import type { Fleet } from '../polling/fleet.ts';

export interface UpkeepParts {
  readonly fleet: Fleet;
  /** Called once a minute. Must not reject. */
  everyMinute(): Promise<void>;
  /** Saves the times of success that moved since the last flush. */
  saveFreshness(moved: readonly SourceWrite[]): void;
  /** Differs from the last time when what `saveRest` saves may have changed. */
  restRevision(): string;
  /** Saves everything else. Called when its revision is another. */
  saveRest(): void;
}

export interface Upkeep extends Disposable {
  /** Flushes everything that is not saved yet, also what is saved now and then only. */
  flush(): void;
}

const minuteMs = 60_000;
const flushEveryMs = 15_000;

/** Starts the upkeep, which goes on until it is disposed. */
export function startUpkeep({ fleet, everyMinute, saveFreshness, restRevision, saveRest }: UpkeepParts): Upkeep {
  let savedRevision: string | null = null;
  let saved = new Map<string, SourceState['freshness']>();

  const flush = (isLast: boolean) => {
    const now = new Map<string, SourceState['freshness']>();
    const moved: SourceWrite[] = [];
    for (const { source, state } of fleet.sources()) {
      const { key } = source;
      now.set(key, state.freshness);
      if (saved.get(key) !== state.freshness && state.freshness.lastSuccess) moved.push(toFreshen(key, state));
    }
    saved = now;
    if (moved.length > 0) saveFreshness(moved);
    // A list of ten thousand projects is long, and is not made anew without a change.
    const revision = restRevision();
    if (revision === savedRevision && !isLast) return;
    savedRevision = revision;
    saveRest();
  };
  const minute = setInterval(() => void everyMinute(), minuteMs);
  const flushing = setInterval(() => flush(false), flushEveryMs);
  return {
    flush: () => flush(true),
    [Symbol.dispose]() {
      clearInterval(minute);
      clearInterval(flushing);
    },
  };
}
