import { describe, expect, test } from 'vitest';
import { backoffMs, budgetOf, paceMs, retryAfterMs, retryDelayMs } from '../../../src/atlas/access/rate-limit.ts';
import { AtlasError } from '../../../src/atlas/error.ts';
import type { FailureReason } from '../../../src/domain/failure.ts';

const minute = 60_000;

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  test.each([
    [null, null],
    ['17', 17_000],
    ['0', 0],
    ['-5', 0],
    ['315360000', 5 * minute],
    ['Thu, 01 Jan 2026 00:01:00 GMT', minute],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['Thu, 01 Jan 2036 00:00:00 GMT', 5 * minute],
    ['soon', null],
    ['', null],
    ['1.5', null],
  ])('%j is %j ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});

test('without a word the pauses grow: 10, 20, 40 s, at most 5 min', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map((refusals) => backoffMs(refusals, null) / 1000)).toEqual([
    10, 20, 40, 80, 160, 300, 300,
  ]);
  expect(backoffMs(1, 0)).toBe(10_000);
  expect(backoffMs(3, 17_000)).toBe(17_000);
});

test.each([
  [
    { limit: '4000', remaining: '3991' },
    { limit: 4000, remaining: 3991 },
  ],
  [
    { limit: '4000', remaining: '9999' },
    { limit: 4000, remaining: 4000 },
  ],
  [{ limit: '0', remaining: '0' }, null],
  [{ limit: 'many', remaining: '1' }, null],
  [{}, null],
])('budget of %j', (given, budget) => {
  const headers = new Headers(Object.entries(given).map(([name, value]) => [`RateLimit-${name}`, value]));
  expect(budgetOf(headers)).toEqual(budget);
});

test('a bucket that runs low is slowed down before it is empty', () => {
  const pauses = [100, 10, 9, 5, 1, 0].map((remaining) => paceMs({ limit: 100, remaining }));
  expect(pauses).toEqual([0, 0, 1000, 5000, 9000, 10_000]);
});

test.each<readonly [FailureReason, number | null, readonly (number | null)[]]>([
  ['network', null, [200, 400, 800]],
  ['server_error', null, [200, 400, 800]],
  ['server_error', 3_000, [3_000, 3_000, 3_000]],
  ['rate_limited', 1_000, [1_000, 1_000, 1_000]],
  ['rate_limited', null, [null, null, null]],
  ['rate_limited', 0, [null, null, null]],
  ['timeout', null, [null, null, null]],
  ['invalid_response', null, [null, null, null]],
])('%s with Retry-After %j is tried again after %j ms', (reason, retryAfter, delays) => {
  const error = new AtlasError({ reason, detail: '', retryAfterMs: retryAfter });
  expect([1, 2, 3].map((retry) => retryDelayMs(retry, error))).toEqual(delays);
});
