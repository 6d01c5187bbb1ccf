/** What happens by the clock and belongs to no single source. */
import type { SourceState } from '../domain/poll.ts';
import type { Fleet } from './fleet.ts';

export interface UpkeepParts {
  readonly fleet: Fleet;
  /** Once a minute. Must not reject. */
  everyMinute(): Promise<void>;
  /** Success times that moved since the last flush. */
  saveFreshness(entries: readonly { key: string; up: boolean; lastSuccess: number | null }[]): void;
  /** Everything else that is saved with them. */
  saveRest(): void;
}

export interface Upkeep extends Disposable {
  /** Flushes what is not saved yet. */
  flush(): void;
}

const minuteMs = 60_000;
const flushEveryMs = 15_000;

/** Keeps house until it is disposed. */
export function startUpkeep({ fleet, everyMinute, saveFreshness, saveRest }: UpkeepParts): Upkeep {
  let saved = new Map<string, SourceState['freshness']>();

  const flush = () => {
    const entries = [...fleet.sources()].map(({ source: { key }, state: { freshness } }) => ({ key, freshness }));
    const moved = entries.filter(
      ({ key, freshness }) => saved.get(key) !== freshness && freshness.lastSuccess !== null,
    );
    saved = new Map(entries.map(({ key, freshness }) => [key, freshness]));
    if (moved.length > 0) {
      saveFreshness(
        moved.map(({ key, freshness: { up, lastSuccess } }) => ({ key, up, lastSuccess: lastSuccess?.wall ?? null })),
      );
    }
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
