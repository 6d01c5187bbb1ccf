/**
 * The polls of sources that nothing is known of yet, outside their schedule: some at a time for each credential. Ten
 * thousand begun at once would be ten thousand half-done polls in memory, and the heap never gives back what it grew by.
 */
import type { SourceState } from '../domain/poll.ts';
import type { SourceView } from '../domain/view.ts';

export interface FirstPolls {
  /** Polls each of them once, soon, unless something else, such as a tick, has moved its state by then. */
  add(sources: readonly SourceView[]): void;
}

export interface FirstPollsParts {
  /** Never rejects. */
  poll(key: string): Promise<void>;
  /** As of now; undefined when it is no longer watched. */
  stateOf(key: string): SourceState | undefined;
}

/** More than a credential has in flight, so that its lanes never wait. */
const atOnce = 256;

export function createFirstPolls({ poll, stateOf }: FirstPollsParts): FirstPolls {
  const lanes = new Map<string, Lane>();

  const work = async (lane: Lane): Promise<void> => {
    lane.workers += 1;
    for (let next = lane.waiting.shift(); next; next = lane.waiting.shift()) {
      const { source, state } = next;
      if (stateOf(source.key) === state) await poll(source.key);
    }
    lane.workers -= 1;
  };

  return {
    add(sources) {
      for (const watched of sources) {
        const { credential } = watched.source;
        const lane = lanes.get(credential) ?? { waiting: [], workers: 0 };
        lanes.set(credential, lane);
        lane.waiting.push(watched);
        if (lane.workers < atOnce) void work(lane);
      }
    },
  };
}

interface Lane {
  /** In the order in which they came. */
  readonly waiting: SourceView[];
  workers: number;
}
