import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { fakeAnswers, fakePages, fakeServer } from './fakes.ts';
import { closed, exchange, open } from './raw.ts';

describe('listening', () => {
  test('on several addresses', async () => {
    const listen = [
      { host: '127.0.0.1', port: 0 },
      { host: 'localhost', port: 0 },
      { host: null, port: 0 },
    ];
    await using server = await fakeServer({ listen });
    expect(server.addresses).toHaveLength(3);
    for (const address of server.addresses) {
      const { port } = new URL(`http://${address}`);
      expect((await fetch(`http://localhost:${port}/-/healthy`)).status).toBe(200);
    }
  });

  test('on a port in use says so, and leaves no other address open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const taken = (other.address() as { port: number }).port;
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const freed = (free.address() as { port: number }).port;
    await new Promise((resolve) => free.close(resolve));

    const listen = [
      { host: '127.0.0.1', port: freed },
      { host: '127.0.0.1', port: taken },
    ];
    await expect(fakeServer({ listen })).rejects.toThrow(
      `Cannot listen on "127.0.0.1:${taken}": another process listens there: stop it, or choose another address`,
    );
    await expect(open(freed)).rejects.toThrow('ECONNREFUSED');
    other.close();
  });

  test('on an address that is not here says so', async () => {
    const listen = [{ host: '192.0.2.1', port: 0 }];
    await expect(fakeServer({ listen })).rejects.toThrow(
      'Cannot listen on "192.0.2.1:0": this machine has no such address',
    );
  });
});

describe('bad requests', () => {
  const ending = 'Connection: close\r\n\r\n';
  test.each([
    ['no Host', `GET / HTTP/1.1\r\n${ending}`, 400],
    ['two Hosts', `GET / HTTP/1.1\r\nHost: localhost\r\nhost: b\r\n${ending}`, 400],
    ['two equal Hosts', `GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n${ending}`, 400],
    ['a Host that is none', `GET / HTTP/1.1\r\nHost: a b<script>\r\n${ending}`, 400],
    ['37 KB of headers', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(37_000)}\r\n${ending}`, 431],
    ['an unknown method', `FETCH / HTTP/1.1\r\nHost: localhost\r\n${ending}`, 400],
    ['TRACE', `TRACE /metrics HTTP/1.1\r\nHost: localhost\r\n${ending}`, 405],
    ['PROPFIND', `PROPFIND /metrics HTTP/1.1\r\nHost: localhost\r\n${ending}`, 405],
    ['a path that climbs', `GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n${ending}`, 404],
    ['two slashes', `GET //metrics HTTP/1.1\r\nHost: localhost\r\n${ending}`, 404],
    ['a NUL', `GET /metrics%00 HTTP/1.1\r\nHost: localhost\r\n${ending}`, 404],
    ['a broken escape', `GET /%E0%A4%A HTTP/1.1\r\nHost: localhost\r\n${ending}`, 404],
    [
      'a proxy request to somewhere else',
      `GET http://evil.example/nowhere HTTP/1.1\r\nHost: localhost\r\n${ending}`,
      404,
    ],
    ['rubbish', '\x16\x03\x01\x02\r\n\r\n', 400],
    [
      '32 KiB of headers',
      `GET /-/ready HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(32 * 1024 - 50)}\r\n${ending}`,
      200,
    ],
    ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 200],
    ['an empty Host', `GET / HTTP/1.1\r\nHost: \r\n${ending}`, 200],
    ['a Host with an IPv6 zone', `GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]:27900\r\n${ending}`, 200],
    ['a Host with a zone as browsers refuse it', `GET / HTTP/1.1\r\nHost: [fe80::1%eth0]\r\n${ending}`, 200],
    ['no path', `OPTIONS * HTTP/1.1\r\nHost: localhost\r\n${ending}`, 400],
    ['HTTP/1.0', 'GET /-/ready HTTP/1.0\r\nHost: localhost\r\n\r\n', 200],
  ])('%s', async (_, bytes, status) => {
    await using server = await fakeServer();
    const answer = await exchange(server.port, bytes);
    expect(answer.split('\r\n')[0]).toContain(` ${status} `);
    expect(answer).not.toContain('evil');
    expect(answer).not.toContain('script');
  });

  test('a body that nobody reads does no harm', async () => {
    await using server = await fakeServer({ lifecycle: true });
    const response = await fetch(`${server.url}/-/reload`, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(response.status).toBe(200);
    expect((await fetch(`${server.url}/-/ready`)).status).toBe(200);
  });
});

test('connections that say nothing keep nobody out', async () => {
  await using server = await fakeServer({ maxRequests: 0 });
  const idle = await Promise.all(Array.from({ length: 512 }, () => open(server.port)));
  expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
  await closed(idle[0] ?? (await open(server.port)));
  expect(idle.filter(({ destroyed }) => !destroyed).length).toBeGreaterThan(500);
  for (const socket of idle) socket.destroy();
});

const asks = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const statusOn = async (socket: Socket, path: string) => {
  socket.write(asks(path));
  const [bytes] = await Promise.race([once(socket, 'data'), closed(socket).then(() => ['cut'])]);
  return String(bytes).split('\r\n')[0];
};

test('a crowd costs a scraper and a probe no connection of theirs, however long they are idle', async () => {
  await using server = await fakeServer({ maxRequests: 0 });
  const kept = await Promise.all(
    ['/metrics', '/-/healthy'].map(async (path) => [path, await open(server.port)] as const),
  );
  for (const [path, socket] of kept) expect([path, await statusOn(socket, path)]).toEqual([path, 'HTTP/1.1 200 OK']);
  const crowd = await Promise.all(Array.from({ length: 600 }, () => open(server.port)));
  await closed(crowd[0] ?? (await open(server.port)));
  for (const [path, socket] of kept) expect([path, await statusOn(socket, path)]).toEqual([path, 'HTTP/1.1 200 OK']);
  for (const socket of [...crowd, ...kept.map(([, one]) => one)]) socket.destroy();
});

test('who is only to be told that there is no place makes room for a scraper', async () => {
  const pages = { ...fakePages, render: () => new Promise<never>(() => {}) };
  await using server = await fakeServer({ maxRequests: 0, pages });
  const crowd = await Promise.all(Array.from({ length: 512 }, () => open(server.port)));
  await Promise.all(crowd.map((socket) => new Promise((resolve) => socket.write(asks('/'), resolve))));
  // All of them were read by then, and the first is refused after a second.
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await statusOn(await open(server.port), '/metrics')).toBe('HTTP/1.1 200 OK');
  for (const socket of crowd) socket.destroy();
});

describe('closing', () => {
  test('ends connections that wait for the next request at once', async () => {
    const server = await fakeServer();
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${server.url}/-/ready`, { agent }).end();
    const [response] = await once(sent, 'response');
    await response.toArray();
    const silent = await open(server.port);
    await server.close(60_000);
    await closed(silent);
    agent.destroy();
  });

  test('lets a running scrape finish, and tells its connection to close', async () => {
    const rendered = Promise.withResolvers<readonly Buffer[]>();
    const asked = Promise.withResolvers<void>();
    const metrics = () => {
      asked.resolve();
      return rendered.promise;
    };
    const server = await fakeServer({ answers: fakeAnswers({ metrics }) });
    const response = fetch(`${server.url}/metrics`, { headers: { 'Accept-Encoding': 'identity' } });
    await asked.promise;
    const closing = server.close(60_000);
    await expect(open(server.port)).rejects.toThrow('ECONNREFUSED');
    rendered.resolve([Buffer.from('late 1\n')]);
    expect((await response).headers.get('Connection')).toBe('close');
    expect(await (await response).text()).toBe('late 1\n');
    await closing;
  });

  test('cuts what is left when the time is over', async () => {
    const metrics = async () => [Buffer.alloc(64 * 1024 * 1024, 'a')];
    const server = await fakeServer({ answers: fakeAnswers({ metrics }) });
    const reader = await open(server.port);
    reader.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(reader, 'readable');
    await server.close(10);
    await closed(reader);
  });
});
