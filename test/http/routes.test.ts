import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createFailed } from '../../src/http/door.ts';
import { askedChanges, fakeAnswers, fakeLog, fakePages, fakeRoutes } from './fakes.ts';

describe('probes', () => {
  test.each([
    ['/-/healthy', 200, {}],
    ['/-/ready', 200, {}],
    ['/-/healthy', 503, { health: () => ({ healthy: false, detail: 'Late by 90 s' }) }],
    ['/-/ready', 503, { readiness: () => ({ ready: false, detail: '3 sources to go' }) }],
  ])('%s is %i', async (path, status, overrides) => {
    const response = await fakeRoutes({ answers: fakeAnswers(overrides) }).request(path);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(/^[A-Z0-9].*\n$/);
  });
});

describe('reload', () => {
  test('is off unless it is asked for', async () => {
    const response = await fakeRoutes().request('/-/reload', { method: 'POST' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('--web.enable-lifecycle');
  });

  test('says that it worked', async () => {
    const response = await fakeRoutes({ lifecycle: true }).request('/-/reload', { method: 'POST' });
    expect(response.status).toBe(200);
  });

  test('says what is wrong with the new config', async () => {
    const answers = fakeAnswers({ reload: async () => ({ ok: false, problems: 'projects: empty' }) });
    const response = await fakeRoutes({ lifecycle: true, answers }).request('/-/reload', { method: 'POST' });
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('projects: empty\n');
  });
});

describe('methods', () => {
  test.each([
    ['GET', '/-/reload', 'POST'],
    ['DELETE', '/', 'GET, HEAD'],
    ['OPTIONS', '/api/v1/changes', 'GET, HEAD'],
    ['PUT', '/projects/1', 'GET, HEAD'],
  ])('%s %s', async (method, path, allow) => {
    const response = await fakeRoutes({ lifecycle: true }).request(path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('Allow')).toBe(allow);
  });

  test('HEAD has the headers and no body', async () => {
    const response = await fakeRoutes().request('/config', { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8');
    expect(await response.text()).toBe('');
  });
});

describe('paths', () => {
  test.each([
    '/metric',
    '/metrics/',
    '//metrics',
    '/../../etc/passwd',
    '/%2e%2e/etc/passwd',
    '/metrics%00',
    '/-/',
    '/api/v1/',
    '/projects/',
    '/projects/1',
  ])('%s is not found', async (path) => {
    const response = await fakeRoutes().request(`http://localhost${path}`);
    expect(response.status).toBe(404);
    expect(await response.text()).toBe('Not found\n');
  });

  test('POST to nowhere is not found either', async () => {
    expect((await fakeRoutes().request('/nowhere', { method: 'POST' })).status).toBe(404);
  });
});

describe('headers', () => {
  test.each(['/', '/config', '/nowhere', '/-/reload', '/api/v1/changes?limit=x'])('%s is locked down', async (path) => {
    const { headers } = await fakeRoutes().request(path);
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('X-Frame-Options')).toBe('DENY');
    expect(headers.get('Referrer-Policy')).toBe('no-referrer');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Content-Security-Policy')).toContain('default-src');
  });

  test('a page brings its own policy', async () => {
    const { headers } = await fakeRoutes().request('/');
    expect(headers.get('Content-Security-Policy')).toBe(fakePages.contentSecurityPolicy);
    expect(headers.get('Content-Type')).toBe('text/html; charset=UTF-8');
  });

  test('the host is not repeated', async () => {
    const routes = fakeRoutes();
    for (const path of ['/', '/nowhere', '/config', '/api/v1/connections']) {
      const response = await routes.request(`http://evil.example${path}`);
      expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain('evil');
    }
  });
});

describe('the JSON API', () => {
  test('hands the query on', async () => {
    const { queries, changes } = askedChanges();
    const response = await fakeRoutes({ answers: fakeAnswers({ changes }) }).request('/api/v1/changes?since=5&limit=2');
    expect(await response.json()).toEqual({ changes: [], next: 5 });
    expect(queries).toEqual([{ sinceId: 5, limit: 2 }]);
  });

  test.each(['/api/v1/changes?limit=x', '/api/v1/connections?limit=x'])('%s is refused in words', async (path) => {
    const response = await fakeRoutes().request(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ errors: ['"limit" is not a number from 1 to 1000'] });
  });
});

test.each([
  ['/', 'gzip', 'gzip'],
  ['/api/v1/changes', 'gzip', 'gzip'],
  ['/', 'gzip;q=0', null],
  ['/config', 'gzip', null],
])('%s for those who read %s', async (path, accepted, encoding) => {
  const headers = { 'Accept-Encoding': accepted };
  const response = await fakeRoutes().request(path, { headers });
  expect(response.headers.get('Content-Encoding')).toBe(encoding);
  const body = Buffer.from(await response.arrayBuffer());
  const plain = await (await fakeRoutes().request(path)).text();
  expect((encoding ? gunzipSync(body) : body).toString()).toBe(plain);
});

test('a page gets its query', async () => {
  const response = await fakeRoutes().request('/?text=x&status=FAILED');
  expect(await response.text()).toBe('<p>status of 2 filters</p>');
});

test('an error of ours is a plain 500, told in the log', async () => {
  const log = fakeLog();
  const answers = fakeAnswers({
    effectiveConfig: () => {
      throw new Error('secret thing');
    },
  });
  const response = await fakeRoutes({ answers, failed: createFailed(log) }).request('/config');
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
  expect(log.messages).toEqual(['Request failed']);
});
