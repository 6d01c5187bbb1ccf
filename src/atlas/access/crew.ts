/**
 * The lanes that one visit holds: one at first, more when many requests are to come. Each carries one request at a time,
 * because parallel requests of one digest client give false 401s.
 */
import type { Credential, Lane } from './credential.ts';

export interface Crew {
  /** Waits for a lane that carries no request. Rejects with the reason of the signal, or when no lane can be had. */
  take(): Promise<Lane>;
  /** Hands a lane back to the crew after a request. */
  giveBack(lane: Lane): void;
  /** Lets up to so many lanes be held from now on. */
  grow(most: number): void;
  /** Gives lanes without a request back to the credential: the visit waits for something else. */
  rest(): void;
  /** Gives every lane back, with what went wrong, if anything did. Every request must have ended. */
  leave(error?: unknown): void;
}

interface Waiter {
  readonly resolve: (lane: Lane) => void;
  readonly reject: (reason: unknown) => void;
}

/** `signal` ends every wait for a lane. A lane that comes when all is over goes back at once. */
export function createCrew(credential: Pick<Credential, 'enterLane'>, signal: AbortSignal): Crew {
  const idle: Lane[] = [];
  const waiters: Waiter[] = [];
  let most = 1;
  /** Lanes that are held or queued for, and those of them that are queued for. */
  let [lanes, queued] = [0, 0];
  let isOver = false;

  const release = (lane: Lane, error?: unknown) => {
    lanes -= 1;
    lane.leave(error);
  };
  const put = (lane: Lane) => {
    const waiter = waiters.shift();
    if (waiter) waiter.resolve(lane);
    else if (isOver) release(lane);
    else idle.push(lane);
  };
  const enter = (lane: Lane) => {
    queued -= 1;
    put(lane);
  };
  /** A lane that cannot be had fails those who wait only when no other lane could come for them. */
  const refuse = (reason: unknown) => {
    lanes -= 1;
    queued -= 1;
    if (lanes === 0 || signal.aborted) for (const { reject } of waiters.splice(0)) reject(reason);
  };
  const hire = () => {
    while (lanes < most && queued < waiters.length) {
      lanes += 1;
      queued += 1;
      credential.enterLane(signal).then(enter, refuse);
    }
  };
  return {
    take() {
      const lane = idle.pop();
      if (lane) return Promise.resolve(lane);
      return new Promise<Lane>((resolve, reject) => {
        waiters.push({ resolve, reject });
        hire();
      });
    },
    giveBack: put,
    grow(next) {
      most = Math.max(most, next);
    },
    rest() {
      for (const lane of idle.splice(0)) release(lane);
    },
    leave(error) {
      isOver = true;
      for (const lane of idle.splice(0)) release(lane, error);
    },
  };
}
