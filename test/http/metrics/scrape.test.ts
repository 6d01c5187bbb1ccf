import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDoor } from '../../../src/http/access/web-settings.ts';
import { createRender } from '../../../src/http/metrics/scrape.ts';
import { acceptWord } from '../../support/accept.ts';
import { fuzzCases } from '../../support/sizes.ts';
import { fakeAnswers, fakeLog, fakeServer } from '../fakes.ts';
import { closed, exchange, open } from '../raw.ts';

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** As fetch does, but without decoding, and with headers of any kind. */
function get(
  url: string,
  headers: Record<string, string> = {},
  method = 'GET',
  agent: Agent | false = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
    });
    sent.on('error', reject).end();
  });
}

/** More than the kernel holds for a reader that does not read. */
const large = Array.from({ length: 64 }, () => Buffer.alloc(1024 * 1024, 'a 1\n'));
const largeZipped = [gzipSync(Buffer.concat(large))];
const largeAnswers = fakeAnswers({ metrics: async (_, compressed) => (compressed ? largeZipped : large) });
const scrape = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('formats', () => {
  test('text', async () => {
    await using server = await fakeServer();
    const { status, headers, body } = await get(`${server.url}/metrics`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['content-length']).toBe('5');
    expect(headers['content-encoding']).toBeUndefined();
    expect(headers['vary']).toBe('Accept, Accept-Encoding');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(body.toString()).toBe('up 1\n');
  });

  test('OpenMetrics', async () => {
    await using server = await fakeServer();
    const { headers, body } = await get(`${server.url}/metrics`, { Accept: 'application/openmetrics-text' });
    expect(headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(body.toString()).toBe('up 1\n# EOF\n');
  });

  test('gzip, of a known length', async () => {
    await using server = await fakeServer({ answers: largeAnswers });
    const { headers, body } = await get(`${server.url}/metrics`, { 'Accept-Encoding': 'gzip' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['content-length']).toBe(String(body.length));
    expect(gunzipSync(body).equals(Buffer.concat(large))).toBe(true);
  });

  test('no gzip for those who refuse it', async () => {
    await using server = await fakeServer();
    const { headers } = await get(`${server.url}/metrics`, { 'Accept-Encoding': 'gzip;q=0, *' });
    expect(headers['content-encoding']).toBeUndefined();
  });

  test('HEAD has the length and no body', async () => {
    await using server = await fakeServer({ answers: largeAnswers, maxRequests: 1 });
    for (const _ of [1, 2]) {
      const { status, headers, body } = await get(`${server.url}/metrics`, {}, 'HEAD');
      expect(status).toBe(200);
      expect(headers['content-length']).toBe(String(64 * 1024 * 1024));
      expect(body.length).toBe(0);
    }
  });

  test(
    'any Accept header has an answer',
    async () => {
      await using server = await fakeServer();
      const agent = new Agent({ keepAlive: true });
      const byte = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
      const header = fc.oneof(
        fc.string({ unit: byte, maxLength: 60 }),
        fc.array(acceptWord).map((words) => words.join('')),
      );
      const atOnce = 8;
      await fc.assert(
        fc.asyncProperty(fc.array(header, { minLength: atOnce, maxLength: atOnce }), async (accepts) => {
          const answers = accepts.map((accept) =>
            get(`${server.url}/metrics`, { Accept: accept, 'Accept-Encoding': accept }, 'GET', agent),
          );
          for (const { status } of await Promise.all(answers)) expect(status).toBe(200);
        }),
        { numRuns: Math.ceil(fuzzCases / atOnce) },
      );
      agent.destroy();
    },
    60_000 + 20 * fuzzCases,
  );
});

test('pieces of any size arrive whole and in their order', async () => {
  const kib = 1024;
  // Around the sizes of batches, which grow from 512 KiB to 2 MiB while they are taken at once.
  const sizes = [0, 1, 511, 512, 513, 0, 3, 700, 5_000, 2_048, 5, 2_047, 9, 9, 9, 4_096, 1].map(
    (size) => size * kib + (size % 7),
  );
  const pieces = sizes.map((size, index) => Buffer.alloc(size, `${index} of ${size}\n`));
  await using server = await fakeServer({ answers: fakeAnswers({ metrics: async () => pieces }) });
  const { headers, body } = await get(`${server.url}/metrics`);
  expect(headers['content-length']).toBe(`${body.length}`);
  expect(body.equals(Buffer.concat(pieces))).toBe(true);
});

test.each(['/metrics?a=b', '/metrics?', 'http://localhost/metrics', '/%6detrics'])(
  '%s is answered as the usual spelling is',
  async (path) => {
    await using server = await fakeServer();
    const ask = (target: string) =>
      exchange(server.port, `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const undated = (answer: string) => answer.replace(/^Date: .*\r\n/m, '');
    const usual = undated(await ask('/metrics'));
    expect(usual).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nup 1\n$/s);
    expect(undated(await ask(path))).toBe(usual);
  },
);

test('a failure is a 500 and never half an exposition', async () => {
  const log = fakeLog();
  const metrics = () => Promise.reject(new Error('no'));
  await using server = await fakeServer({ log, answers: fakeAnswers({ metrics }) });
  const { status, headers, body } = await get(`${server.url}/metrics`);
  expect(status).toBe(500);
  expect(headers['content-length']).toBe(`${body.length}`);
  expect(body.toString()).toBe('Internal error: the log says more\n');
  expect(log.messages).toEqual(['Request failed']);
});

test.each(['/metrics', '/%6detrics', '/'])(
  'somebody who asks for %s is not let in when the door fails',
  async (path) => {
    const log = fakeLog();
    const fails = () => {
      throw new Error('no');
    };
    const users = Object.assign(new Map([['alice', '']]), { get: fails });
    await using server = await fakeServer({ log, web: { ...openDoor, users } });
    const answer = await get(`${server.url}${path}`, { Authorization: `Basic ${btoa('alice:secret')}` });
    expect(answer.status).toBe(500);
    expect(answer.body.toString()).toBe('Internal error: the log says more\n');
    expect(log.messages).toEqual(['Request failed']);
  },
);

test('scrapes that come at once share one rendering, those that come later do not', async () => {
  let rendered = 0;
  const metrics = async () => {
    rendered += 1;
    await new Promise((resolve) => setImmediate(resolve));
    return [Buffer.from(`renderings ${rendered}\n`)];
  };
  const render = createRender(metrics);
  const texts = async (...asked: readonly Promise<readonly Buffer[]>[]) =>
    (await Promise.all(asked)).map((pieces) => Buffer.concat(pieces).toString());
  expect(await texts(render('text', false), render('text', false))).toEqual(['renderings 1\n', 'renderings 1\n']);
  expect(await texts(render('text', false))).toEqual(['renderings 2\n']);
  await Promise.all([render('text', true), render('text', true), render('text', false)]);
  expect(rendered).toBe(4);
  await Promise.all([render('text', true), render('openmetrics', true)]);
  expect(rendered).toBe(6);
});

describe('readers that do not read', () => {
  test('are refused a second slot while the first may still move, and cut when it does not', async () => {
    const time = { now: 0 };
    await using server = await fakeServer({ answers: largeAnswers, maxRequests: 1, monotonic: () => time.now });
    const stuck = await open(server.port);
    stuck.write(scrape);
    await new Promise((resolve) => stuck.once('readable', resolve));

    const refused = await get(`${server.url}/metrics`);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBe('5');
    expect(refused.body.toString()).toContain('--web.max-requests');

    time.now = 60_000;
    const { status, body } = await get(`${server.url}/metrics`);
    expect(status).toBe(200);
    expect(body.length).toBe(64 * 1024 * 1024);
    await closed(stuck);
  });

  test('are let go when they move no byte for too long, those who read slowly are not', async () => {
    await using server = await fakeServer({ answers: largeAnswers, stuckAfterMs: 300 });
    const stuck = await open(server.port);
    stuck.write(scrape);
    await new Promise((resolve) => stuck.once('readable', resolve));
    const slow = await open(server.port);
    slow.write(scrape.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    let read = 0;
    for await (const chunk of slow as AsyncIterable<Buffer>) {
      // Longer over all than anybody may stand still.
      if (Math.floor(read / 4_000_000) !== Math.floor((read + chunk.length) / 4_000_000)) await delay(40);
      read += chunk.length;
    }
    expect(read).toBeGreaterThan(64 * 1024 * 1024);
    let left = 0;
    stuck.on('data', (chunk: Buffer) => {
      left += chunk.length;
    });
    await closed(stuck);
    expect(left).toBeLessThan(64 * 1024 * 1024);
  });

  test('that go away give their slot back', async () => {
    await using server = await fakeServer({ answers: largeAnswers, maxRequests: 1 });
    for (let round = 0; round < 5; round += 1) {
      const reader = await open(server.port);
      reader.write(scrape);
      await new Promise((resolve) => reader.once('readable', resolve));
      reader.destroy();
      await closed(reader);
      await expect.poll(async () => (await get(`${server.url}/metrics`, {}, 'HEAD')).status).toBe(200);
    }
  });

  test('hold no copy of the answer', async () => {
    await using server = await fakeServer({ answers: largeAnswers, maxRequests: 0 });
    const before = process.memoryUsage().arrayBuffers;
    const readers = await Promise.all(Array.from({ length: 50 }, () => open(server.port)));
    for (const reader of readers) reader.write(scrape);
    await Promise.all(readers.map((reader) => new Promise((resolve) => reader.once('readable', resolve))));
    // Fifty copies would be 3 GB. What readers of this very process have read is in it too.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024);
    for (const reader of readers) reader.destroy();
  });
});

test('pipelined scrapes are answered in their order', async () => {
  await using server = await fakeServer();
  const last = 'GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const answer = await exchange(server.port, scrape.repeat(3) + last);
  expect(answer.match(/up 1/g)).toHaveLength(3);
  expect(answer.trimEnd().endsWith('Ready')).toBe(true);
});

test('pipelined scrapes are rendered one after the other, and not without end', async () => {
  const rendered = Promise.withResolvers<readonly Buffer[]>();
  let asked = 0;
  const metrics = () => {
    asked += 1;
    return rendered.promise;
  };
  await using server = await fakeServer({ answers: fakeAnswers({ metrics }) });
  const some = await open(server.port);
  some.write(scrape.repeat(4));
  const many = await open(server.port);
  many.write(scrape.repeat(1_000));
  await closed(many);
  await expect.poll(() => asked).toBe(1);
  expect((await fetch(`${server.url}/-/ready`)).status).toBe(200);
  rendered.resolve([Buffer.from('up 1\n')]);
  await expect.poll(() => asked).toBe(4);
  some.destroy();
});
