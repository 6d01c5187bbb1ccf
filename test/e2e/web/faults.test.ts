import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closed, exchange, open } from '../../http/raw.ts';
import { type Daemon, startDaemon } from './process.ts';

let demo: Daemon;
let port: number;
beforeAll(async () => {
  demo = await startDaemon('demo', '--web.max-requests', '2000');
  port = Number(demo.address.split(':').at(-1));
});
afterAll(() => demo[Symbol.asyncDispose]());

const scrape = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Status and ms of one scrape, on a connection of its own. */
function scrapeOnce(agent: Agent | false = false): Promise<{ readonly status: number; readonly ms: number }> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/metrics', agent }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - start }));
    }).on('error', reject);
  });
}

function memoryMb(): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${demo.child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** Ten times the figure of 100 ms. */
async function expectFreshScrape(what: string): Promise<string> {
  const { status, ms } = await scrapeOnce();
  const figure = `a fresh scrape took ${ms.toFixed(0)} ms, memory ${memoryMb().toFixed(0)} MB`;
  console.log(`${what}: ${figure}`);
  expect(status).toBe(200);
  expect(ms).toBeLessThan(1_000);
  return figure;
}

function openMany(number: number): Promise<readonly Socket[]> {
  return Promise.all(Array.from({ length: number }, () => open(port)));
}

test('1,000 scrapes at once are all answered', async ({ task }) => {
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => scrapeOnce()));
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  Object.assign(task.meta, { figure: await expectFreshScrape('After 1,000 scrapes at once') });
});

test('500 readers that never read cost nobody anything', async ({ task }) => {
  const before = memoryMb();
  const readers = await openMany(500);
  for (const reader of readers) reader.write(scrape);
  // They have seen that an answer comes, and leave it where it is.
  await Promise.all(readers.map((reader) => once(reader, 'readable')));
  Object.assign(task.meta, { figure: await expectFreshScrape('With 500 readers that never read') });
  await expectFreshScrape('And again');
  expect(memoryMb() - before).toBeLessThan(150);
  for (const reader of readers) reader.destroy();
});

test('10,000 connections that say nothing keep nobody out', async ({ task }) => {
  const idle: Socket[] = [];
  for (let batch = 0; batch < 20; batch += 1) idle.push(...(await openMany(500)));
  Object.assign(task.meta, { figure: await expectFreshScrape('With 10,000 idle connections') });
  for (const socket of idle) socket.destroy();
});

test('headers that never end are cut off', async () => {
  const start = performance.now();
  const answer = await exchange(port, 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect(performance.now() - start).toBeLessThan(20_000);
});

test('a body that never ends is cut off', async () => {
  const start = performance.now();
  const socket = await open(port);
  socket.write('POST /-/reload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx');
  await closed(socket);
  expect(performance.now() - start).toBeLessThan(40_000);
});

test('the method is nobody’s label', async () => {
  const methods = ['FOO', 'PROPFIND', 'M-SEARCH', 'TRACE', 'OPTIONS', 'DELETE'];
  for (const method of methods)
    await exchange(port, `${method} /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const metrics = await exchange(port, scrape.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  for (const method of methods.filter((name) => name !== 'DELETE')) expect(metrics).not.toContain(`"${method}"`);
});

test('a scrape under way is finished when the exporter is told to stop', async () => {
  await using other = await startDaemon('demo');
  const agent = new Agent({ keepAlive: true });
  const { port: otherPort } = new URL(`http://${other.address}`);
  const answer = new Promise<number>((resolve, reject) => {
    get({ host: '127.0.0.1', port: otherPort, path: '/metrics', agent }, (response) => {
      // Asked to stop while the answer is on its way.
      other.child.kill('SIGTERM');
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('end', () => resolve(length)).on('error', reject);
    }).on('error', reject);
  });
  expect(await answer).toBeGreaterThan(10_000);
  const code = await new Promise((resolve) => other.child.once('exit', resolve));
  expect(code).toBe(0);
  agent.destroy();
});
