/** Where a credential must wait: per bucket (endpoint set and project), so that one that is empty delays no other. */
import type { Clock } from '../../domain/time.ts';
import type { AtlasError } from '../error.ts';
import { type Budget, backoffMs, paceMs } from './rate-limit.ts';

export interface Limits {
  /**
   * How long to stay away from a bucket, in ms; 0 for not at all. A bucket that only runs low is not spared for longer than
   * `mostSparingMs`: then it is asked, and its answer counts.
   */
  waitMs(bucket: string, mostSparingMs?: number): number;
  /** What an answer told of a bucket. */
  told(bucket: string, budget: Budget | null): void;
  /** Atlas refused a request; the error may hold its Retry-After. */
  refused(bucket: string, error: AtlasError): void;
  /** Why a bucket is left alone, while that is because Atlas refused; else null. */
  refusal(bucket: string): AtlasError | null;
  /** Whether less than a fifth of a bucket was left within the last minute: that much is the polls'. */
  isLow(bucket: string): boolean;
  /** For metrics: wall ms until which some bucket is left alone, and the lowest share left within the last minute. */
  state(): { readonly backoffUntil: number | null; readonly remainingRatio: number | null };
}

/** Moments are monotonic ms. */
interface Bucket {
  /** Until when it is left alone because it refused, how often that was in a row, and how it was refused last. */
  readonly refusedUntil: number;
  readonly refusals: number;
  readonly refusal: AtlasError | null;
  /** Until when it is spared because it runs low. */
  readonly sparedUntil: number;
  /** Until when what was told of it, that less than a fifth is left, may still be so. */
  readonly lowUntil: number;
}

const untouched: Bucket = { refusedUntil: 0, refusals: 0, refusal: null, sparedUntil: 0, lowUntil: 0 };
const lowShare = 0.2;
/** Buckets are filled up in steps of at most 58 s. */
const refillMs = 60_000;

export function createLimits(clock: Clock): Limits {
  const buckets = new Map<string, Bucket>();
  const lowest = createLowest(clock);
  const bucketOf = (name: string) => buckets.get(name) ?? untouched;

  return {
    waitMs(name, mostSparingMs = Number.POSITIVE_INFINITY) {
      const { refusedUntil, sparedUntil } = bucketOf(name);
      const now = clock.monotonic();
      const sparingMs = sparedUntil - now > mostSparingMs ? 0 : sparedUntil - now;
      return Math.max(0, refusedUntil - now, sparingMs);
    },
    told(name, budget) {
      if (budget === null) return;
      lowest.enter(budget.remaining / budget.limit);
      const now = clock.monotonic();
      const pause = paceMs(budget);
      const lowUntil = budget.remaining < budget.limit * lowShare ? now + refillMs : 0;
      const before = bucketOf(name);
      // An answer that was on its way when another was refused does not lift the refusal.
      const refusal = before.refusedUntil > now ? before : untouched;
      if (lowUntil > 0 || refusal !== untouched) buckets.set(name, { ...refusal, sparedUntil: now + pause, lowUntil });
      else buckets.delete(name);
    },
    refused(name, error) {
      const now = clock.monotonic();
      const before = bucketOf(name);
      // Requests that were under way together are refused once.
      const refusals = before.refusedUntil > now ? before.refusals : before.refusals + 1;
      const refusedUntil = Math.max(before.refusedUntil, now + backoffMs(refusals, error.retryAfterMs));
      buckets.set(name, { ...before, refusals, refusedUntil, refusal: error });
    },
    refusal(name) {
      const { refusal, refusedUntil } = bucketOf(name);
      return refusedUntil > clock.monotonic() ? refusal : null;
    },
    isLow(name) {
      const { refusedUntil, lowUntil } = bucketOf(name);
      return Math.max(refusedUntil, lowUntil) > clock.monotonic();
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

interface Lowest {
  enter(value: number): void;
  /** null when nothing was entered within the last minute. */
  value(): number | null;
}

const windowMs = 60_000;
const sliceMs = 1_000;

/** The lowest number that was entered within the last minute. One number a second is kept, however many come. */
function createLowest(clock: Clock): Lowest {
  const slices = new Map<number, number>();
  const slice = () => Math.floor(clock.monotonic() / sliceMs);
  const forgetOld = () => {
    const oldest = slice() - windowMs / sliceMs;
    // The slices are in the order of time.
    for (const at of slices.keys()) {
      if (at > oldest) return;
      slices.delete(at);
    }
  };
  return {
    enter(value) {
      forgetOld();
      const at = slice();
      slices.set(at, Math.min(value, slices.get(at) ?? Number.POSITIVE_INFINITY));
    },
    value() {
      forgetOld();
      return slices.size === 0 ? null : Math.min(...slices.values());
    },
  };
}
