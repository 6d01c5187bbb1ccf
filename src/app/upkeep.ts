/** What happens by the clock and belongs to no single source. */
import type { SourceState } from '../domain/poll.ts';
import { type SourceWrite, toFreshen } from '../domain/stored.ts';
import type { Fleet } from '../polling/fleet.ts';

export interface UpkeepParts {
  readonly fleet: Fleet;
  /** Once a minute. Must not reject. */
  everyMinute(): Promise<void>;
  /** Success times that moved since the last flush. */
  saveFreshness(moved: readonly SourceWrite[]): void;
  /** Tells whether anything else may have changed: another text when it may. */
  restRevision(): string;
  /** Everything else that is saved with them; called when its revision is another. */
  saveRest(): void;
}

export interface Upkeep extends Disposable {
  /** Flushes what is not saved yet. */
  flush(): void;
}

const minuteMs = 60_000;
const flushEveryMs = 15_000;

/** Keeps house until it is disposed. */
export function startUpkeep({ fleet, everyMinute, saveFreshness, restRevision, saveRest }: UpkeepParts): Upkeep {
  let savedRevision: string | null = null;
  let saved = new Map<string, SourceState['freshness']>();

  const flush = () => {
    const now = new Map<string, SourceState['freshness']>();
    const moved: SourceWrite[] = [];
    for (const { source, state } of fleet.sources()) {
      const { key } = source;
      now.set(key, state.freshness);
      if (saved.get(key) !== state.freshness && state.freshness.lastSuccess) moved.push(toFreshen(key, state));
    }
    saved = now;
    if (moved.length > 0) saveFreshness(moved);
    // Ten thousand projects are a long list: it is not made anew for nothing.
    const revision = restRevision();
    if (revision === savedRevision) return;
    savedRevision = revision;
    saveRest();
  };
  const minute = setInterval(() => void everyMinute(), minuteMs);
  const flushing = setInterval(flush, flushEveryMs);
  return {
    flush,
    [Symbol.dispose]() {
      clearInterval(minute);
      clearInterval(flushing);
    },
  };
}
