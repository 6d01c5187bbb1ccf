import { vi } from 'vitest';
import type { Clock } from '../../src/domain/time.ts';

/** A clock and the timers behind it, stepped by the test. `vi.useRealTimers()` ends it. */
export function fakeTime(start = '2026-01-01T00:00:00.000Z'): Clock {
  vi.useFakeTimers({ now: new Date(start) });
  return { wall: () => Date.now(), monotonic: () => performance.now() };
}
