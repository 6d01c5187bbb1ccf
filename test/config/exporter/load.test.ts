import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/exporter/load.ts';
import { maskedConfig } from '../../../src/config/exporter/masked.ts';
import { formatProblems } from '../../../src/config/problems.ts';
import { checkSchedule } from '../../../src/polling/cron.ts';
import { fuzzCases } from '../../support/sizes.ts';

const fixtures = new URL('../../fixtures/config/', import.meta.url);
const marked = 'marked-secret-5f3c';
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(folder, 'key'), '\uFEFFprivate\r\n');
  writeFileSync(join(folder, 'empty'), '\n');
  writeFileSync(join(folder, 'blank'), '  \t\n');
  writeFileSync(join(folder, 'key.json'), `{"privateKey": "${marked}"}\n`);
  writeFileSync(join(folder, 'quoted'), `"${marked}"\n`);
  writeFileSync(join(folder, 'lines'), `public\n${marked}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (file: string | null, env: Record<string, string> = {}) =>
  loadConfig({ file, env, cwd: folder, checkSchedule });

async function loadText(text: string, env: Record<string, string> = {}) {
  writeFileSync(join(folder, 'text.yaml'), text);
  return load('text.yaml', env);
}

async function good(text: string, env: Record<string, string> = {}) {
  const loaded = await loadText(text, env);
  if (!loaded.ok) throw new Error(formatProblems(loaded.origin, loaded.problems));
  return loaded.config;
}

const small = `
credentials: {main: {digest: {publicKey: pub, privateKeyFile: key}}}
projects: [{id: "5df264b8f10fab7d2cad2f0d"}]
`;

describe('every bad file gets its own message', () => {
  const files = readdirSync(fixtures).filter((name) => name.endsWith('.yaml'));

  test.each(files)('%s', async (name) => {
    const text = readFileSync(new URL(name, fixtures), 'utf8');
    const loaded = await loadText(text, { SECRET: marked, ZONE: 'Europe/Berlin' });
    const told = loaded.ok ? 'no problem' : formatProblems(name, loaded.problems);
    expect(told).not.toContain(marked);
    await expect(`${told}\n`).toMatchFileSnapshot(new URL(name.replace('.yaml', '.txt'), fixtures).pathname);
  });

  test.each(['a', 'e', 'is', ' ', "'", 'projects', '${STAGE}'])(
    'a variable of %j garbles no message',
    async (value) => {
      const text = readFileSync(new URL('variable-in-values.yaml', fixtures), 'utf8');
      const loaded = await loadText(text, { SECRET: value });
      const told = loaded.ok ? 'no problem' : formatProblems('variable-in-values.yaml', loaded.problems);
      const golden = readFileSync(new URL('variable-in-values.txt', fixtures), 'utf8');
      // Why an expression is refused may differ with its value; how it is told may not.
      const lines = (text: string) =>
        text
          .trimEnd()
          .split('\n')
          .map((line) => line.replace(/(regular expression): .* \(/, '$1 ('));
      expect(lines(told)).toEqual(lines(golden));
    },
  );

  test('and there are twenty of them at least, all different', () => {
    const messages = files.map((name) => readFileSync(new URL(name.replace('.yaml', '.txt'), fixtures), 'utf8'));
    expect(messages.length).toBeGreaterThanOrEqual(20);
    expect(new Set(messages).size).toBe(messages.length);
    expect(messages.filter((message) => message.includes('no problem'))).toEqual([]);
  });
});

describe('a good file', () => {
  test('has every default filled in', async () => {
    expect(await good(small)).toMatchObject({
      atlas: {
        baseUrl: 'https://cloud.mongodb.com',
        api: 'v2',
        timeoutMs: 10_000,
        retries: 3,
        concurrency: 32,
        ca: null,
      },
      projects: [
        {
          id: '5df264b8f10fab7d2cad2f0d',
          name: null,
          credential: 'main',
          providers: ['AWS', 'AZURE', 'GCP'],
          kinds: ['cluster', 'connection_strings'],
          schedule: '0 * * * * *',
          labels: {},
        },
      ],
      poll: {
        schedule: '0 * * * * *',
        timezone: 'UTC',
        spreadMs: 30_000,
        fastSchedule: '*/15 * * * * *',
        interfaceEndpoints: true,
      },
      state: { path: 'data/state.db', changesKept: 10_000 },
      metrics: { staleAfterMs: 900_000, tombstoneForMs: 86_400_000, errorMessageText: true },
    });
  });

  test('takes secrets from files, without the marks around them, and names the files to watch', async () => {
    const loaded = await loadText(small);
    if (!loaded.ok) throw new Error('bad');
    const { main } = loaded.config.credentials;
    expect(main?.type === 'digest' && main.privateKey.reveal()).toBe('private');
    expect(loaded.files.map(({ path }) => path)).toEqual([join(folder, 'text.yaml'), join(folder, 'key')]);
  });

  test('takes variables from the environment, in values only', async () => {
    const text = small.replace('publicKey: pub', () => 'publicKey: "${PUB}-$${PUB}"');
    const { main } = (await good(text, { PUB: 'a: [b' })).credentials;
    expect(main?.type === 'digest' && main.publicKey.reveal()).toBe('a: [b-${PUB}');
  });

  test('on v1.0 asks for AWS only', async () => {
    const config = await good(`atlas: {api: v1.0}\n${small}`);
    expect(config.projects[0]?.providers).toEqual(['AWS']);
  });

  test('of an example is accepted as it stands', async () => {
    const text = readFileSync(new URL('../../../config/exporter.example.yaml', import.meta.url), 'utf8');
    mkdirSync(join(folder, 'secrets'), { recursive: true });
    const here = text.replaceAll(/\/var\/run\/secrets\/atlas\/[\w-]+/g, join(folder, 'key'));
    const env = { MONGODB_ATLAS_PUBLIC_API_KEY: 'pub', MONGODB_ATLAS_CLIENT_ID: 'mdb_sa_id_0' };
    expect((await good(here, env)).projects.length).toBeGreaterThan(0);
  });
});

describe('the file of certificate authorities', () => {
  const authority = new URL('../../fixtures/tls/ca.pem', import.meta.url).pathname;
  const withAuthorities = (file: string) => `${small}atlas: {caFile: ${file}}\n`;

  test('is part of the config with its text, and is watched', async () => {
    const loaded = await loadText(withAuthorities(authority));
    if (!loaded.ok) throw new Error('bad');
    expect(loaded.config.atlas.ca).toEqual({ file: authority, text: readFileSync(authority, 'utf8') });
    expect(loaded.files.at(-1)?.path).toBe(authority);
    expect(maskedConfig(loaded.config)).toContain(`caFile: ${authority}\n`);
  });

  test.each([
    ['is not there', 'gone.pem', "the file 'gone.pem' cannot be read: there is no such file"],
    ['is a directory', '.', "the file '.' cannot be read: it is a directory"],
    ['is a device', '/dev/zero', "the file '/dev/zero' cannot be read: it is a device: write the text into a file"],
    [
      'holds something else',
      'key',
      "the file 'key' holds no certificate: write certificates in PEM form into it (-----BEGIN CERTIFICATE-----)",
    ],
  ])('that %s is a problem, and is watched', async (_name, file, message) => {
    const loaded = await loadText(withAuthorities(file));
    expect(loaded).toMatchObject({ ok: false, problems: [{ path: 'atlas.caFile', message }] });
    expect(loaded.files.map(({ path }) => path)).toContain(resolve(folder, file));
  });
});

test.each([
  ['a pipe', 'pipe', 'it is a pipe: write the text into a file'],
  ['a device', '/dev/zero', 'it is a device: write the text into a file'],
  ['a directory', '.', 'it is a directory'],
])('%s as the config or as a secret is one problem', async (_name, file, problem) => {
  spawnSync('mkfifo', [join(folder, 'pipe')]);
  expect(await load(file)).toMatchObject({ ok: false, problems: [{ message: `the file cannot be read: ${problem}` }] });
  const secret = await loadText(small.replace('privateKeyFile: key', `privateKeyFile: ${file}`));
  expect(secret).toMatchObject({
    ok: false,
    problems: [{ message: `the secret in '${file}' cannot be read: ${problem}` }],
  });
});

test.each([
  ['a credential', small.replace('main', '__proto__'), 2],
  ['a label', small.replace('0d"}', '0d", labels: {__proto__: a}}'), 3],
  ['a key that nothing knows', `__proto__: {a: b}${small}`, 1],
])('%s called __proto__ is one problem, with its line', async (_name, text, line) => {
  const message = 'this name cannot be used: choose another';
  expect(await loadText(text)).toMatchObject({ ok: false, problems: [{ path: '__proto__', line, message }] });
});

test('names of credentials that JavaScript gives a meaning to are names like others', async () => {
  const config = await good(small.replace('main', 'constructor'));
  expect(config.projects[0]?.credential).toBe('constructor');
  expect(Object.keys(config.credentials)).toEqual(['constructor']);
});

test('a nickname is a schedule, and one that never runs in the time zone is none', async () => {
  expect((await good(`${small}poll: {schedule: "@daily"}`)).poll.schedule).toBe('@daily');
  const loaded = await loadText(`${small}poll: {schedule: "0 30 2 * 3 7L", timezone: Europe/Berlin}`);
  expect(loaded).toMatchObject({
    ok: false,
    problems: [{ path: 'poll.schedule', message: expect.stringContaining('never runs in the time zone') }],
  });
});

test('a file that is not there is told by its name', async () => {
  const loaded = await load('nowhere.yaml');
  expect(loaded.ok ? '' : formatProblems(loaded.origin, loaded.problems)).toBe(
    'nowhere.yaml: the file cannot be read: there is no such file',
  );
});

test(
  'whatever the text, it is loaded or refused, and no secret is told',
  async () => {
    const example = readFileSync(new URL('../../../config/exporter.example.yaml', import.meta.url), 'utf8');
    // Without what only people read.
    const base = example.replaceAll(/^ *#.*\n| +# .*$/gm, '');
    const mutation = fc.record({
      at: fc.integer({ min: 0, max: base.length }),
      cut: fc.integer({ min: 0, max: 40 }),
      put: fc.oneof(
        fc.string({ maxLength: 12 }),
        fc.constantFrom('- ', ': ', '\n  ', '${SECRET}', '[', '{', '&a ', '*a', '!!js', '\t'),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (mutations) => {
        const text = mutations.reduce((now, { at, cut, put }) => now.slice(0, at) + put + now.slice(at + cut), base);
        const loaded = await loadText(text, { SECRET: marked });
        if (!loaded.ok) expect(formatProblems(loaded.origin, loaded.problems)).not.toContain(marked);
      }),
      { numRuns: fuzzCases },
    );
  },
  60_000 + 40 * fuzzCases,
);
