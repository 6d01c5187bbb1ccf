/** Where a credential must wait: per bucket (endpoint set and project), so that one that is empty delays no other. */
import type { Clock } from '../../domain/time.ts';
import { createLowest } from '../lowest.ts';
import { type Budget, backoffMs, paceMs } from './rate-limit.ts';

export interface Limits {
  /** How long to stay away from a bucket, in ms; 0 for not at all. */
  waitMs(bucket: string): number;
  /** What an answer told of a bucket. */
  told(bucket: string, budget: Budget | null): void;
  /** Atlas refused; `askedMs` is its Retry-After. */
  refused(bucket: string, askedMs: number | null): void;
  /** For metrics: wall ms until which some bucket is left alone, and the lowest share left within the last minute. */
  state(): { readonly backoffUntil: number | null; readonly remainingRatio: number | null };
}

/** Both are moments, monotonic ms. */
interface Bucket {
  /** Until when it is left alone because it refused, as often as that in a row. */
  readonly refusedUntil: number;
  readonly refusals: number;
  /** Until when it is spared because it runs low. */
  readonly sparedUntil: number;
}

const untouched: Bucket = { refusedUntil: 0, refusals: 0, sparedUntil: 0 };

export function createLimits(clock: Clock): Limits {
  const buckets = new Map<string, Bucket>();
  const lowest = createLowest(clock);
  const bucketOf = (name: string) => buckets.get(name) ?? untouched;

  return {
    waitMs(name) {
      const { refusedUntil, sparedUntil } = bucketOf(name);
      return Math.max(0, Math.max(refusedUntil, sparedUntil) - clock.monotonic());
    },
    told(name, budget) {
      if (budget === null) return;
      lowest.enter(budget.remaining / budget.limit);
      const now = clock.monotonic();
      const pause = paceMs(budget);
      const before = bucketOf(name);
      // An answer that was on its way when another was refused does not lift the refusal.
      const refusal = before.refusedUntil > now ? before : untouched;
      if (pause > 0 || refusal !== untouched) buckets.set(name, { ...refusal, sparedUntil: now + pause });
      else buckets.delete(name);
    },
    refused(name, askedMs) {
      const now = clock.monotonic();
      const before = bucketOf(name);
      // Those that were under way together are refused once.
      const refusals = before.refusedUntil > now ? before.refusals : before.refusals + 1;
      const refusedUntil = Math.max(before.refusedUntil, now + backoffMs(refusals, askedMs));
      buckets.set(name, { ...before, refusals, refusedUntil });
    },
    state() {
      const now = clock.monotonic();
      let wait = 0;
      for (const { refusedUntil, sparedUntil } of buckets.values()) {
        wait = Math.max(wait, refusedUntil - now, sparedUntil - now);
      }
      return { backoffUntil: wait > 0 ? clock.wall() + wait : null, remainingRatio: lowest.value() };
    },
  };
}
