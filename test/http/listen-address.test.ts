import { describe, expect, test } from 'vitest';
import { formatAddress, parseListenAddress } from '../../src/http/listen-address.ts';
import { parseTelemetryPath } from '../../src/http/metrics/telemetry-path.ts';

describe('parseListenAddress', () => {
  test.each([
    [':27900', null, 27_900],
    ['127.0.0.1:27900', '127.0.0.1', 27_900],
    ['localhost:0', 'localhost', 0],
    ['[::1]:27900', '::1', 27_900],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ])('%s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
    expect(formatAddress({ host, port })).toBe(text);
  });

  test.each([
    ['27900', 'write ":27900"'],
    ['::1:27900', 'an IPv6 address stands in brackets'],
    ['localhost', '"HOST:PORT"'],
    ['localhost:http', '"HOST:PORT"'],
    [':65536', 'a port is at most 65535'],
    ['http://localhost:80', 'an IPv6 address stands in brackets'],
    ['', '"HOST:PORT"'],
  ])('refuses %j', (text, hint) => {
    expect(() => parseListenAddress(text)).toThrow(hint);
  });
});

describe('parseTelemetryPath', () => {
  test.each(['/metrics', '/a/b', '/probe-2.0'])('%s', (path) => {
    expect(parseTelemetryPath(path)).toBe(path);
  });

  test.each([
    'metrics',
    '/',
    '/metrics/',
    '/:id',
    '/*',
    '/a/../b',
    '/%41',
    '/config',
    '/api/v1/changes',
    '/-/ready',
    '/projects/x',
    '',
  ])('refuses %j', (path) => {
    expect(() => parseTelemetryPath(path)).toThrow('Bad telemetry path');
  });
});
