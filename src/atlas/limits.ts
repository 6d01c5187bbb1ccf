/** Where a credential must wait: per bucket (endpoint set and project), so that one that is empty delays no other. */
import type { Clock } from '../domain/change.ts';
import { type Budget, backoffMs, paceMs } from './rate-limit.ts';

export interface Limits {
  /** How long to stay away from a bucket, in ms; 0 for not at all. */
  waitMs(bucket: string): number;
  /** What an answer told of a bucket. */
  told(bucket: string, budget: Budget | null): void;
  /** Atlas refused; `askedMs` is its Retry-After. */
  refused(bucket: string, askedMs: number | null): void;
  /** For metrics: wall ms until which some bucket waits, and the lowest share left within the last minute. */
  state(): { readonly backoffUntil: number | null; readonly remainingRatio: number | null };
}

interface Bucket {
  until: number;
  refusals: number;
}

const windowMs = 60_000;

export function createLimits(clock: Clock): Limits {
  const buckets = new Map<string, Bucket>();
  let ratios: { readonly at: number; readonly ratio: number }[] = [];

  const stayAway = (name: string, refusals: number, ms: number) => {
    buckets.set(name, { refusals, until: clock.monotonic() + ms });
  };
  /** The last minute's falling ratios: any older one that is not lower than a newer says nothing. */
  const remember = (ratio: number) => {
    const now = clock.monotonic();
    ratios = [...ratios.filter((entry) => now - entry.at < windowMs && entry.ratio < ratio), { at: now, ratio }];
  };

  return {
    waitMs: (name) => Math.max(0, (buckets.get(name)?.until ?? 0) - clock.monotonic()),
    told(name, budget) {
      if (budget === null) return;
      remember(budget.remaining / budget.limit);
      const pause = paceMs(budget);
      if (pause > 0) stayAway(name, buckets.get(name)?.refusals ?? 0, pause);
      else buckets.delete(name);
    },
    refused(name, askedMs) {
      const refusals = (buckets.get(name)?.refusals ?? 0) + 1;
      stayAway(name, refusals, backoffMs(refusals, askedMs));
    },
    state() {
      const now = clock.monotonic();
      const waits = [...buckets.values()].map(({ until }) => until - now).filter((wait) => wait > 0);
      ratios = ratios.filter(({ at }) => now - at < windowMs);
      return {
        backoffUntil: waits.length > 0 ? clock.wall() + Math.max(...waits) : null,
        remainingRatio: ratios.length > 0 ? Math.min(...ratios.map(({ ratio }) => ratio)) : null,
      };
    },
  };
}
