/** What the headers say about limits. Pure. Documented at https://www.mongodb.com/docs/atlas/api/rate-limiting/ */

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
}

/** However long Atlas asks to wait, we ask again after this. */
const longestWaitMs = 5 * 60 * 1000;
const firstWaitMs = 10_000;

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

/** How long to stay away after the nth refusal in a row: as asked, else 10, 20, 40 s and so on, at most five minutes. */
export function backoffMs(refusals: number, askedMs: number | null): number {
  const own = Math.min(firstWaitMs * 2 ** (refusals - 1), longestWaitMs);
  return askedMs === null || askedMs === 0 ? own : askedMs;
}

/** A pause before the next poll of a bucket that runs low, growing as it empties: from nothing at a tenth to 10 s at 0. */
export function paceMs({ limit, remaining }: Budget): number {
  const low = limit / 10;
  return remaining >= low ? 0 : Math.round(firstWaitMs * (1 - remaining / low));
}

function wholeNumber(text: string | null): number | null {
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null;
}
