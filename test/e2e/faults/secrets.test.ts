import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { startExporter, until } from '../../support/process.ts';
import { filesIn, findSecrets, type Secrets, spellings, type Told } from '../../support/secrets.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;
const mark = (name: string) => `${name}<&"'%+/=\\-${randomUUID()}`;
const secrets: Secrets = {
  'the private key': mark('key'),
  'the client secret': mark('secret'),
  'a wrong private key': mark('wrong'),
  'a key where a file belongs': randomUUID(),
  'the password of the proxy': `proxy-${randomUUID()}`,
  'the password of the page': `page-${randomUUID()}`,
};
const secret = (name: keyof typeof secrets) => secrets[name] ?? '';
const tokens: string[] = [];
const operatorsFiles = /^(?:exporter\.yaml|web\.yml|private-key|client-secret)$/;
const id = '5df264b8f10fab7d2cad2f0d';
let simulator: Simulator;

beforeAll(async () => {
  simulator = createSimulator({
    accounts: [
      { user: demoKeys.publicKey, secret: secret('the private key') },
      { user: demoKeys.clientId, secret: secret('the client secret'), type: 'serviceAccount' },
    ],
  });
  await simulator.start();
  simulator.world.addConnection(simulator.world.addProject({ id }), { errorMessage: 'It broke' });
  simulator.faults.add(
    ({ answer, send }) => {
      const reply = answer();
      const { access_token: token } = JSON.parse(reply.body.toString());
      if (typeof token === 'string') tokens.push(token);
      send(reply);
    },
    ({ operation }) => operation === 'token',
  );
});
afterAll(() => simulator[Symbol.asyncDispose]());

function expectNone(told: Told): void {
  const all = { ...secrets, ...Object.fromEntries(tokens.map((token, index) => [`token ${index}`, token])) };
  expect(Object.values(told).join('').length).toBeGreaterThan(0);
  expect(findSecrets(told, all, [demoKeys.publicKey, demoKeys.clientId])).toEqual([]);
}

const quoted = JSON.stringify;
const digest = (key: string) => `{digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${quoted(key)}}}`;
const robot = (key: string) => `{serviceAccount: {clientId: ${demoKeys.clientId}, clientSecret: ${quoted(key)}}}`;
const config = (credential: string, more = '') =>
  [
    `atlas: {baseUrl: "${simulator.url}", retries: 0, timeout: 2s}`,
    `credentials: {main: ${credential}}`,
    `projects: [{id: "${id}", providers: [AWS]}]`,
    'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}',
    more,
    '',
  ].join('\n');

interface Scene {
  readonly yaml: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Files besides the config. */
  readonly files?: Readonly<Record<string, string>>;
}

function furnish({ yaml, files = {} }: Scene): string {
  const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
  for (const [name, content] of Object.entries({ 'exporter.yaml': yaml, ...files }))
    writeFileSync(join(folder, name), content);
  return folder;
}

/** The daemon's whole life: polls, pages, what it says to bad and good reloads, its place in the process list, its end. */
async function live(scene: Scene): Promise<Told> {
  const folder = furnish(scene);
  const args = ['run', '--config.file', 'exporter.yaml', '--state.path', 'state.db', '--log.level', 'trace'];
  await using exporter = await startExporter({
    folder,
    args: [...args, '--web.enable-lifecycle', ...(scene.args ?? [])],
    ...(scene.env && { env: scene.env }),
  });
  const pages: Record<string, string> = {};
  const get = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(exporter.url + path, init);
    const headers = quoted([...answer.headers]);
    pages[`${init.method ?? 'GET'} ${path} ${Object.keys(pages).length}`] = `${headers}\n${await answer.text()}`;
  };
  await until('polls', async () => {
    const answer = await fetch(`${exporter.url}/metrics`);
    return answer.status === 401 || /polls_total [2-9]/.test(await answer.text());
  });
  for (const path of [
    '/',
    `/projects/${id}`,
    '/metrics',
    '/config',
    '/help',
    '/api/v1/connections',
    '/api/v1/changes',
  ]) {
    await get(path);
    await get(path, { headers: { Authorization: basic('alice', secret('the password of the page')) } });
    await get(path, { headers: { Authorization: basic('alice', secret('a wrong private key')) } });
  }
  const list = processList(exporter.child.pid);
  for (const bad of badConfigs()) {
    writeFileSync(join(folder, 'exporter.yaml'), bad);
    await get('/-/reload', {
      method: 'POST',
      headers: { Authorization: basic('alice', secret('the password of the page')) },
    });
  }
  exporter.child.kill('SIGHUP');
  await until('the bad reload', async () => exporter.lines('Config not reloaded').length > 0);
  expect(await exporter.end('SIGTERM')).toBe(0);
  const told = {
    ...pages,
    'the process list': list,
    'its output': exporter.output(),
    ...filesIn(folder, operatorsFiles),
  };
  rmSync(folder, { recursive: true, force: true });
  return told;
}

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** What `ps` shows of a process and of each of its threads. */
function processList(pid: number | undefined): string {
  return ['cmdline', 'comm', 'status'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'utf8')).join('\n');
}

/** Mistakes that put a secret where a message about them could repeat it. */
function badConfigs(): readonly string[] {
  const key = quoted(secret('the private key'));
  return [
    config(`{digest: {publicKey: a, privateKey: [${key}]}}`),
    config(`{digest: {publicKey: a, privateKey: {value: ${key}}}}`),
    config(`{digest: {publicKey: a, privateKey: ${key}, privateKey: ${key}}}`),
    config(`{digest: {publicKey: a, privateKeys: ${key}}}`),
    config(`{digest: {publicKey: a, privateKeyFile: ${secret('a key where a file belongs')}}}`),
    config(`{digest: {publicKey: a, privateKey: ${key}, privateKeyFile: /nowhere}}`),
    config(`{digest: {publicKey: a, privateKey: ${key}`),
    config(`{serviceAccount: {clientId: a, clientSecret: ${key}, scope: ${key}}}`),
    config(`{digest: ${key}}`),
    config(digest(secret('the private key')), `poll: ${key}`),
    config(digest(secret('the private key'))).replace('main:', `? ${key}\n:`),
  ];
}

/** A command to its end. */
async function command(scene: Scene): Promise<Told> {
  const folder = furnish(scene);
  const [name = 'check', ...args] = scene.args ?? [];
  const words = [main, name, '--config.file', 'exporter.yaml', ...args];
  const child = spawn(process.execPath, words, {
    cwd: folder,
    env: { ...process.env, ...scene.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const told = { stdout, stderr, ...filesIn(folder, operatorsFiles) };
  rmSync(folder, { recursive: true, force: true });
  return told;
}

describe.concurrent('no marked secret is told', () => {
  test('by a daemon with a key in its config', async () => {
    expectNone(await live({ yaml: config(digest(secret('the private key'))) }));
  });

  test('by a daemon with a key in a file, and one in a variable', async () => {
    const files = { 'private-key': `${secret('the private key')}\n`, 'client-secret': secret('the client secret') };
    const yaml = config(`{digest: {publicKey: ${demoKeys.publicKey}, privateKeyFile: private-key}}`);
    expectNone(await live({ yaml, files }));
    const variable = config(`{serviceAccount: {clientId: ${demoKeys.clientId}, clientSecret: "\${MARKED}"}}`);
    expectNone(await live({ yaml: variable, env: { MARKED: secret('the client secret') } }));
    expect(tokens.length).toBeGreaterThan(0);
  });

  test('by a daemon whose key is wrong', async () => {
    expectNone(await live({ yaml: config(digest(secret('a wrong private key'))) }));
    expectNone(await live({ yaml: config(robot(secret('a wrong private key'))) }));
  });

  test('by a daemon before an Atlas that repeats what it is sent', async () => {
    await using echo = createSimulator({
      accounts: [{ user: demoKeys.clientId, secret: secret('the client secret'), type: 'serviceAccount' }],
    });
    await echo.start();
    echo.world.addProject({ id });
    echo.faults.add(({ call, request, send, answer }) => {
      const { authorization = '' } = request.headers;
      if (call.operation === 'token') {
        const reply = answer();
        tokens.push(JSON.parse(reply.body.toString()).access_token);
        return send(reply);
      }
      const told = {
        error: 400,
        errorCode: authorization,
        detail: authorization,
        reason: authorization,
        parameters: [authorization],
      };
      return send({
        status: 400,
        headers: { 'X-Echo': authorization, 'Www-Authenticate': authorization },
        body: quoted(told),
      });
    });
    const yaml = config(robot(secret('the client secret'))).replace(simulator.url, echo.url);
    expectNone(await live({ yaml }));
  });

  test('by a daemon behind a proxy with a password that is not there', async () => {
    const env = { HTTPS_PROXY: `http://robot:${secret('the password of the proxy')}@127.0.0.1:1` };
    const yaml = config(digest(secret('the private key'))).replace(simulator.url, 'https://atlas.invalid');
    expectNone(await live({ yaml, env }));
  });

  test('by a daemon whose page has a password', async () => {
    const { hash } = await import('@node-rs/bcrypt');
    const users = `basic_auth_users: {alice: "${await hash(secret('the password of the page'), 10)}"}`;
    const scene = { yaml: config(digest(secret('the private key'))), args: ['--web.config.file', 'web.yml'] };
    expectNone(await live({ ...scene, files: { 'web.yml': users } }));
  });

  test.for([
    ['check', []],
    ['check', ['--online']],
    ['poll', []],
    ['poll', ['--output', 'json']],
  ] as const)('by %s %j', async ([name, flags]) => {
    for (const credential of [digest(secret('the private key')), robot(secret('a wrong private key'))]) {
      expectNone(await command({ yaml: config(credential), args: [name, ...flags] }));
    }
  });

  test('by a start or a check that refuses its config', async () => {
    for (const yaml of badConfigs()) {
      const told = await command({ yaml, args: ['check'] });
      expect(told['stderr']).not.toBe('');
      expectNone(told);
    }
    expectNone(await command({ yaml: badConfigs()[0] ?? '', args: ['run'] }));
  });
});

test('the search finds a secret in every spelling', () => {
  const key = secret('the private key');
  for (const [how, spelt] of Object.entries(spellings(key, [demoKeys.publicKey]))) {
    expect(findSecrets({ page: `before ${spelt} after` }, { key }, [demoKeys.publicKey]), how).not.toEqual([]);
  }
  const whole = Buffer.from(`alice:${key}@`).toString('base64');
  expect(findSecrets({ page: whole }, { key }).join()).toMatch(/base64/);
});
