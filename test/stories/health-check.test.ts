/** The health check that the image runs, against the exporter as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from '@node-rs/bcrypt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { healthCheck } from '../support/dockerfile.ts';
import { startExporter } from '../support/process.ts';

const source = (word: string) => new URL(`../../${word.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')}`, import.meta.url);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'health-check-'));
  const { cert, key } = createAuthority().issue(['exporter']);
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
  const tls = 'tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n';
  writeFileSync(join(folder, 'tls.yml'), tls);
  writeFileSync(join(folder, 'password.yml'), `${tls}basic_auth_users: {scraper: "${hashSync('a password', 4)}"}\n`);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command of the image's HEALTHCHECK, for another port. Resolves with its exit code. */
async function checkHealth(port: string): Promise<number | null> {
  const [, file = '', ...rest] = healthCheck;
  const child = spawn(process.execPath, [source(file).pathname, ...rest, port], { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code;
}

async function listen(server: Server) {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = String(address !== null && typeof address === 'object' ? address.port : 0);
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

test.each([
  ['it has a route prefix', ['--web.route-prefix', '/atlas']],
  ['it has a longer one', ['--web.route-prefix', '/monitoring/atlas/']],
  ['its external URL has a path', ['--web.external-url', 'https://example.com/atlas/']],
  ['it has a prefix and TLS', ['--web.route-prefix', '/atlas', '--web.config.file', 'tls.yml']],
  ['it wants a password', ['--web.route-prefix', '/atlas', '--web.config.file', 'password.yml']],
  ['it has none of these', []],
])('is good while the exporter works, also where %s, and bad when it hangs or is gone', async (_name, flags) => {
  await using exporter = await startExporter({ folder, args: ['demo', ...flags] });
  const { port } = new URL(exporter.url);
  expect(await checkHealth(port)).toBe(0);
  exporter.child.kill('SIGSTOP');
  if (flags.length === 0) expect(await checkHealth(port)).toBe(1);
  exporter.child.kill('SIGCONT');
  await exporter.end('SIGKILL');
  expect(await checkHealth(port)).toBe(1);
});

test.each<readonly [string, RequestListener]>([
  ['says that it is not well', (_, answer) => void answer.writeHead(503).end()],
  [
    'says so below its prefix',
    (incoming, answer) => {
      if (incoming.url === '/atlas/-/healthy') answer.writeHead(503).end();
      else if (incoming.url === '/') answer.writeHead(302, { Location: '/atlas/' }).end();
      else answer.writeHead(404).end();
    },
  ],
  ['is somebody else', ({ url }, answer) => void answer.writeHead(url === '/' ? 200 : 404).end()],
])('is bad when what answers %s', async (_name, answer) => {
  await using listening = await listen(createServer(answer));
  expect(await checkHealth(listening.port)).toBe(1);
});

test('follows a redirect to a prefix also where all but that and the probe wants a password', async () => {
  const open = new Set(['/', '/atlas/-/healthy']);
  const server = createServer(({ url = '' }, answer) => {
    if (!open.has(url)) answer.writeHead(401).end();
    else if (url === '/') answer.writeHead(302, { Location: '/atlas/' }).end();
    else answer.writeHead(503).end();
  });
  await using listening = await listen(server);
  expect(await checkHealth(listening.port)).toBe(1);
});

test('asks the port of the image where none is given', () => {
  expect(healthCheck).toEqual(['node', 'dist/health-check.js']);
});
