import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText, createSamples, labelText, numberText } from '../../src/exposition/text.ts';
import type { Family } from '../../src/metrics/family.ts';

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

interface Item {
  readonly values: readonly string[];
  readonly last: string | null;
  readonly value: number;
  readonly further: Record<string, string>;
}

test('lines are the same whatever lines stand before them, and however many are kept at once', () => {
  const labels = ['a', 'b', 'c'];
  const family: Family<Item> = {
    name: 'x',
    help: '',
    type: 'gauge',
    labels,
    samples: ({ values, last, value, further }, emit) => emit(values, value, last, further),
  };
  const naive = ({ values, last, value, further }: Item) => {
    const pairs = [...labels.map((label, at) => [label, values[at] ?? last ?? '']), ...Object.entries(further)];
    return `x{${pairs.map(([label, text = '']) => `${label}="${labelText(text)}"`).join(',')}} ${numberText(value)}\n`;
  };
  // Few words, so that neighbours share some; of one byte and of several, and such as are escaped.
  const word = fc.constantFrom('', 'k', 'kk', 'é', '💶', '"', '\n', '\ud800', '\0', 'z'.repeat(70));
  const item = fc.record({
    values: fc.array(word, { minLength: 2, maxLength: 3 }),
    last: fc.option(word),
    value: fc.constantFrom(0, 1, 1767225660.123, Number.NaN),
    further: fc.dictionary(fc.constantFrom('l', 'm'), word),
  });
  fc.assert(
    fc.property(fc.array(fc.array(item, { maxLength: 30 }), { maxLength: 4 }), (runs) => {
      const samples = createSamples(family);
      for (const run of runs) {
        for (let at = 0; at < run.length; at += 7) samples.add(run.slice(at, at + 7));
        expect(samples.take().toString()).toBe(run.map(naive).join(''));
      }
      samples.add(runs.flat());
      samples.clear();
      expect(samples.take()).toHaveLength(0);
    }),
  );
});

test('a family without labels has a line without braces', () => {
  const samples = createSamples<number>({
    name: 'x',
    help: '',
    type: 'gauge',
    labels: [],
    samples: (item, emit) => emit([], item),
  });
  samples.add([1, 2]);
  expect(samples.take().toString()).toBe('x 1\nx 2\n');
});
