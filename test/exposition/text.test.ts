import { expect, test } from 'vitest';
import { canonicalText, labelText, numberText } from '../../src/exposition/text.ts';

test.each([
  ['plain', 'plain'],
  ['a"b\\c\nd', 'a\\"b\\\\c\\nd'],
  ['\r\t\u2028', '\r\t\u2028'],
  ['nul\0', 'nul\ufffd0000'],
  ['lone\ud800', 'lone\ufffdd800'],
  ['😀', '😀'],
])('label %j is written %j', (value, text) => {
  expect(labelText(value)).toBe(text);
});

test('texts that differ stay different, also when one reads like the other written', () => {
  const texts = ['\0', '\ufffd0000', '\ud800', '\ufffdd800', '\ufffd', '\ufffdfffd'];
  expect(new Set(texts.map(labelText)).size).toBe(texts.length);
});

test.each([
  [0, '0'],
  [1.5, '1.5'],
  [1767225660, '1767225660'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
])('value %d is written %s', (value, text) => {
  expect(numberText(value)).toBe(text);
});

test.each([
  [1, '1.0'],
  [0.005, '0.005'],
  [60, '60.0'],
  [1e6, '1e+06'],
  [0.00001, '1e-05'],
  [Number.POSITIVE_INFINITY, '+Inf'],
])('bound %d is written %s', (bound, text) => {
  expect(canonicalText(bound)).toBe(text);
});
