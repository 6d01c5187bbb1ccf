/** One token for any number of polls: asked for once, renewed before it ends, kept while a renewal fails. */
import type { Clock } from '../../domain/time.ts';
import { type AtlasError, toAtlasError } from '../error.ts';
import { unlessEnded } from '../http/deadline.ts';
import { backoffMs } from './rate-limit.ts';

/** What the token endpoint gave. */
export interface Grant {
  readonly text: string;
  readonly lifeMs: number;
}

export interface TokenKeeper {
  /** The token to use now. Throws AtlasError when there is none. */
  current(signal: AbortSignal): Promise<string>;
  /** Atlas did not accept it: unless it was renewed meanwhile, the next use asks for another. */
  refused(text: string): void;
  /** Another secret: what was refused may be given now. */
  forgetRefusal(): void;
  /** Wall ms; null without a token. */
  expiresAt(): number | null;
  /** Takes the token out; null without one. */
  take(): string | null;
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
  readonly renewAt: number;
  readonly endsAt: number;
}

interface Refusal {
  readonly error: AtlasError;
  readonly until: number;
  readonly count: number;
}

/** A token is not used in its last seconds: it would end on its way. */
const marginMs = 5_000;
const longestHoldMs = 30_000;

export function createTokenKeeper(request: () => Promise<Grant>, clock: Clock): TokenKeeper {
  let token: Token | null = null;
  let renewing: Promise<Token> | null = null;
  let refusal: Refusal | null = null;

  const renew = async (): Promise<Token> => {
    try {
      const { text, lifeMs } = await request();
      const now = clock.monotonic();
      const endsAt = now + Math.max(lifeMs - marginMs, lifeMs / 2);
      token = { text, endsAt, renewAt: now + (lifeMs * 2) / 3, expiresAt: clock.wall() + lifeMs };
      refusal = null;
      return token;
    } catch (thrown) {
      const error = toAtlasError(thrown);
      const count = (refusal?.count ?? 0) + 1;
      refusal = { error, count, until: clock.monotonic() + holdMs(error, count) };
      throw error;
    } finally {
      renewing = null;
    }
  };
  /** A token endpoint that refused is left alone for a while: every poll in that time fails with what it said. */
  const renewal = (): Promise<Token> => {
    if (renewing) return renewing;
    if (refusal && clock.monotonic() < refusal.until) return Promise.reject(refusal.error);
    renewing = renew();
    return renewing;
  };

  return {
    async current(signal) {
      const now = clock.monotonic();
      if (token && now < token.renewAt) return token.text;
      const renewed = renewal();
      if (token && now < token.endsAt) {
        renewed.catch(() => {});
        return token.text;
      }
      return (await unlessEnded(renewed, signal)).text;
    },
    refused(text) {
      if (token?.text === text) token = null;
    },
    forgetRefusal() {
      refusal = null;
    },
    expiresAt: () => token?.expiresAt ?? null,
    take() {
      const text = token?.text ?? null;
      token = null;
      return text;
    },
  };
}

/** A limit as Atlas asks; a wrong secret less than the minute after which it is tried again; anything else shortly. */
function holdMs({ reason, retryAfterMs }: AtlasError, count: number): number {
  if (reason === 'rate_limited') return backoffMs(count, retryAfterMs);
  if (reason === 'unauthorized') return longestHoldMs;
  return Math.min(1_000 * 2 ** (count - 1), longestHoldMs);
}
