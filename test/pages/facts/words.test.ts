import { describe, expect, test } from 'vitest';
import {
  betweenWords,
  count,
  durationWords,
  groupDigits,
  momentWords,
  visibleText,
} from '../../../src/pages/facts/words.ts';

const s = 1_000;
const min = 60 * s;
const h = 60 * min;
const d = 24 * h;

test.each([
  [-5 * s, '0 s'],
  [999, '0 s'],
  [59 * s + 999, '59 s'],
  [min, '1 min'],
  [h - 1, '59 min'],
  [h, '1 h'],
  [2 * h + 14 * min + 59 * s, '2 h 14 min'],
  [d, '1 d'],
  [3 * d + 4 * h, '3 d 4 h'],
  [14 * d, '14 d'],
  [400 * d, '400 d'],
])('%i ms is %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

test('moments are in UTC', () => {
  expect(momentWords(Date.UTC(2026, 0, 31, 3, 12, 45, 999))).toBe('2026-01-31 03:12:45 UTC');
});

test('numbers', () => {
  expect(count(1, 'project')).toBe('1 project');
  expect(count(0, 'project')).toBe('0 projects');
  expect(groupDigits(1_234_567)).toBe('1\u00a0234\u00a0567');
});

describe('visibleText', () => {
  test.each([
    ['plain', 'plain text, "quoted" <b>', 'plain text, "quoted" <b>'],
    ['lines and tabs stay', 'a\r\nb\rc\td', 'a\nb\nc\td'],
    ['NUL, bell, escape', 'a\0\u0007\u001b[31m', 'a\u2400\u2407\u241b[31m'],
    ['delete and C1', '\u007f\u009b', '\u27e8U+007F\u27e9\u27e8U+009B\u27e9'],
    ['direction of writing', 'a\u202egnp.exe', 'a\u27e8U+202E\u27e9gnp.exe'],
    ['nothing to see', 'a\u200bb\u2028\ufeff', 'a\u27e8U+200B\u27e9b\u27e8U+2028\u27e9\u27e8U+FEFF\u27e9'],
    ['half a character', 'a\ud800', 'a\ufffd'],
    ['other writings', 'Größe \u4f60\u597d \ud83d\ude00', 'Größe \u4f60\u597d \ud83d\ude00'],
  ])('%s', (_, text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});

describe('betweenWords', () => {
  const now = Date.UTC(2026, 0, 31, 20, 4);
  const at = (hour: number, minute: number, second = 0, day = 31) => Date.UTC(2026, 0, day, hour, minute, second);
  test.each([
    [at(19, 57), at(20, 0), 'between 19:57 and 20:00 UTC'],
    [at(19, 59, 0), at(19, 59, 30), 'between 19:59:00 and 19:59:30 UTC'],
    [at(23, 50, 0, 30), at(0, 10), 'between 2026-01-30 23:50 and 2026-01-31 00:10 UTC'],
    [null, at(20, 0), 'before 20:00:00 UTC'],
  ])('%s %s', (notBefore, seen, words) => {
    expect(betweenWords({ notBefore, at: seen }, now)).toBe(words);
  });
});
