/** Whether a key is worth sending: an untried one is tried by one poll first, a wrong one once a minute. */
import type { Clock } from '../../domain/time.ts';
import { AtlasError } from '../error.ts';
import { unlessEnded } from '../http/deadline.ts';

export interface Circuit {
  /**
   * Works, unless the key is known to be wrong: then it throws `unauthorized` at once. `heard` is to be called with the
   * status of each answer: the first that is no 401 lets in those who wait for a trial.
   */
  enter<T>(work: (heard: (status: number) => void) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Another key: whatever was known of the one before is forgotten. */
  reset(): void;
}

type Standing =
  | { readonly is: 'untried' }
  | { readonly is: 'fine' }
  | { readonly is: 'wrong'; readonly error: AtlasError; probeAt: number };

interface Trial {
  readonly over: Promise<void>;
  readonly end: () => void;
}

const probeEveryMs = 60_000;

export function createCircuit(clock: Clock): Circuit {
  let standing: Standing = { is: 'untried' };
  let trial: Trial | null = null;
  /** Replaced with each key, so that what is heard of an older one is not taken for it. */
  let key = {};

  const fine = () => {
    standing = { is: 'fine' };
    trial?.end();
  };
  const learn = (thrown: unknown, signal: AbortSignal) => {
    if (!(thrown instanceof AtlasError)) return;
    if (thrown.reason === 'unauthorized') {
      standing = { is: 'wrong', error: thrown, probeAt: clock.monotonic() + probeEveryMs };
    } else if (thrown.errorCode !== null && (thrown.status ?? 500) < 500) fine();
    // Nothing was learned: as long as nothing speaks against the key nobody waits for it.
    else if (standing.is === 'untried' && !signal.aborted) fine();
  };
  const begin = (): Trial => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun: Trial = {
      over: promise,
      end() {
        if (trial === begun) trial = null;
        resolve();
      },
    };
    return begun;
  };

  return {
    async enter(work, signal) {
      while (standing.is !== 'fine') {
        if (standing.is === 'wrong' && clock.monotonic() < standing.probeAt) throw stillWrong(standing.error);
        if (trial === null) break;
        await unlessEnded(trial.over, signal);
      }
      signal.throwIfAborted();
      const mine = key;
      const own = standing.is === 'fine' ? null : begin();
      if (own) trial = own;
      if (standing.is === 'wrong') standing.probeAt = clock.monotonic() + probeEveryMs;
      try {
        return await work((status) => {
          if (mine === key && status !== 401 && status < 500) fine();
        });
      } catch (thrown) {
        if (mine === key) learn(thrown, signal);
        throw thrown;
      } finally {
        own?.end();
      }
    },
    reset() {
      key = {};
      standing = { is: 'untried' };
      trial?.end();
    },
  };
}

function stillWrong({ detail, remedy }: AtlasError): AtlasError {
  return new AtlasError({ reason: 'unauthorized', detail: `${detail}; tried again once a minute`, remedy });
}
