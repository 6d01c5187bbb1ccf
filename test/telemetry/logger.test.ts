import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fixedSecret } from '../../src/config/exporter/secret.ts';
import { createLogger, type LoggerOptions } from '../../src/telemetry/logger.ts';

let folder: string;
let file: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
  file = openSync(join(folder, 'log'), 'w');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function written(write: (log: ReturnType<typeof createLogger>) => void, options: Partial<LoggerOptions> = {}) {
  const log = createLogger({ level: 'debug', format: 'json', destination: file, ...options });
  write(log);
  await log.end();
  return readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);
}

test('one JSON object a line, with time, level, message and fields', async () => {
  const [line = ''] = await written((log) => log.info({ projects: 3 }, 'Started'));
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    projects: 3,
    msg: 'Started',
  });
});

test('a text that tries to forge a line stays in its own', async () => {
  const lines = await written((log) =>
    log.info({ to: 'x\n{"level":"fatal","msg":"forged"}\u2028' }, 'Error message changed'),
  );
  expect(lines).toHaveLength(1);
});

test('no secret, at any depth, by any way', async () => {
  const secret = 'marked-secret-77';
  const error = Object.assign(
    new Error('failed', { cause: Object.assign(new Error('inner'), { headers: { Authorization: secret } }) }),
    {
      request: { nested: [{ privateKey: secret, client_secret: secret }] },
    },
  );
  const lines = await written((log) => {
    log.error({ err: error, credential: fixedSecret(secret), deep: { a: { b: { access_token: secret } } } }, 'Failed');
    log.fatal({ password: secret }, 'Failed');
  });
  expect(lines.join('\n')).not.toContain(secret);
  expect(lines).toHaveLength(2);
});

test('levels below the asked one are left out', async () => {
  expect(await written((log) => log.debug({}, 'Polled'), { level: 'info' })).toEqual([]);
});

test("what is logged after the end is nobody's any more, and harms nobody", async () => {
  const log = createLogger({ level: 'info', format: 'json', destination: file });
  await log.end();
  expect(() => log.info({}, 'Late')).not.toThrow();
});

test('pretty lines are for people', async () => {
  const [line] = await written((log) => log.warn({ reason: 'timeout' }, 'Poll failed'), { format: 'pretty' });
  expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}Poll failed reason="timeout"$/);
});

test('pretty lines hold nothing that steers a terminal, whatever their fields say', async () => {
  const told = 'It broke\n\u001b[2J\u009b31m\u202e\u2028forged\u007f';
  const lines = await written((log) => log.warn({ error_message: told }, 'Changed'), { format: 'pretty' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(lines[0]).toContain('forged');
});
