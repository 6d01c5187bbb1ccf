/** The lowest of the numbers that came within the last minute. */
import type { Clock } from '../domain/time.ts';

export interface Lowest {
  enter(value: number): void;
  /** null when none came. */
  value(): number | null;
}

const windowMs = 60_000;
const sliceMs = 1_000;

/** One number a second is kept, however many come. */
export function createLowest(clock: Clock): Lowest {
  const slices = new Map<number, number>();
  const slice = () => Math.floor(clock.monotonic() / sliceMs);
  const forgetOld = () => {
    const oldest = slice() - windowMs / sliceMs;
    // Kept in the order of time.
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
