import { describe, expect, test } from 'vitest';
import { parseConfigDocument } from '../../src/config/document.ts';

describe('the line of a path', () => {
  const document = parseConfigDocument('a: 1\nb:\n  - c: 2\n    d: {e: 3}\n  - 4\n');
  test.each([
    [['a'], 1],
    [['b'], 2],
    [['b', 0, 'c'], 3],
    [['b', 0, 'd', 'e'], 4],
    [['b', 1], 5],
    [['b', 0, 'missing'], 3],
    [['missing'], null],
    [[], null],
  ])('%j', (path, line) => {
    expect(document.lineOf(path)).toBe(line);
  });
});

test('an empty file is an empty config', () => {
  expect(parseConfigDocument('\uFEFF# nothing\n')).toMatchObject({ value: {}, problems: [] });
});

test.each([
  ['an alias without an anchor', 'a: 1\nb: *prod*\n', 2, /in quotes/],
  ['the braces of a template', 'a: {{ .Values.name }}\n', 1, /in quotes/],
])('%s is told at its line', (_name, text, line, message) => {
  expect(parseConfigDocument(text)).toMatchObject({
    value: null,
    problems: [{ path: '', line, message: expect.stringMatching(message) }],
  });
});
