/**
 * The polls of sources that nothing is known of yet, outside their schedule: some at a time for each credential. Ten
 * thousand begun at once would be ten thousand half-done polls in memory, and the heap never gives back what it grew by.
 */
import type { Source } from '../domain/source.ts';

export interface FirstPolls {
  /** Polls each of them once, soon. */
  add(sources: readonly Source[]): void;
}

export interface FirstPollsParts {
  /** Never rejects. */
  poll(key: string): Promise<void>;
  /** Whether nobody tried it meanwhile, such as a tick, and it is still watched. */
  isUntried(key: string): boolean;
}

/** More than a credential has in flight, so that its lanes never wait. */
const atOnce = 256;

export function createFirstPolls({ poll, isUntried }: FirstPollsParts): FirstPolls {
  const lanes = new Map<string, Lane>();

  const work = async (lane: Lane): Promise<void> => {
    lane.workers += 1;
    for (let key = lane.waiting.shift(); key !== undefined; key = lane.waiting.shift()) {
      if (isUntried(key)) await poll(key);
    }
    lane.workers -= 1;
  };

  return {
    add(sources) {
      for (const { key, credential } of sources) {
        const lane = lanes.get(credential) ?? { waiting: [], workers: 0 };
        lanes.set(credential, lane);
        lane.waiting.push(key);
        if (lane.workers < atOnce) void work(lane);
      }
    },
  };
}

interface Lane {
  /** Keys, in the order in which they came. */
  readonly waiting: string[];
  workers: number;
}
