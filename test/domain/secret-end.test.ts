import { expect, test } from 'vitest';
import { secretEndsSoon, secretEndWords } from '../../src/domain/secret-end.ts';

const day = 86_400_000;
const end = Date.parse('2027-03-01T12:34:56Z');

test.each([
  [40 * day, false, 'ends on 2027-03-01 at 12:34 UTC, in 40 days'],
  [14 * day, false, 'ends on 2027-03-01 at 12:34 UTC, in 14 days'],
  [14 * day - 1, true, 'ends on 2027-03-01 at 12:34 UTC, in 13 days'],
  [day, true, 'ends on 2027-03-01 at 12:34 UTC, in 1 day'],
  [day - 1, true, 'ends on 2027-03-01 at 12:34 UTC, within a day'],
  [0, true, 'ended on 2027-03-01 at 12:34 UTC'],
  [-5 * day, true, 'ended on 2027-03-01 at 12:34 UTC'],
])('%i ms before its end a secret is near it: %s, and %s', (before, soon, words) => {
  expect([secretEndsSoon(end, end - before), secretEndWords(end, end - before)]).toEqual([soon, words]);
});
