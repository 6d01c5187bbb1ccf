import { expect, test } from 'vitest';
import { pollDeadlineMs } from '../../src/polling/poll-deadline.ts';

test.each([
  ['a minute when the schedule leaves it', '0 * * * * *', 0, 60],
  ['a minute for 60 details', '0 */5 * * * *', 60, 60],
  ['a second for each of more', '0 */5 * * * *', 61, 61],
  ['the gap at most', '0 */5 * * * *', 1_000, 300],
  ['the shortest gap, however few', '*/15 * * * * *', 0, 15],
  ['the shortest of uneven gaps', '0 0,1,30 * * * *', 500, 60],
])('%s', (_name, schedule, details, seconds) => {
  expect(pollDeadlineMs({ schedule }, details)).toBe(seconds * 1000);
});
