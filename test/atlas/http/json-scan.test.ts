import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createJsonScan } from '../../../src/atlas/http/json-scan.ts';

const scanned = (...texts: readonly string[]) => {
  const scan = createJsonScan();
  for (const text of texts) scan.take(Buffer.from(text));
};
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

describe('a limit', () => {
  test('of levels', () => {
    scanned(nested(64));
    expect(() => scanned(nested(65))).toThrow('The answer is nested deeper than 64 levels');
    expect(() => scanned('{"a":'.repeat(65))).toThrow('deeper than 64');
  });

  test('of values, in however many pieces they come', () => {
    const piece = '{},'.repeat(100_000);
    scanned('[', piece, '{}]');
    expect(() => scanned('[', piece, piece, '{}]')).toThrow('The answer holds more than 300000 values');
  });

  test('of values in one element, or in what is no list', () => {
    const element = `{"a":[${'1,'.repeat(49_000)}1]}`;
    scanned('[', ...Array.from({ length: 5 }, () => `${element},`), element, ']');
    scanned('{"links":[],"results":[', ...Array.from({ length: 5 }, () => `${element},`), element, ']}');
    const tooMuch = 'The answer holds an element of more than 50000 values';
    const larger = `{"a":[${'1,'.repeat(50_000)}1]}`;
    expect(() => scanned('[', `${element},`, larger, ']')).toThrow(tooMuch);
    expect(() => scanned('{"results":[', `${element},`, larger, ']}')).toThrow(tooMuch);
    expect(() => scanned(`[${larger}]`)).toThrow(tooMuch);
    expect(() => scanned('{"a":{', '"b":1,'.repeat(50_001))).toThrow(tooMuch);
    // Many short lists are no long one: they are parsed at once.
    expect(() => scanned('{', `"a":[${'1,'.repeat(4_000)}1],`.repeat(13), '"b":1}')).toThrow(tooMuch);
    // What stands beside a long list counts together, before and behind it.
    const beside = `"a":[${'1,'.repeat(4_000)}1],`.repeat(7);
    const long = `"results":[${'{},'.repeat(6_000)}{}]`;
    scanned('{', beside, long, '}');
    expect(() => scanned('{', beside, long, ',', beside, '"b":1}')).toThrow(tooMuch);
  });
});

test('brackets and commas in a text are no levels and no values, also behind an escaped quote', () => {
  scanned(JSON.stringify({ errorMessage: `"\\"${'[{,'.repeat(400_000)}\\` }));
});

test('JSON within the limits is never refused, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text);
      const scan = createJsonScan();
      scan.take(bytes.subarray(0, at % (bytes.length + 1)));
      scan.take(bytes.subarray(at % (bytes.length + 1)));
    }),
  );
});
