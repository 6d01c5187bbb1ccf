import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hashSync } from '@node-rs/bcrypt';
import { describe, expect, test } from 'vitest';
import { loadWebConfig } from '../../../src/config/web/web.ts';
import { createPages } from '../../../src/pages/pages.ts';
import { fakeAnswers, fakeServer } from '../../http/fakes.ts';
import { aProject, aView } from '../../pages/view.ts';
import { aConnection } from '../../support/builders.ts';
import { prometheuses } from '../../support/prometheuses.ts';
import { programsOf } from '../../support/provided.ts';
import { launchBrowser, visit } from './browser-support.ts';

const run = promisify(execFile);
const certificates = new URL('../../fixtures/tls', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'web-'));
const password = 'correct horse';
const tls = [
  'tls_server_config:',
  `  cert_file: ${certificates}/server.pem`,
  `  key_file: ${certificates}/server.key`,
].join('\n');

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** What each promtool thinks of it: '' where it is good. */
function promtools(file: string): Promise<readonly string[]> {
  return Promise.all(
    prometheuses.map((one) =>
      run(programsOf(one).promtool, ['check', 'web-config', file]).then(
        () => '',
        (error: { stderr: string; stdout: string }) => error.stderr + error.stdout,
      ),
    ),
  );
}

const allGood = prometheuses.map(() => '');

/** With TLS, and a password that costs what people are told to let it cost. */
async function serve() {
  const text = `${tls}\nbasic_auth_users:\n  prometheus: ${hashSync(password, 10).replace('$2b', '$2y')}\n`;
  const file = write('web.yaml', text);
  expect(await promtools(file)).toEqual(allGood);
  const loaded = loadWebConfig(file, folder);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const answers = fakeAnswers({ view: () => aView([aProject({}, [aConnection('a1', { status: 'FAILED' })])]) });
  return fakeServer({ web: loaded.web, answers, pages: createPages({ answers }) });
}

describe('promtool agrees', () => {
  test('that the example is good', async () => {
    const text = readFileSync(new URL('../../../config/web.example.yaml', import.meta.url), 'utf8')
      .replace('tls/server.crt', `${certificates}/server.pem`)
      .replace('tls/server.key', `${certificates}/server.key`);
    const file = write('example.yaml', text);
    expect(await promtools(file)).toEqual(allGood);
    expect(loadWebConfig(file, folder)).toMatchObject({ ok: true });
  });

  test.each([
    ['unknown key', 'basic_auth_user: {}'],
    ['unknown key of TLS', `${tls}\n  min_versions: TLS12`],
    ['no key', `tls_server_config: {cert_file: ${certificates}/server.pem}`],
    ['a file that is not there', tls.replace('server.key', 'gone.key')],
    ['a key of another certificate', tls.replace('server.key', 'client.key')],
    ['a certificate that is none', tls.replace('server.pem', 'make.sh')],
    ['an unknown version', `${tls}\n  min_version: TLS14`],
    ['an unknown cipher', `${tls}\n  cipher_suites: [ROT13]`],
    ['an unknown curve', `${tls}\n  curve_preferences: [P256]`],
    ['a CA and asking nobody', `${tls}\n  client_ca_file: ${certificates}/ca.pem`],
    ['an unknown way to ask', `${tls}\n  client_auth_type: Always`],
    ['a plain password', 'basic_auth_users: {alice: geheim}'],
    ['a header that may not be set', 'http_server_config: {headers: {Server: x}}'],
    ['an odd frame policy', 'http_server_config: {headers: {X-Frame-Options: allow}}'],
    ['no YAML', 'basic_auth_users: {'],
  ])('that this is bad: %s', async (name, text) => {
    const file = write(`${name.replaceAll(' ', '-')}.yaml`, text);
    expect(await promtools(file)).toEqual(prometheuses.map(() => expect.stringMatching(/./)));
    expect(loadWebConfig(file, folder)).toMatchObject({ ok: false });
  });
});

describe('with TLS and a password', () => {
  test('curl gets in, and not without', async () => {
    await using server = await serve();
    const curl = (...args: readonly string[]) =>
      run('curl', ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', ...args]).then(
        ({ stdout }) => stdout,
        (error: { code: number }) => `exit ${error.code}`,
      );
    const url = `https://${server.address}/metrics`;
    const trust = ['--cacert', `${certificates}/ca.pem`];
    expect(await curl(...trust, '--user', `prometheus:${password}`, url)).toBe('200');
    expect(await curl(...trust, '--user', 'prometheus:wrong', url)).toBe('401');
    expect(await curl(...trust, url)).toBe('401');
    expect(await curl('--user', `prometheus:${password}`, url)).toBe('exit 60');
    expect(await curl(`http://${server.address}/metrics`)).toMatch(/^exit/);
  });

  test('a browser gets in, the page refreshes itself, and not without', async () => {
    await using server = await serve();
    await using browser = await launchBrowser();
    const url = `https://${server.address}/`;
    const httpCredentials = { username: 'prometheus', password };
    const { page, complaints } = await visit(browser, url, { ignoreHTTPSErrors: true, httpCredentials });
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toContain('broken');
    const again = page.waitForResponse(url);
    await page.getByRole('button', { name: 'Live' }).click();
    await page.getByRole('button', { name: 'Live' }).click();
    expect((await again).status()).toBe(200);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
    const stranger = await browser.newPage({ ignoreHTTPSErrors: true });
    const answer = await stranger.goto(url).catch((error: Error) => error.message);
    expect(typeof answer === 'string' ? answer : answer?.status()).toSatisfy(
      (seen: unknown) => seen === 401 || String(seen).includes('ERR_INVALID_AUTH_CREDENTIALS'),
    );
  });

  test.each(prometheuses)('Prometheus $version gets in, and not without', async (version) => {
    await using server = await serve();
    const job = (name: string, auth: string) => `
  - job_name: ${name}
    scheme: https
    tls_config: {ca_file: ${certificates}/ca.pem}
    ${auth}
    static_configs: [{targets: ['${server.address}']}]`;
    const config = write(
      'prometheus.yml',
      `global: {scrape_interval: 1s}\nscrape_configs:${job('known', `basic_auth: {username: prometheus, password: ${password}}`)}${job('stranger', '')}\n`,
    );
    const port = await freePort();
    const args = [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder}/${version.name}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const prometheus = spawn(programsOf(version).prometheus, args, { stdio: 'ignore' });
    try {
      await expect
        .poll(() => healthOfTargets(port), { timeout: 30_000, interval: 500 })
        .toEqual({ known: 'up', stranger: 'down: server returned HTTP status 401 Unauthorized' });
    } finally {
      prometheus.kill('SIGTERM');
      await once(prometheus, 'exit');
    }
  });

  test('200 wrong guesses a second do not slow the scrapes of one who knows the password', async () => {
    await using server = await serve();
    const url = `https://${server.address}/metrics`;
    const guesses = spawn(process.execPath, ['--input-type=module', '-e', guesser, url, `${certificates}/ca.pem`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answers: string[] = [];
    guesses.stdout.setEncoding('utf8').on('data', (text: string) => answers.push(text));
    await once(guesses.stdout, 'data');
    const times: number[] = [];
    for (let scrape = 0; scrape < 10; scrape += 1) {
      const { stdout } = await run('curl', [
        ...[
          '--silent',
          '--cacert',
          `${certificates}/ca.pem`,
          '--user',
          `prometheus:${password}`,
          // No device: before it tries again, curl truncates what it wrote, and a device refuses that.
          '--output',
          join(folder, 'metrics.txt'),
        ],
        // Before it is known, the password waits for its turn as everybody's.
        ...['--retry', '20', '--retry-delay', '1', '--write-out', '%{http_code} %{time_total}\n', url],
      ]);
      const [status, seconds] = stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
      expect(status).toBe('200');
      times.push(Number(seconds) * 1_000);
    }
    await once(guesses, 'exit');
    const counted: Record<string, number> = JSON.parse(answers.join('').trim().split('\n').at(-1) ?? '{}');
    const known = times.slice(1).toSorted((a, b) => a - b);
    console.log(`Scrapes while guessed at: ${known.map((ms) => ms.toFixed(0)).join(', ')} ms; guesses:`, counted);
    expect(known.at(-1)).toBeLessThan(1_000);
    expect(Object.keys(counted).every((status) => status === '401' || status === '429')).toBe(true);
    // How many the guesser came to is the machine's; that there were many more than scrapes is what counts.
    expect((counted['401'] ?? 0) + (counted['429'] ?? 0)).toBeGreaterThan(20 * times.length);
  });
});

/** 200 wrong passwords a second for eight seconds, each on what connection there is; then how they were answered. */
const guesser = `
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
const [url, ca] = process.argv.slice(1);
const agent = new Agent({ keepAlive: true, maxSockets: 50, ca: readFileSync(ca) });
const counted = {};
let sent = 0;
const guess = () => {
  const auth = 'prometheus:guess ' + sent++;
  request(url, { agent, auth }, (response) => {
    counted[response.statusCode] = (counted[response.statusCode] ?? 0) + 1;
    response.resume();
  }).on('error', (error) => { counted[error.code] = (counted[error.code] ?? 0) + 1; }).end();
};
const timer = setInterval(() => { for (let i = 0; i < 4; i++) guess(); }, 20);
console.log('{}');
setTimeout(() => { clearInterval(timer); setTimeout(() => { console.log(JSON.stringify(counted)); process.exit(); }, 500); }, 8000);
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function healthOfTargets(port: number): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/targets`).catch(() => null);
  const body = (await response?.json()) as
    | { data: { activeTargets: { labels: { job: string }; health: string; lastError: string }[] } }
    | undefined;
  return Object.fromEntries(
    (body?.data.activeTargets ?? []).map(({ labels, health, lastError }) => [
      labels.job,
      lastError === '' ? health : `${health}: ${lastError}`,
    ]),
  );
}
