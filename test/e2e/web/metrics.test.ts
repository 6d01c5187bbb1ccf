import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prometheuses } from '../../support/prometheuses.ts';
import { programsOf } from '../../support/provided.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;
let demo: ChildProcess;
let url: string;

beforeAll(async () => {
  demo = spawn(process.execPath, [main, 'demo', '--web.listen-address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: demo.stdout as NodeJS.ReadableStream });
  for await (const line of lines) {
    const { msg, addresses } = JSON.parse(line);
    if (msg !== 'Started') continue;
    url = `http://${addresses[0]}`;
    break;
  }
  // Somebody must go on reading what it logs.
  demo.stdout?.resume();
});
afterAll(() => void demo.kill('SIGKILL'));

const scrape = async (accept: string) => (await fetch(`${url}/metrics`, { headers: { Accept: accept } })).text();

test('within two minutes the demo has shown every kind of change, and promtool finds nothing to say', async () => {
  let text = '';
  const seen = (change: string) =>
    new RegExp(`error_message_changes_total\\{[^}]*change="${change}"\\} [1-9]`).test(text);
  for (let tries = 0; tries < 120; tries++) {
    text = await scrape('text/plain');
    if (['set', 'changed', 'reworded', 'cleared'].every(seen)) break;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  for (const change of ['set', 'changed', 'reworded', 'cleared'])
    expect([change, seen(change)]).toEqual([change, true]);
  for (const version of prometheuses) {
    const checked = spawnSync(programsOf(version).promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect([version.name, checked.status, checked.stdout + checked.stderr]).toEqual([version.name, 0, '']);
  }
}, 150_000);

test('the OpenMetrics parser of the Python client accepts it', async () => {
  const script = [
    'import sys',
    'from prometheus_client.openmetrics.parser import text_string_to_metric_families',
    'print(sum(len(f.samples) for f in text_string_to_metric_families(sys.stdin.read())))',
  ].join('\n');
  const text = await scrape('application/openmetrics-text; version=1.0.0');
  const parsed = spawnSync('/usr/bin/python3', ['-c', script], { input: text, encoding: 'utf8' });
  expect(parsed.stderr).toBe('');
  expect(Number(parsed.stdout)).toBeGreaterThan(500);
});

test('gzip, Python and curl read the compressed answer', async () => {
  const curl = (...args: readonly string[]) =>
    spawnSync('curl', ['--silent', '--show-error', '--fail', ...args, `${url}/metrics`], { maxBuffer: 2 ** 26 });
  const input = curl('--header', 'Accept-Encoding: gzip').stdout;
  const text = gunzipSync(input);
  expect(spawnSync('gzip', ['--test'], { input })).toMatchObject({ status: 0 });
  const script = 'import gzip, sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))';
  expect(spawnSync('/usr/bin/python3', ['-c', script], { input }).stdout.equals(text)).toBe(true);
  const decoded = curl('--compressed');
  expect([decoded.status, String(decoded.stderr)]).toEqual([0, '']);
  const lines = (body: Buffer) => String(body).split('\n').length;
  // Another scrape: whatever the demo did meanwhile is a line or a few.
  expect(Math.abs(lines(decoded.stdout) - lines(text))).toBeLessThan(50);
  console.log(`${text.length} bytes, ${input.length} compressed`);
});

test('SIGTERM ends it cleanly within five seconds', async () => {
  const start = performance.now();
  const ended = new Promise<number | null>((resolve) => demo.once('exit', resolve));
  demo.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(performance.now() - start).toBeLessThan(50_000);
  console.log(`ended ${Math.round(performance.now() - start)} ms after SIGTERM`);
});
