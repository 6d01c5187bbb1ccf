import { describe, expect, test } from 'vitest';
import { parseExternalUrl, parseRoutePrefix, parseTarget, withoutPrefix } from '../../src/http/target.ts';

describe('a target', () => {
  test.each([
    ['/metrics', '/metrics', '/metrics'],
    ['/metrics?a=b', '/metrics', '/metrics?a=b'],
    ['http://elsewhere.example/metrics?a', '/metrics', '/metrics?a'],
    ['HTTPS://elsewhere.example', '/', '/'],
    ['/%6detrics', '/metrics', '/%6detrics'],
    ['//metrics', '//metrics', '//metrics'],
    ['/a/../metrics', '/metrics', '/metrics'],
    ['/%E0%A4%A', '/%E0%A4%A', '/%E0%A4%A'],
  ])('%s', (text, path, route) => {
    expect(parseTarget(text)).toEqual({ path, route });
  });

  test.each(['', '*', 'metrics', 'localhost:27900', 'ftp://x/', 'http://'])('that is none: "%s"', (text) => {
    expect(parseTarget(text)).toBeNull();
  });
});

test.each([
  ['', '/metrics', '/metrics'],
  ['/a', '/a/metrics?x', '/metrics?x'],
  ['/a', '/a/', '/'],
  ['/a', '/a', null],
  ['/a', '/ab/metrics', null],
  ['/a', '/metrics', null],
  ['/a', '/%61/metrics', null],
])('below the prefix "%s" the target %s is %s', (prefix, text, route) => {
  const target = parseTarget(text);
  expect(target && (withoutPrefix(target, prefix)?.route ?? null)).toBe(route);
});

describe('a route prefix', () => {
  test.each([
    ['/', ''],
    ['', ''],
    ['/a', '/a'],
    ['a/b/', '/a/b'],
    ['//a//', '/a'],
  ])('"%s" is "%s"', (text, prefix) => {
    expect(parseRoutePrefix(text)).toBe(prefix);
  });

  test.each(['/a b', '/a/../b', '/a?b', '/a//b', '/é'])('that is none: "%s"', (text) => {
    expect(() => parseRoutePrefix(text)).toThrow(`Bad route prefix ${JSON.stringify(text)}: write it like "/exporter"`);
  });
});

describe('an external URL', () => {
  test.each(['https://x.example', 'http://10.0.0.1:8080/a/'])('%s', (text) => {
    expect(parseExternalUrl(text).href).toBe(new URL(text).href);
  });

  test.each([
    ['x.example', 'write it like "https://'],
    ['ftp://x.example', 'write it like "https://'],
    ['https://me:secret@x.example', 'a user name and a password do not belong here'],
    ['https://x.example/?a', 'leave out "?" and "#"'],
    ['https://x.example/#a', 'leave out "?" and "#"'],
  ])('that is none: %s', (text, why) => {
    expect(() => parseExternalUrl(text)).toThrow(why);
  });
});
