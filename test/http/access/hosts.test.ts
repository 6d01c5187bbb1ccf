import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { isForeign, isLoopback, refuseHost } from '../../../src/http/access/hosts.ts';

const external = new URL('https://monitoring.example.com/exporter/');

function ask(...hosts: readonly string[]): IncomingMessage {
  const rawHeaders = hosts.flatMap((host) => ['Host', host]);
  const [host] = hosts;
  return { rawHeaders, headers: host === undefined ? {} : { host } } as unknown as IncomingMessage;
}

describe('on loopback', () => {
  test.each([
    'localhost',
    'LOCALHOST:27900',
    'localhost.',
    'exporter.localhost:1',
    '127.0.0.1:27900',
    '[::1]:27900',
    // Addresses are no names, and a sidecar may pass on that of its pod.
    '10.1.2.3:8443',
    '[fe80::1%25eth0]:27900',
    'monitoring.example.com',
    'Monitoring.Example.com:443',
    '',
  ])('the host "%s" is answered', (host) => {
    expect(refuseHost(ask(host), true, external)).toBeNull();
  });

  test('no host is answered', () => {
    expect(refuseHost(ask(), true, null)).toBeNull();
  });

  test.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'x',
    'evil.example:27900',
    '2130706433',
  ])('the host %s is refused, with what to do', (host) => {
    const refusal = refuseHost(ask(host), true, external);
    expect(refusal?.status).toBe(403);
    expect(refusal?.text).toContain('--web.external-url');
  });

  test('the host of an external URL that nobody named is refused', () => {
    expect(refuseHost(ask('monitoring.example.com'), true, null)?.status).toBe(403);
  });
});

test('elsewhere every host is answered', () => {
  expect(refuseHost(ask('evil.example'), false, null)).toBeNull();
});

test.each([['a b'], ['<script>'], ['[::1'], ['a:b'], ['a/b'], ['a', 'a'], ['a', 'b']])(
  'hosts that are none or several are refused everywhere: %j',
  (...hosts) => {
    for (const onLoopback of [true, false]) expect(refuseHost(ask(...hosts), onLoopback, null)?.status).toBe(400);
  },
);

test.each([
  ['127.0.0.1', true],
  ['127.8.9.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['::', false],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['fe80::1', false],
])('%s is loopback: %s', (address, own) => {
  expect(isLoopback(address)).toBe(own);
});

describe('a request of a page', () => {
  test.each([
    ['of curl', {}, false],
    ['of ours', { origin: 'http://localhost:27900', host: 'localhost:27900' }, false],
    ['of ours on the usual port', { origin: 'http://x.example', host: 'x.example:80' }, false],
    ['of ours behind a proxy that ends TLS', { origin: 'https://x.example', host: 'x.example' }, false],
    ['of ours behind a proxy with a name of its own', { origin: external.origin, host: '10.0.0.1:27900' }, false],
    ['of another site', { origin: 'https://evil.example', host: 'localhost:27900' }, true],
    ['of another port', { origin: 'http://localhost:8080', host: 'localhost:27900' }, true],
    ['without an origin of its own', { origin: 'null', host: 'localhost:27900' }, true],
    ['of another site, without Host', { origin: 'https://evil.example' }, true],
    ['of another site, as the browser says', { host: 'localhost', fetchSite: 'cross-site' }, true],
    ['of a neighbour, as the browser says', { host: 'localhost', fetchSite: 'same-site' }, true],
    [
      'of ours, as the browser says',
      { origin: 'https://x.example', host: 'x.example', fetchSite: 'same-origin' },
      false,
    ],
    ['typed by its reader', { host: 'localhost', fetchSite: 'none' }, false],
  ])('%s', (_, sender, foreign) => {
    expect(isForeign({ origin: undefined, host: undefined, fetchSite: undefined, ...sender }, external)).toBe(foreign);
  });
});
