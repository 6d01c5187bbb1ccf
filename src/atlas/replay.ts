/** A poll that a rate limit interrupts goes on where it was: what Atlas answered before is answered again from here. */

import { AtlasError } from './error.ts';
import type { Get } from './http/client.ts';

type Ask = (request: Get) => Promise<unknown>;
type Played = { readonly path: string } & ({ readonly answer: unknown } | { readonly error: AtlasError });

export interface Replay {
  /** Asks as `ask` does, but for what an earlier run asked in the same order. Call it once for each run. */
  of(ask: Ask): Ask;
  /** How many answers there are by now. */
  length(): number;
}

/** Answers that say something (a 404 among them) are kept; refusals and failures are asked again. */
export function createReplay(): Replay {
  const played: Played[] = [];
  return {
    length: () => played.length,
    of(ask) {
      let position = 0;
      return async (request) => {
        const before = played[position];
        if (before?.path === request.path) {
          position++;
          if ('error' in before) throw before.error;
          return before.answer;
        }
        played.length = position;
        position++;
        try {
          const answer = await ask(request);
          played.push({ path: request.path, answer });
          return answer;
        } catch (thrown) {
          if (thrown instanceof AtlasError && thrown.status === 404) played.push({ path: request.path, error: thrown });
          throw thrown;
        }
      };
    },
  };
}
