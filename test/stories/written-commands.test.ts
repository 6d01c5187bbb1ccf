/** README, docs/install.md and docs/faq.md, typed as far as a machine without a cluster, a registry and root can. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../src/cli/cli.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { fakeWorld } from '../support/world.ts';

const root = new URL('../../', import.meta.url).pathname;
const name = 'atlas-private-endpoint-exporter';
const projectId = '5df264b8f10fab7d2cad2f0d';
const pages = ['README.md', 'docs/install.md', 'docs/faq.md'];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const blocks = (page: string, language: string) =>
  [...read(page).matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, of, block = '']) =>
    of === language ? [block] : [],
  );

/** The command lines of a page, without comments; a line that ends in a backslash goes on. */
const commands = pages.flatMap((page) =>
  blocks(page, 'sh')
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(?:^|\s+)#.*$/, '').trim())
    .filter((line) => line !== '')
    .map((line) => [page, line] as const),
);

/** What is not typed here, and where it is, or why it is nowhere. */
const elsewhere: readonly (readonly [RegExp, string])[] = [
  [/^npm ci && npm (?:run demo|test)$/, 'CI itself begins so; the demo is started below'],
  [/^npm ci && npm run build && npm pack$/, 'the suite of the image builds and packs'],
  [/^(?:sudo )?npm install --global/, 'changes the machine'],
  [/^docker |^kubectl |^helm /, 'the suites of image, chart and Kubernetes type these'],
  [/^sudo |^journalctl |^systemctl /, 'needs root and systemd'],
  [/^export MONGODB_ATLAS_\w+=/, 'sets the variables that the tests below set'],
];

let simulator: Simulator;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'written-'));
  simulator = createSimulator();
  await simulator.start();
  simulator.world.addConnection(simulator.world.addProject({ id: projectId, name: 'payments-prod' }));
});
afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const env = () => ({
  MONGODB_ATLAS_BASE_URL: simulator.url,
  MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
  MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
  MONGODB_ATLAS_PROJECT_ID: projectId,
});

const ours = commands.filter(([, line]) => line.startsWith(name));

test('every command is typed here or named', () => {
  const typed = (line: string) => line.startsWith(name) || line.startsWith('curl ');
  const astray = commands.filter(([, line]) => !typed(line) && !elsewhere.some(([pattern]) => pattern.test(line)));
  expect(astray).toEqual([]);
  const idle = elsewhere.filter(([pattern]) => !commands.some(([, line]) => pattern.test(line)));
  expect(idle).toEqual([]);
});

test.each(ours.filter(([, line]) => /^\S+ (?:check|poll|help|completion)/.test(line)))('%s: %s', async (_, line) => {
  const world = fakeWorld({ env: env() });
  expect(await runCli(line.split(/\s+/).slice(1), world), world.err()).toBe(0);
});

test('check --quiet prints the verdict alone', async () => {
  const world = fakeWorld({ env: env() });
  expect(await runCli(['check', '--online', '--quiet'], world)).toBe(0);
  expect(world.out()).toBe('# The config is good\n');
});

test('the daemons that are named begin and end', () => {
  const daemons = ours.map(([, line]) => line).filter((line) => !/ (?:check|poll|help|completion)\b/.test(line));
  expect([...new Set(daemons)].sort()).toEqual([name, `${name} simulate --listen 127.0.0.1:27901`]);
});

test('every flag that is named exists', async () => {
  const world = fakeWorld();
  for (const command of ['run', 'check', 'poll', 'wait', 'demo', 'simulate']) await runCli(['help', command], world);
  const known = new Set(world.out().match(/--[a-z][\w.-]*/g));
  const others = /^--(?:health-cmd|no-hooks|enable-feature|e2e)$/;
  const named = pages.flatMap((page) =>
    [...read(page).matchAll(/`(--[a-z][\w.-]*)/g)].flatMap(([, flag = '']) => (others.test(flag) ? [] : [flag])),
  );
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((flag) => !known.has(flag) && flag !== '--version')).toEqual([]);
});

describe('configs', () => {
  const configs = pages.flatMap((page) => blocks(page, 'yaml').filter((block) => /^credentials:/m.test(block)));

  test.each(configs)('%#: is good', async (text) => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, '00000000-0000-0000-0000-000000000000');
    const file = join(folder, 'exporter.yaml');
    writeFileSync(file, text.replace(/File: \/var\/run\/[\w/-]+/g, `File: ${secret}`));
    const world = fakeWorld({ env: {} });
    expect(await runCli(['check', '--quiet', '--config.file', file], world), world.err()).toBe(0);
    expect(world.out()).toBe('# The config is good\n');
  });

  test('there are some, and every other one is YAML', () => {
    expect(configs.length).toBeGreaterThan(1);
    for (const page of pages) for (const block of blocks(page, 'yaml')) expect(parse(block)).toBeTypeOf('object');
  });
});

test("the README's first curl shows what moved in the demo, not everything", async () => {
  const curl = commands.find(([page, line]) => page === 'README.md' && line.startsWith('curl '))?.[1] ?? '';
  const demo = spawn(process.execPath, [join(root, 'src/main.ts'), 'demo', '--web.listen-address', '127.0.0.1:0']);
  try {
    let banner = '';
    demo.stderr.on('data', (chunk) => {
      banner += chunk;
    });
    const address = () => /http:\/\/(localhost:\d+)\//.exec(banner)?.[1];
    await expect.poll(address, { timeout: 60_000 }).toBeDefined();
    const typed = curl.replace('localhost:27900', address() ?? '');
    const shown = async () => (await promisify(execFile)('sh', ['-c', `${typed} || true`])).stdout.trim().split('\n');
    await expect.poll(async () => (await shown())[0], { timeout: 120_000 }).toContain('error_message_changes_total{');
    expect((await shown()).length).toBeLessThan(20);
  } finally {
    demo.kill('SIGKILL');
    await once(demo, 'exit');
  }
}, 200_000);

test('the scenes that are named exist', async () => {
  const { createScenes } = await import('../../src/simulator/scenes/named-scenes.ts');
  const { list } = createScenes(simulator);
  const named = [
    ...pages
      .map(read)
      .join()
      .matchAll(/27901\/scenes\/([\w-]+)/g),
  ].map(([, scene = '']) => scene);
  expect(named).toContain('failed-link');
  for (const scene of named) expect(list).toContain(`${scene}: `);
});

test('what the unit of systemd starts is what the README installs', () => {
  const unit = read(`config/${name}.service`);
  const { bin } = JSON.parse(read('package.json'));
  expect(unit).toContain(`ExecStart=/usr/bin/env ${Object.keys(bin)[0]} run --config.file=/etc/${name}/exporter.yaml`);
  expect(read('docs/install.md')).toContain(`sudo install -m 0644 exporter.yaml /etc/${name}/exporter.yaml`);
  expect(read('docs/install.md')).toContain(`/etc/${name}/atlas-private-key`);
  expect(unit).toContain(`LoadCredential=atlas-private-key:/etc/${name}/atlas-private-key`);
});
