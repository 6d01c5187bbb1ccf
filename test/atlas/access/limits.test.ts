import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLimits } from '../../../src/atlas/access/limits.ts';
import { backoffMs, budgetOf, paceMs, retryAfterMs } from '../../../src/atlas/access/rate-limit.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

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

test('a shorter refusal never replaces a longer one, nor does a good answer that was on its way', () => {
  let now = 0;
  const limits = createLimits({ wall: () => now, monotonic: () => now });
  limits.refused('b', minute);
  limits.refused('b', 5_000);
  expect(limits.waitMs('b')).toBe(minute);
  limits.told('b', { limit: 100, remaining: 99 });
  expect(limits.waitMs('b')).toBe(minute);
  now = 30_000;
  limits.refused('b', 2 * minute);
  expect(limits.waitMs('b')).toBe(2 * minute);
  now = 30_000 + 2 * minute;
  limits.refused('b', 5_000);
  expect(limits.waitMs('b')).toBe(5_000);
});

test('a bucket that runs low is slowed down before it is empty', () => {
  const pauses = [100, 10, 9, 5, 1, 0].map((remaining) => paceMs({ limit: 100, remaining }));
  expect(pauses).toEqual([0, 0, 1000, 5000, 9000, 10_000]);
});

test('a bucket waits for itself alone, and tells metrics of it', () => {
  let now = 0;
  const limits = createLimits({ wall: () => now, monotonic: () => now });
  limits.refused('a', 30_000);
  limits.told('b', { limit: 100, remaining: 40 });
  expect([limits.waitMs('a'), limits.waitMs('b')]).toEqual([30_000, 0]);
  expect(limits.state()).toEqual({ backoffUntil: 30_000, remainingRatio: 0.4 });
  now = 61_000;
  expect(limits.state()).toEqual({ backoffUntil: null, remainingRatio: null });
});

describe('polls against buckets', () => {
  const ids = ['5df264b8f10fab7d2cad2f0d', '5df264b8f10fab7d2cad2f0e'] as const;
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = createSimulator();
    await simulator.start();
    for (const id of ids) {
      const project = simulator.world.addProject({ id });
      const connection = simulator.world.addConnection(project);
      for (let n = 0; n < 5; n++) simulator.world.attach(connection);
    }
  });
  afterEach(async () => {
    vi.useRealTimers();
    await simulator[Symbol.asyncDispose]();
  });

  test('one that is refused waits without a lane and goes on where it was; others are not delayed', async () => {
    simulator.buckets.setCapacity('privateEndpoint', 4, ids[0]);
    let limited = 0;
    await using atlas = atlasFor(simulator, { concurrency: 1 });
    // Until the next filling is at most a minute of the simulator: it is filled by hand after a moment.
    const slow = atlas.fetchSnapshot(aSource({ projectId: ids[0] }), { ...how(), onLimited: () => void limited++ });
    const other = await reasonOf(atlas.fetchSnapshot(aSource({ projectId: ids[1] }), how()));
    expect(other).toBe('nothing');
    simulator.buckets.setCapacity('privateEndpoint', 4000, ids[0]);
    const aborted = new AbortController();
    const third = reasonOf(atlas.fetchSnapshot(aSource({ projectId: ids[1] }), { ...how(), signal: aborted.signal }));
    expect(await third).toBe('nothing');
    expect(
      await Promise.race([reasonOf(slow), new Promise((resolve) => setTimeout(() => resolve('waiting'), 300))]),
    ).toBe('waiting');
    expect(limited).toBe(1);
    // What was read before is not read again: one list, and no endpoint twice.
    const mine = simulator.requests.filter(({ projectId, status }) => projectId === ids[0] && status === 200);
    expect(new Set(mine.map(({ target }) => target)).size).toBe(mine.length);
    void slow.catch(() => {});
  });

  test('a refusal for ten years is waited out for five minutes, and then asked again', async () => {
    const pauses: number[] = [];
    let passed = 0;
    const clock = { wall: () => Date.now() + passed, monotonic: () => performance.now() + passed };
    const pause = async (ms: number) => {
      pauses.push(ms);
      passed += ms;
    };
    const headers = { 'Retry-After': '315360000' };
    const fault = simulator.faults.add(
      ({ send }) => send({ status: 429, headers, body: '{"errorCode":"RATE_LIMITED_TOKEN_BUCKET"}' }),
      ({ operation }) => operation === 'v2.list',
      1,
    );
    await using atlas = atlasFor(simulator, { clock, pause });
    expect(await reasonOf(atlas.fetchSnapshot(aSource({ projectId: ids[0] }), how()))).toBe('nothing');
    expect(fault.met).toBe(1);
    expect(Math.round(pauses.reduce((sum, ms) => sum + ms, 0) / 1000)).toBe(300);
  });

  test('a 429 of a moment is waited out on the lane', async () => {
    simulator.faults.add(
      ({ send }) =>
        send({ status: 429, headers: { 'Retry-After': '1' }, body: '{"errorCode":"RATE_LIMITED_TOKEN_BUCKET"}' }),
      ({ operation }) => operation === 'v2.list',
      1,
    );
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchSnapshot(aSource({ projectId: ids[0] }), how()))).toBe('nothing');
  });
});
