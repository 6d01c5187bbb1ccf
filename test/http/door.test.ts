import { describe, expect, test } from 'vitest';
import { fakeAnswers, fakeLog, fakePages, fakeServer } from './fakes.ts';
import { exchange } from './raw.ts';

type Server = Awaited<ReturnType<typeof fakeServer>>;

/** Status and what is told, of a request as it is written. */
async function ask({ port }: Server, line: string, ...headers: readonly string[]) {
  const lines = [`${line} HTTP/1.1`, ...headers, 'Connection: close', '', ''];
  const [head = '', body = ''] = (await exchange(port, lines.join('\r\n'))).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}
const host = 'Host: localhost';

test.each(['POST', 'DELETE', 'OPTIONS'])('metrics are not there for %s', async (method) => {
  await using server = await fakeServer();
  const { status, head } = await ask(server, `${method} /metrics`, host);
  expect(status).toBe(405);
  expect(head).toContain('\r\nAllow: GET, HEAD\r\n');
});

test('a name that another site points at loopback reads nothing', async () => {
  await using server = await fakeServer();
  for (const path of ['/', '/config', '/metrics', '/-/healthy', '/api/v1/changes']) {
    const { status, body } = await ask(server, `GET ${path}`, 'Host: evil.example:27900');
    expect([path, status]).toEqual([path, 403]);
    expect(body).not.toContain('evil');
  }
  await using open = await fakeServer({ listen: [{ host: null, port: 0 }] });
  expect((await ask(open, 'GET /config', 'Host: exporter.monitoring.svc')).status).toBe(200);
});

describe('a prefix', () => {
  const externalUrl = new URL('https://monitoring.example.com/exporter/');
  test.each([
    ['/exporter/metrics', 200],
    ['/exporter/metrics?a=b', 200],
    ['/exporter/', 200],
    ['/exporter/-/healthy', 200],
    ['/exporter/api/v1/changes?limit=2', 200],
    ['/exporter', 302],
    ['/', 302],
    ['/metrics', 404],
    ['/exporterx/metrics', 404],
  ])('%s is %i', async (path, status) => {
    await using server = await fakeServer({ routePrefix: '/exporter', externalUrl });
    const answer = await ask(server, `GET ${path}`, host);
    expect(answer.status).toBe(status);
    if (status === 302) expect(answer.head).toContain('\r\nLocation: /exporter/\r\n');
  });
});

describe('a reload', () => {
  const post = 'POST /-/reload';
  test.each([
    ['of curl', [], 200],
    ['of a page of ours', ['Origin: http://localhost'], 200],
    ['of a page of another site, on plain http', ['Origin: http://evil.example'], 403],
    ['of a sandbox', ['Origin: null'], 403],
    ['of the external URL', ['Origin: https://monitoring.example.com'], 200],
  ])('%s is %i', async (_, headers, status) => {
    const externalUrl = new URL('https://monitoring.example.com/');
    await using server = await fakeServer({ lifecycle: true, externalUrl });
    expect((await ask(server, post, host, 'Content-Length: 0', ...headers)).status).toBe(status);
  });
});

describe('many pages at once', () => {
  test('wait in a short queue, the rest is told when to come again, and probes and scrapes pass them', async () => {
    const drawn = Promise.withResolvers<void>();
    let drawing = 0;
    const pages = {
      ...fakePages,
      render: async () => {
        drawing += 1;
        await drawn.promise;
        return { status: 200 as const, html: '<p>' };
      },
    };
    await using server = await fakeServer({ pages });
    const asked = Array.from({ length: 40 }, () => ask(server, 'GET /', host));
    const first = await Promise.race(asked);
    expect(first.status).toBe(503);
    expect(first.head).toContain('\r\nRetry-After: 5\r\n');
    expect(drawing).toBe(4);
    for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
      expect((await ask(server, `GET ${path}`, host)).status).toBe(200);
    }
    drawn.resolve();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(36);
    expect(drawing).toBe(36);
  });

  test('a big JSON answer is whole, plain and compressed', async () => {
    const message = 'é"\\'.repeat(3_000);
    const changes = Array.from({ length: 1_000 }, (_, index) => ({ id: index, at: index, message }));
    const answers = fakeAnswers({ changes: async () => changes as never });
    await using server = await fakeServer({ answers });
    const texts = ['gzip', 'identity'].map(async (encoding) => {
      const response = await fetch(`${server.url}/api/v1/changes?limit=1000`, {
        headers: { 'Accept-Encoding': encoding },
      });
      expect(response.headers.get('Content-Encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(response.headers.get('Content-Type')).toBe('application/json');
      return response.text();
    });
    const [zipped = '', plain] = await Promise.all(texts);
    expect(zipped).toBe(plain);
    expect(JSON.parse(zipped).changes).toHaveLength(1_000);
  });
});

test('a failure is told once, whatever failed', async () => {
  for (const path of ['/metrics', '/config', '/']) {
    const log = fakeLog();
    const fail = () => {
      throw new Error('secret thing');
    };
    const answers = fakeAnswers({ metrics: fail, effectiveConfig: fail });
    await using server = await fakeServer({ log, answers, pages: { ...fakePages, render: fail } });
    const { status, body } = await ask(server, `GET ${path}`, host);
    expect(status).toBe(500);
    expect(body).toBe('Internal error: the log says more\n');
    expect(log.messages).toEqual(['Request failed']);
  }
});
