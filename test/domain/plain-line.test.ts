import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainLine } from '../../src/domain/plain-line.ts';

test.each([
  ['an escape sequence', 'a\u001b[31mb\u009b2J', 'a[31mb2J'],
  ['line breaks', 'a\r\nb\u2028c\u0085d\te', 'a b c d e'],
  ['marks of direction', 'a\u202eb\u2066c\u200fd', 'abcd'],
  ['invisible characters', 'a\u200bb\ufeffc', 'abc'],
  ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
  ['wide characters', '接続 😀', '接続 😀'],
])('%s', (_name, text, plain) => {
  expect(plainLine(text)).toBe(plain);
});

test('whatever the text, nothing is left that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plainLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/u);
    }),
  );
});
