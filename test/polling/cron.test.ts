import { describe, expect, test } from 'vitest';
import { checkSchedule, gapsOf, runsPerHour } from '../../src/polling/cron.ts';

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
    ['uneven list', '0,10,40 * * * * *', 10 * second, 30 * second],
    ['working hours', '*/15 * 9-17 * * *', 15 * second, 15 * hour + 15 * second],
    ['weekdays', '0 0 9 * * 1-5', 24 * hour, 72 * hour],
    ['last day of the month', '0 0 0 L * *', 28 * 24 * hour, 31 * 24 * hour],
  ])('%s', (_name, expression, shortestMs, longestMs) => {
    expect(gapsOf(expression)).toEqual({ shortestMs, longestMs });
  });
});

test.each([
  ['0 * * * * *', 60],
  ['*/15 * * * * *', 240],
  ['0 0 9 * * 1-5', 1 / 24],
])('%s runs %f times an hour', (expression, runs) => {
  expect(runsPerHour(expression)).toBeCloseTo(runs);
});
