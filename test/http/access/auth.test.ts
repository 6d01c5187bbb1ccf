import { hashSync } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import type { WebSettings } from '../../../src/domain/protection.ts';
import { remoteOf } from '../../../src/http/access/auth.ts';
import { openDoor } from '../../../src/http/access/web-settings.ts';
import { fakeRoutes, fakeServer } from '../fakes.ts';
import { exchange } from '../raw.ts';

const users = new Map([
  ['alice', hashSync('Größe:1', 4)],
  ['bob', hashSync('', 4)],
]);

function basic(text: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

async function ask(path: string, headers: Record<string, string> = {}, settings: Partial<WebSettings> = {}) {
  await using server = await fakeServer({ web: { ...openDoor, users, ...settings } });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  // As it is written, which fetch does not: it puts a path in order first.
  const request = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...lines, '', ''].join('\r\n');
  const [head = ''] = (await exchange(server.port, request)).split('\r\n\r\n');
  const [first = '', ...answered] = head.split('\r\n');
  const answer = new Headers();
  for (const line of answered) answer.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1));
  return { status: Number(first.split(' ')[1]), headers: answer };
}

describe('who gets in', () => {
  test.each([
    ['nobody without a password', {}, 401],
    ['who knows it', basic('alice:Größe:1'), 200],
    [
      'whose word for it is small',
      { Authorization: basic('alice:Größe:1')['Authorization']?.replace('Basic', 'basic') ?? '' },
      200,
    ],
    ['whose password is empty', basic('bob:'), 200],
    ['not with another', basic('alice:Größe'), 401],
    ['not under another name', basic('bob:Größe:1'), 401],
    ['not under no name', basic(':Größe:1'), 401],
    ['not without a colon', basic('alice'), 401],
    ['not with what is no base64', { Authorization: 'Basic ***' }, 401],
    ['not with a token', { Authorization: 'Bearer YWxpY2U6' }, 401],
  ])('%s', async (_, headers, status) => {
    for (const path of ['/', '/config', '/api/v1/changes', '/metrics', '/metrics?', '//metrics']) {
      const opened = path === '//metrics' ? 404 : 200;
      expect((await ask(path, headers)).status, path).toBe(status === 200 ? opened : status);
    }
  });

  test.each([
    '/',
    '/metrics',
    '/metrics?a=b',
    'http://x/metrics',
    '/-/ready',
    '/-/healthy',
    '/-/reload',
    '/nowhere',
    '/help',
  ])('%s is closed', async (path) => {
    const response = await ask(path);
    expect(response.status).toBe(401);
    expect(response.headers.get('WWW-Authenticate')).toMatch(/^Basic realm="/);
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });

  test('everybody, where it is said so, and only there', async () => {
    const settings = { openPaths: ['/-/healthy', '/-/ready'] };
    expect((await ask('/-/healthy', {}, settings)).status).toBe(200);
    expect((await ask('/-/ready', basic('alice:wrong'), settings)).status).toBe(200);
    for (const path of ['/-/ready/', '//-/ready', '/-/ready/../../config', '/', '/metrics', '//metrics']) {
      expect((await ask(path, {}, settings)).status, path).toBe(401);
    }
  });

  test('everybody, where no users are named', async () => {
    expect((await ask('/config', {}, { users: new Map() })).status).toBe(200);
  });
});

test.each(['/', '/metrics', '/nowhere'])('headers of the web config win over ours at %s', async (path) => {
  const headers = {
    'X-Frame-Options': 'sameorigin',
    'Strict-Transport-Security': 'max-age=1',
    'Content-Security-Policy': "default-src 'self'",
  };
  const response = await ask(path, basic('alice:Größe:1'), { headers });
  for (const [name, value] of Object.entries(headers)) expect(response.headers.get(name)).toBe(value);
});

test('another site cannot reload with the password of a browser', async () => {
  const reload = (site: Record<string, string>) =>
    fakeRoutes({ lifecycle: true }).request('/-/reload', { method: 'POST', headers: site });
  expect((await reload({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await reload({ 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
  expect((await reload({ 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  expect((await reload({})).status).toBe(200);
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  [undefined, ''],
])('%s counts as %s', (address, remote) => {
  expect(remoteOf(address)).toBe(remote);
});
