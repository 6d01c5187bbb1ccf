import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkSchedule, gapsOf, runsPerHour, startTicking } from '../../src/polling/cron.ts';

const second = 1000;
const hour = 3600 * second;

describe('checkSchedule', () => {
  test.each(['* * * * * *', '0 * * * * *', '*/15 * * * *', '0 0 9 * * 1-5', '0 0 0 L * *'])(
    'accepts %s',
    (expression) => {
      expect(checkSchedule(expression, 'UTC')).toBeNull();
    },
  );

  test.each([
    [
      '*/45 * * * * *',
      "the step '*/45' of '*/45 * * * * *' does not divide 60 seconds, so it would not be even; use one of 2, 3",
    ],
    ['0 */7 * * * *', "the step '*/7' of '0 */7 * * * *' does not divide 60 minutes"],
    ['*/100 * * * * *', "the step '*/100' of '*/100 * * * * *' does not divide 60 seconds"],
    ['0 0 */5 * * *', "the step '*/5' of '0 0 */5 * * *' does not divide 24 hours"],
    ['0 61 * * * *', "'0 61 * * * *' is no cron expression (minute: "],
    ['often', "'often' is no cron expression (expected 5 or 6 fields but got 1)"],
    ['0 0 0 30 2 *', "'0 0 0 30 2 *' is no cron expression (dayOfMonth: "],
  ])('refuses %s', (expression, problem) => {
    expect(checkSchedule(expression, 'UTC')).toContain(problem);
  });

  test('refuses a time zone that nobody knows', () => {
    expect(checkSchedule('0 * * * * *', 'Europe/Atlantis')).toBe(
      "'Europe/Atlantis' is no time zone; write one as 'UTC' or 'Europe/Berlin'",
    );
  });
});

describe('gapsOf', () => {
  test.each([
    ['every minute', '0 * * * * *', 60 * second, 60 * second],
    ['five fields', '*/5 * * * *', 300 * second, 300 * second],
    ['a value that is named twice', '0 0 3,3 * * *', 24 * hour, 24 * hour],
    ['uneven list', '0,10,40 * * * * *', 10 * second, 30 * second],
    ['working hours', '*/15 * 9-17 * * *', 15 * second, 15 * hour + 15 * second],
    ['weekdays', '0 0 9 * * 1-5', 24 * hour, 72 * hour],
    ['last day of the month', '0 0 0 L * *', 28 * 24 * hour, 31 * 24 * hour],
  ])('%s', (_name, expression, shortestMs, longestMs) => {
    expect(gapsOf(expression)).toEqual({ shortestMs, longestMs });
  });
});

describe('nicknames', () => {
  test.each([
    ['@yearly', '0 0 0 1 1 *'],
    ['@annually', '0 0 0 1 1 *'],
    ['@monthly', '0 0 0 1 * *'],
    ['@weekly', '0 0 0 * * 0'],
    ['@daily', '0 0 0 * * *'],
    ['@midnight', '0 0 0 * * *'],
    ['@hourly', '0 0 * * * *'],
    [' @Hourly ', '0 0 * * * *'],
  ])('%s is %s to every function', (nickname, fields) => {
    expect(checkSchedule(nickname, 'Europe/Berlin')).toBeNull();
    expect(gapsOf(nickname)).toEqual(gapsOf(fields));
    expect(runsPerHour(nickname)).toBe(runsPerHour(fields));
    using ticking = startTicking(nickname, 'UTC', () => {});
    using wanted = startTicking(fields, 'UTC', () => {});
    // Worked out one after the other, so a little apart.
    expect(Math.abs(ticking.msToNext() - wanted.msToNext())).toBeLessThan(60_000);
  });

  test.each(['@reboot', '@every 5m', '@', '@constructor', '@daily 5'])('%s is none', (nickname) => {
    expect(checkSchedule(nickname, 'UTC')).toContain('is no cron expression');
  });
});

describe('a schedule that never runs', () => {
  const never: readonly (readonly [string, string])[] = [
    ['0 0 0 31 * 3#4', 'UTC'],
    ['0 0 0 8W * 6L', 'UTC'],
    // The hour that summer time leaves out, on the days on which it does.
    ['0 30 2 * 3 7L', 'Europe/Berlin'],
    ['0 30 2 8-14 3 0', 'America/New_York'],
  ];
  test.each(never)('%s in %s is refused', (expression, timezone) => {
    expect(checkSchedule(expression, timezone)).toBe(
      `'${expression}' never runs in the time zone '${timezone}'; write days, months and hours that occur together`,
    );
  });

  test.each(never)('%s in %s ticks never, and throws nothing', (expression, timezone) => {
    using ticking = startTicking(expression, timezone, () => {});
    expect(ticking.msToNext()).toBe(Number.POSITIVE_INFINITY);
  });
});

test('whatever is accepted can be worked out and can tick', () => {
  const field = (min: number, max: number, ...more: string[]) => {
    const value = fc.integer({ min, max });
    return fc.oneof(
      fc.constant('*'),
      value.map(String),
      fc.tuple(value, value).map(([a, b]) => `${a}-${b}`),
      fc.tuple(value, value).map(([a, b]) => `${a},${b}`),
      fc.constantFrom('*', ...more),
    );
  };
  const expressions = fc
    .tuple(
      field(0, 59),
      field(0, 59),
      field(0, 23),
      field(1, 31, 'L', '8W', '31', '29'),
      field(1, 12, '2', 'FEB'),
      field(0, 7, 'MON', '3#4', '6L', '0#5'),
    )
    .map((fields) => fields.join(' '));
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia');
  fc.assert(
    fc.property(expressions, zones, (expression, timezone) => {
      fc.pre(checkSchedule(expression, timezone) === null);
      expect(gapsOf(expression).shortestMs).toBeGreaterThan(0);
      using ticking = startTicking(expression, timezone, () => {});
      expect(Number.isFinite(ticking.msToNext())).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['0 * * * * *', 60],
  ['*/15 * * * * *', 240],
  ['0 0 9 * * 1-5', 1 / 24],
])('%s runs %f times an hour', (expression, runs) => {
  expect(runsPerHour(expression)).toBeCloseTo(runs);
});

describe('a schedule that names no hours and no days keeps its rhythm through every change of clocks', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  const zones = ['Europe/Vienna', 'America/New_York', 'Australia/Lord_Howe'];
  const [from, to] = [Date.UTC(2026, 0, 1), Date.UTC(2036, 0, 1)];
  const switches = zones.flatMap((zone) => switchesOf(zone, from, to).map((at) => [zone, at] as const));

  /** Gaps between the ticks of some time, each with how often it came. */
  function gapsBetween(expression: string, zone: string, begin: number, end: number): Record<string, number> {
    vi.useFakeTimers({ now: begin });
    const ticks: number[] = [];
    using _ticking = startTicking(expression, zone, () => void ticks.push(Date.now()));
    vi.advanceTimersByTime(end - begin);
    const gaps = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0));
    return Object.fromEntries([...Map.groupBy(gaps, (gap) => gap)].map(([gap, all]) => [gap, all.length]));
  }

  test('a timer that wakes a ms early, while the run passes, leaves none out', () => {
    const begin = Date.UTC(2026, 0, 1, 0, 0, 30);
    vi.useFakeTimers({ now: begin });
    const ticks: number[] = [];
    using _ticking = startTicking('0 * * * * *', 'UTC', () => void ticks.push(Date.now()));
    const runs = [1, 2, 3].map((minute) => Date.UTC(2026, 0, 1, 0, minute));
    for (const run of runs) {
      const left = run - Date.now();
      // The wall clock is a ms behind the timer when that wakes, and past the run as soon as it was read.
      vi.spyOn(Date, 'now').mockImplementationOnce(() => {
        vi.setSystemTime(run + 1);
        return run - 1;
      });
      vi.advanceTimersByTime(left);
      vi.advanceTimersByTime(10 * second);
    }
    expect(ticks.map((tick) => Math.floor(tick / second))).toEqual(runs.map((run) => run / second));
    vi.restoreAllMocks();
  });

  test('over both switches of ten years in three zones', () => {
    expect(switches).toHaveLength(60);
    for (const [zone, at] of switches) {
      for (const [expression, gap] of [
        ['*/30 * * * * *', 30 * second],
        ['0 */15 * * * *', 900 * second],
        ['0 10 * * * *', hour],
      ] as const) {
        const gaps = gapsBetween(expression, zone, at - 3 * hour - 5 * second, at + 3 * hour);
        expect([zone, new Date(at).toISOString(), gaps]).toEqual([
          zone,
          new Date(at).toISOString(),
          { [gap]: expect.any(Number) },
        ]);
      }
    }
  }, 300_000);

  test('hour by hour over ten years', () => {
    const gaps = gapsBetween('0 0 * * * *', 'Europe/Vienna', from - second, to);
    expect(gaps).toEqual({ [hour]: (to - from) / hour });
  }, 300_000);

  test('one that names hours or days follows the clocks of its zone', () => {
    for (const expression of ['0 0 9 * * *', '0 0 9 * * 1-7', '0 0 9-9 1-31 * *']) {
      const gaps = gapsBetween(expression, 'Europe/Vienna', Date.UTC(2026, 9, 23), Date.UTC(2026, 9, 27));
      expect(gaps).toEqual({ [24 * hour]: 2, [25 * hour]: 1 });
    }
  });
});

/** When the zone's offset changes, to the half hour. */
function switchesOf(zone: string, from: number, to: number): number[] {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const offsetAt = (at: number) => format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value;
  const day = 24 * hour;
  const found: number[] = [];
  for (let at = from; at < to; at += day) {
    if (offsetAt(at) === offsetAt(at + day)) continue;
    let half = at;
    while (offsetAt(half) === offsetAt(at)) half += hour / 2;
    found.push(half);
  }
  return found;
}
