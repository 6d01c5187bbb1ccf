import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '../../src/domain/time.ts';
import { createScheduler, offsetOf, type Scheduler } from '../../src/polling/scheduler.ts';
import { fakeTime } from '../support/clock.ts';

let clock: Clock;
let scheduler: Scheduler;
let polls: { key: string; second: number }[];

beforeEach(() => {
  clock = fakeTime();
  scheduler = createScheduler(clock);
  polls = [];
});
afterEach(() => {
  scheduler[Symbol.dispose]();
  vi.useRealTimers();
});

const options = { timezone: 'UTC', spreadMs: 0 };
const entry = (key: string, schedule = '0 * * * * *') => ({
  key,
  schedule,
  due: () => void polls.push({ key, second: Math.round((clock.wall() - Date.UTC(2026, 0, 1)) / 1000) }),
});
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

test('every tick makes each source of its schedule due', async () => {
  scheduler.plan([entry('a'), entry('b'), entry('c', '*/30 * * * * *')], options);
  await pass(121);
  expect(polls.filter(({ key }) => key === 'a').map(({ second }) => second)).toEqual([60, 120]);
  expect(polls.filter(({ key }) => key === 'b').map(({ second }) => second)).toEqual([60, 120]);
  expect(polls.filter(({ key }) => key === 'c').map(({ second }) => second)).toEqual([30, 60, 90, 120]);
});

test('sources are spread after the tick, each at the same place every time', async () => {
  const keys = Array.from({ length: 50 }, (_, n) => `source-${n}`);
  scheduler.plan(
    keys.map((key) => entry(key)),
    { timezone: 'UTC', spreadMs: 30_000 },
  );
  await pass(151);
  for (const key of keys) {
    const [first, second] = polls.filter((poll) => poll.key === key).map((poll) => poll.second);
    const offset = Math.round(offsetOf(key, 30_000) / 1000);
    expect([first, second]).toEqual([60 + offset, 120 + offset]);
  }
  expect(new Set(polls.map(({ second }) => second % 60)).size).toBeGreaterThan(20);
});

test('the spread never reaches into the next tick', async () => {
  scheduler.plan(
    Array.from({ length: 20 }, (_, n) => entry(`s${n}`, '*/5 * * * * *')),
    { timezone: 'UTC', spreadMs: 30_000 },
  );
  await pass(60);
  for (const seconds of Map.groupBy(polls, ({ key }) => key).values()) {
    const gaps = seconds.slice(1).map(({ second }, index) => second - (seconds[index]?.second ?? 0));
    expect(seconds[0]?.second).toBeLessThanOrEqual(10);
    expect(gaps).toEqual(Array.from({ length: 10 }, () => 5));
  }
  // What the spread did not come to would be due with the next tick, all at once.
  expect(polls.filter(({ second }) => second % 5 === 0).length).toBeLessThan(polls.length / 2);
});

describe('a new plan', () => {
  test('leaves the tick of a schedule that stays alone', async () => {
    scheduler.plan([entry('a')], options);
    await pass(45);
    scheduler.plan([entry('a'), entry('b')], options);
    await pass(16);
    expect(polls.map(({ key, second }) => `${key}@${second}`)).toEqual(['a@60', 'b@60']);
  });

  test('stops a schedule that nobody has any more', async () => {
    scheduler.plan([entry('a'), entry('c', '*/10 * * * * *')], options);
    await pass(11);
    scheduler.plan([entry('a')], options);
    await pass(60);
    expect(polls.map(({ key }) => key)).toEqual(['c', 'a']);
  });
});

test.each([
  ['back by an hour', -3_600_000],
  ['forward by an hour', 3_600_000],
  ['back by ten years', -315_360_000_000],
  ['forward by ten years', 315_360_000_000],
])('a wall clock that jumps %s neither stops the ticks nor makes them come all at once', async (_name, jump) => {
  scheduler.plan([entry('a'), entry('b', '* * * * * *')], options);
  await pass(61);
  vi.setSystemTime(Date.now() + jump);
  polls = [];
  await pass(130);
  const of = (wanted: string) => polls.filter(({ key }) => key === wanted).length;
  expect(of('a')).toBeGreaterThanOrEqual(2);
  expect(of('a')).toBeLessThanOrEqual(3);
  expect(of('b')).toBeGreaterThanOrEqual(128);
  expect(of('b')).toBeLessThanOrEqual(132);
});

describe('begin', () => {
  const keys = Array.from({ length: 30 }, (_, n) => `source-${n}`);
  const plan = () =>
    scheduler.plan(
      keys.map((key) => entry(key)),
      { timezone: 'UTC', spreadMs: 30_000 },
    );
  const secondsOf = (wanted: string) => polls.filter(({ key }) => key === wanted).map(({ second }) => second);
  const placeOf = (key: string) => Math.round(offsetOf(key, 30_000) / 1000);

  test('makes the sources that it names due once, each at its place from now, and no other', async () => {
    plan();
    scheduler.begin(new Set(keys.slice(0, 20)));
    await pass(59);
    for (const key of keys.slice(0, 20)) expect(secondsOf(key)).toEqual([placeOf(key)]);
    for (const key of keys.slice(20)) expect(secondsOf(key)).toEqual([]);
    await pass(60);
    for (const key of keys) expect(secondsOf(key).at(-1)).toBe(60 + placeOf(key));
  });

  test('a tick that comes before the end takes over: nobody is asked twice in a row', async () => {
    plan();
    await pass(50);
    scheduler.begin(new Set(keys));
    await pass(69);
    for (const key of keys) {
      const place = placeOf(key);
      // What the begin came to before the tick at 60, and what the tick came to.
      expect(secondsOf(key)).toEqual(offsetOf(key, 30_000) < 10_000 ? [50 + place, 60 + place] : [60 + place]);
    }
  });

  test('tells of each source when it is due, also of those that it does not name', async () => {
    const [named = '', other = ''] = keys;
    plan();
    await pass(10);
    scheduler.begin(new Set([named]));
    expect(scheduler.msToNext(named, '0 * * * * *')).toBeCloseTo(offsetOf(named, 30_000), -2);
    expect(scheduler.msToNext(other, '0 * * * * *')).toBeCloseTo(50_000 + offsetOf(other, 30_000), -2);
  });
});

describe('msToNext and lateMs', () => {
  test('tell when a source is due, its offset included', async () => {
    scheduler.plan([entry('a')], { timezone: 'UTC', spreadMs: 30_000 });
    await pass(10);
    expect(scheduler.msToNext('a', '0 * * * * *')).toBeCloseTo(50_000 + offsetOf('a', 30_000), -2);
    expect(scheduler.msToNext('b', '0 * * * * *')).toBeNull();
  });

  test('a tick that does not come is late', async () => {
    scheduler.plan([entry('a')], options);
    await pass(61);
    expect(scheduler.lateMs()).toBe(0);
    let stopped = false;
    const held = createScheduler({ wall: clock.wall, monotonic: () => clock.monotonic() + (stopped ? 200_000 : 0) });
    held.plan([entry('a')], options);
    stopped = true;
    expect(held.lateMs()).toBeGreaterThan(60_000);
    held[Symbol.dispose]();
  });
});
