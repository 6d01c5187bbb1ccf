import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { simulatorConfig } from '../support/daemon.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
let folder: string;
let taken: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'run-'));
  // Another user must reach it, too.
  chmodSync(folder, 0o777);
  const config = simulatorConfig('http://127.0.0.1:9', ['5df264b8f10fab7d2cad2f0d']);
  writeFileSync(join(folder, 'exporter.yaml'), config, { mode: 0o644 });
  taken = createServer();
  await once(taken.listen(0, '127.0.0.1'), 'listening');
});
// A state file is its owner's alone, and one of these commands is another user's.
beforeEach(() => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `state.db${suffix}`), { force: true });
});
afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly err: string;
  /** Ms from the start to the first word on stderr, and from there to the end. */
  readonly untilToldMs: number;
  readonly untilEndedMs: number;
}

async function startInVain(args: readonly string[], uid?: number): Promise<Ended> {
  const start = performance.now();
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(uid !== undefined && { uid }),
  });
  // Far more than it needs: what does not end by itself is ended here, and has no exit code.
  const watchdog = setTimeout(() => child.kill('SIGKILL'), 30_000);
  let err = '';
  let told = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    told ||= performance.now();
    err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(watchdog);
  return { code, err, untilToldMs: told - start, untilEndedMs: performance.now() - told };
}

const commands = [
  ['run with a state file', ['run', '--config.file', 'exporter.yaml', '--state.path', 'state.db']],
  ['run without a state file', ['run', '--config.file', 'exporter.yaml', '--state.path', ':memory:']],
  ['demo', ['demo']],
] as const;
/** Where another user can be had, and may not listen on port 80. */
const hasRefusedPort =
  process.getuid?.() === 0 && Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) > 80;
const foreign = '192.0.2.1:27900';

describe.each(commands)('%s', (_name, command) => {
  const portOf = () => (taken.address() as AddressInfo).port;
  test.each<[string, () => readonly string[], RegExp, number?]>([
    [
      'a port in use',
      () => [`127.0.0.1:${portOf()}`],
      /^Cannot listen on "127.0.0.1:\d+": another process listens there: /,
    ],
    [
      'an address of another machine',
      () => [foreign],
      /^Cannot listen on "192.0.2.1:27900": this machine has no such address$/,
    ],
    [
      'a second address that cannot be had',
      () => ['127.0.0.1:0', foreign],
      /^Cannot listen on "192.0.2.1:27900": this machine has no such address$/,
    ],
    [
      'a second port in use',
      () => ['127.0.0.1:0', `127.0.0.1:${portOf()}`],
      /^Cannot listen on "127.0.0.1:\d+": another process listens there: /,
    ],
    [
      'one address twice',
      () => ['127.0.0.1:27955', '127.0.0.1:27955'],
      /^Cannot listen on "127.0.0.1:27955": another process listens there: /,
    ],
    ...(hasRefusedPort
      ? [
          [
            'a port that its user may not have',
            () => ['127.0.0.1:80'],
            /^Cannot listen on "127.0.0.1:80": not allowed: choose a port above 1023/,
            65_534,
          ] satisfies [string, () => readonly string[], RegExp, number],
        ]
      : []),
  ])(
    '%s ends it with one sentence and exit code 1, at once',
    async (_case, listen, sentence, uid) => {
      const addresses = listen().flatMap((address) => ['--web.listen-address', address]);
      const { code, err, untilToldMs, untilEndedMs } = await startInVain([...command, ...addresses], uid);
      expect(err.trimEnd()).toMatch(sentence);
      expect(err.trimEnd().split('\n')).toHaveLength(1);
      expect(code).toBe(1);
      // Nothing keeps it: it ends sooner than it started.
      expect(untilEndedMs).toBeLessThan(untilToldMs);
    },
    60_000,
  );
});
