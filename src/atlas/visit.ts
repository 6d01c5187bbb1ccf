/** A visit to Atlas: the requests of one poll, listing or look-up, on lanes of one credential, within one deadline. */

import type { Failure } from '../domain/failure.ts';
import type { Clock } from '../domain/time.ts';
import type { Credential } from './access/credential.ts';
import { type Crew, createCrew } from './access/crew.ts';
import { longestSleepMs, longestSparingMs } from './access/rate-limit.ts';
import { AtlasError, toAtlasError, toFailure } from './error.ts';
import { type ClientOptions, type Get, getJson } from './http/client.ts';
import { createDeadline, createPatience, type Deadline, type Pause } from './http/deadline.ts';

export interface VisitOptions {
  readonly signal: AbortSignal;
  /** How long it may take from its first lane on, in ms, with so many details to ask for besides what it began with. */
  deadlineMs(details: number): number;
  /** Called when a wait for a rate limit begins. */
  readonly onLimited?: (wait: LimitWait) => void;
}

/** A wait for a rate limit, which the visit spends without a lane. */
export interface LimitWait {
  readonly waitMs: number;
  /** Why, when Atlas refused a request; null when the visit only spares a limit that runs low. */
  readonly refusal: Failure | null;
}

/** What a reader of lists is given. */
export interface Visit {
  /** Asks for one thing, and resolves with its JSON. May be called while other calls are under way. Throws AtlasError. */
  get(request: Get): Promise<unknown>;
  /**
   * Tells how many details are going to be asked for: the deadline moves. Gives how many of them may be asked for at once:
   * so many clients help.
   */
  expectDetails(count: number): number;
}

export interface VisitParts {
  readonly credential: Credential;
  readonly client: ClientOptions;
  readonly clock: Clock;
  readonly pause: Pause;
}

/** A client helps where this many details are left for each: its first request costs a challenge. */
const detailsPerClient = 10;
/** How many clients one visit has at most. */
export const mostClients = 3;

/**
 * Runs `read` and resolves with what it gives. Waits for a rate limit are spent without a lane, and count in the deadline;
 * a limit that lasts longer than that fails the visit at once. Throws AtlasError, or the reason of the signal.
 */
export async function visitAtlas<T>(
  read: (visit: Visit) => Promise<T>,
  options: VisitOptions,
  parts: VisitParts,
): Promise<T> {
  const { signal } = options;
  using deadline = createDeadline(signal);
  const crew = createCrew(parts.credential, deadline.signal);
  const time = createTime(options, deadline, parts.clock);
  const get = createGet(crew, time, { ...options, deadline }, parts);
  try {
    // The time on a lane is what counts: a visit may wait long for its first one.
    crew.giveBack(await crew.take());
    time.start();
    const result = await read({
      get,
      expectDetails(count) {
        time.extend(count);
        const clients = Math.min(mostClients, Math.ceil(count / detailsPerClient));
        crew.grow(clients);
        return clients;
      },
    });
    crew.leave();
    return result;
  } catch (thrown) {
    crew.leave(thrown);
    signal.throwIfAborted();
    throw toAtlasError(thrown);
  }
}

/** Asks by whichever lane is free; where a rate limit refuses for long, it waits without a lane and asks again. */
function createGet(
  crew: Crew,
  time: Time,
  { signal, deadline, onLimited }: VisitOptions & { readonly deadline: Deadline },
  { credential, client, pause }: VisitParts,
): Visit['get'] {
  const { who, limits } = credential;
  let patience = createPatience(longestSleepMs);
  let sparingLeftMs = longestSparingMs;
  const mostSparingMs = () => Math.min(sparingLeftMs, time.leftMs());

  /** null when it was refused by a limit that is waited for. */
  const attempt = async (request: Get): Promise<{ readonly json: unknown } | AtlasError> => {
    const lane = await crew.take();
    try {
      const stay = { who, send: lane.send, limits, mostSparingMs, patience, signal: deadline.signal };
      const json = await getJson(request, stay, client);
      time.answered();
      return { json };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toAtlasError(thrown);
      if (error.reason !== 'rate_limited' || error.ofCredential) throw error;
      return error;
    } finally {
      crew.giveBack(lane);
    }
  };

  return async (request) => {
    for (;;) {
      const answer = await attempt(request);
      if (!(answer instanceof AtlasError)) return answer.json;
      const waitMs = limits.waitMs(request.bucket, mostSparingMs());
      if (waitMs >= time.leftMs()) throw answer;
      const refusal = limits.refusal(request.bucket);
      onLimited?.({ waitMs, refusal: refusal && toFailure(refusal) });
      if (refusal === null) sparingLeftMs -= waitMs;
      crew.rest();
      await pause(waitMs, deadline.signal);
      patience = createPatience(longestSleepMs);
    }
  };
}

interface Time {
  start(): void;
  /** Moves the deadline for what is to be asked for. */
  extend(details: number): void;
  answered(): void;
  leftMs(): number;
}

function createTime({ deadlineMs }: VisitOptions, deadline: Deadline, clock: Clock): Time {
  let startedAt = clock.monotonic();
  let allowedMs = deadlineMs(0);
  let [expected, answered] = [0, 0];

  const late = () => {
    const sum = `Not done within ${allowedMs / 1000} s`;
    if (expected === 0) return new AtlasError({ reason: 'timeout', detail: sum });
    return new AtlasError({
      reason: 'timeout',
      detail: `${sum}: ${answered} of ${expected} interface endpoints were read`,
      remedy:
        'Give the project a slower schedule or set poll.interfaceEndpoints: false, if the network is not to blame',
    });
  };
  const leftMs = () => startedAt + allowedMs - clock.monotonic();
  return {
    start() {
      startedAt = clock.monotonic();
      deadline.allow(allowedMs, late);
    },
    extend(details) {
      [expected, answered] = [details, 0];
      allowedMs = deadlineMs(details);
      deadline.allow(Math.max(0, leftMs()), late);
    },
    answered() {
      answered += 1;
    },
    leftMs,
  };
}
