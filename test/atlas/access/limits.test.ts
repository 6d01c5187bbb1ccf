import { expect, test } from 'vitest';
import { createLimits } from '../../../src/atlas/access/limits.ts';
import { AtlasError } from '../../../src/atlas/error.ts';

const refusal = (retryAfterMs: number | null) =>
  new AtlasError({ reason: 'rate_limited', detail: 'Atlas answered 429', retryAfterMs });

function limitsAt() {
  const time = { now: 0 };
  return { time, limits: createLimits({ wall: () => time.now, monotonic: () => time.now }) };
}

test('a shorter refusal never replaces a longer one, nor does a good answer that was on its way', () => {
  let now = 0;
  const limits = createLimits({ wall: () => now, monotonic: () => now });
  limits.refused('b', refusal(60_000));
  limits.refused('b', refusal(5_000));
  expect(limits.waitMs('b')).toBe(60_000);
  limits.told('b', { limit: 100, remaining: 99 });
  expect(limits.waitMs('b')).toBe(60_000);
  now = 30_000;
  limits.refused('b', refusal(2 * 60_000));
  expect(limits.waitMs('b')).toBe(2 * 60_000);
  now = 30_000 + 2 * 60_000;
  limits.refused('b', refusal(5_000));
  expect(limits.waitMs('b')).toBe(5_000);
});

test('a bucket waits for itself alone, and tells metrics of it', () => {
  let now = 0;
  const limits = createLimits({ wall: () => now, monotonic: () => now });
  limits.refused('a', refusal(30_000));
  limits.told('b', { limit: 100, remaining: 40 });
  expect([limits.waitMs('a'), limits.waitMs('b')]).toEqual([30_000, 0]);
  expect(limits.state()).toEqual({ backoffUntil: 30_000, remainingRatio: 0.4 });
  now = 61_000;
  expect(limits.state()).toEqual({ backoffUntil: null, remainingRatio: null });
});

test('an answer that was on its way does not lift a refusal', () => {
  const { time, limits } = limitsAt();
  limits.refused('a', refusal(17_000));
  limits.told('a', { limit: 100, remaining: 90 });
  expect(limits.waitMs('a')).toBe(17_000);
  limits.told('a', { limit: 100, remaining: 0 });
  expect(limits.waitMs('a')).toBe(17_000);
  time.now = 17_000;
  limits.told('a', { limit: 100, remaining: 90 });
  expect(limits.waitMs('a')).toBe(0);
});

test('those who are refused together are refused once; in a row the pauses grow', () => {
  const { time, limits } = limitsAt();
  for (let n = 0; n < 3; n++) limits.refused('a', refusal(null));
  expect(limits.waitMs('a')).toBe(10_000);
  for (const next of [20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
    time.now += limits.waitMs('a');
    limits.refused('a', refusal(null));
    expect(limits.waitMs('a')).toBe(next);
  }
  time.now += 300_000;
  limits.told('a', { limit: 100, remaining: 90 });
  limits.refused('a', refusal(null));
  expect(limits.waitMs('a')).toBe(10_000);
});

test('the lowest share is that of the last minute', () => {
  const { time, limits } = limitsAt();
  for (let n = 0; n < 100; n++) {
    time.now = n * 1_000;
    limits.told('a', { limit: 100, remaining: n < 50 ? n : 100 });
  }
  expect(limits.state().remainingRatio).toBe(0.4);
  time.now += 60_000;
  expect(limits.state().remainingRatio).toBeNull();
});

test('a bucket that refused says why, and a low one is spared no longer than is worth it', () => {
  const { time, limits } = limitsAt();
  const error = refusal(20_000);
  limits.refused('a', error);
  limits.told('b', { limit: 100, remaining: 5 });
  expect([limits.refusal('a'), limits.refusal('b'), limits.refusal('c')]).toEqual([error, null, null]);
  expect(limits.waitMs('a', 0)).toBe(20_000);
  expect([limits.waitMs('b'), limits.waitMs('b', 5_000), limits.waitMs('b', 4_999)]).toEqual([5_000, 5_000, 0]);
  time.now = 20_000;
  expect(limits.refusal('a')).toBeNull();
});

test.each([
  [20, false],
  [19, true],
])('with %i of 100 left a bucket is low: %s; after a minute nothing is known of it', (remaining, isLow) => {
  const { time, limits } = limitsAt();
  limits.told('a', { limit: 100, remaining });
  expect([limits.isLow('a'), limits.isLow('b')]).toEqual([isLow, false]);
  time.now = 60_000;
  expect(limits.isLow('a')).toBe(false);
});

test('a bucket that refused is low, too', () => {
  const { limits } = limitsAt();
  limits.refused('a', refusal(20_000));
  expect(limits.isLow('a')).toBe(true);
});
