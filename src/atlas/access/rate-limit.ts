/**
 * Waits, worked out: what the headers say about limits, and when a failed request is tried again. Pure. Limits are
 * documented at https://www.mongodb.com/docs/atlas/api/rate-limiting/
 */
import type { AtlasError } from '../error.ts';

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
}

/** The longest that Atlas' word is followed: after this time the bucket is asked again. */
const longestWaitMs = 5 * 60 * 1000;
const firstWaitMs = 10_000;
/** All that one visit sleeps on its lanes before retries and for low buckets together. */
export const longestSleepMs = 2_000;
const firstRetryMs = 200;

/** `RateLimit-Limit` and `RateLimit-Remaining`; null when they are absent (which does not mean unlimited) or absurd. */
export function budgetOf(headers: { get(name: string): string | null }): Budget | null {
  const limit = wholeNumber(headers.get('ratelimit-limit'));
  const remaining = wholeNumber(headers.get('ratelimit-remaining'));
  return limit === null || remaining === null || limit === 0 ? null : { limit, remaining: Math.min(remaining, limit) };
}

/**
 * `Retry-After` in ms: seconds or a date, never less than 0 nor more than five minutes; null when it is absent or
 * nonsense. `now` is wall ms.
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, longestWaitMs);
  if (/^-\d+$/.test(text)) return 0;
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.min(Math.max(0, date - now), longestWaitMs);
}

/** How long one visit spares buckets that run low, without a lane. */
export const longestSparingMs = firstWaitMs;

/** How long to stay away after the nth refusal in a row: as asked, else 10, 20, 40 s and so on, at most five minutes. */
export function backoffMs(refusals: number, askedMs: number | null): number {
  const own = Math.min(firstWaitMs * 2 ** (refusals - 1), longestWaitMs);
  return askedMs === null || askedMs === 0 ? own : askedMs;
}

/** A pause before the next request of a bucket that runs low, growing as it empties: from nothing at a tenth to 10 s at 0. */
export function paceMs({ limit, remaining }: Budget): number {
  const low = limit / 10;
  return remaining >= low ? 0 : Math.round(firstWaitMs * (1 - remaining / low));
}

/**
 * How long to wait before the nth retry within a poll, in ms; null when the same request would hardly fare better in a
 * moment. A bad answer would only come again, and a request that ran into its deadline would run into it again.
 */
export function retryDelayMs(retry: number, { reason, retryAfterMs: askedMs }: AtlasError): number | null {
  const asked = askedMs !== null && askedMs > 0 ? askedMs : null;
  if (reason === 'rate_limited') return asked;
  if (reason !== 'network' && reason !== 'server_error') return null;
  return asked ?? firstRetryMs * 2 ** (retry - 1);
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null;
}
