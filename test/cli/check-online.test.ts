import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import type { AccountOptions } from '../../src/simulator/accounts.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { fakeWorld } from '../support/world.ts';

const world0 = Date.now();
let folder: string;
let simulator: Simulator;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-online-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => start());
afterEach(() => simulator[Symbol.asyncDispose]());

const key = { user: demoKeys.publicKey, secret: demoKeys.privateKey };
async function start(account: Partial<AccountOptions> = {}) {
  await simulator?.[Symbol.asyncDispose]();
  simulator = createSimulator({ accounts: [{ ...key, ...account }] });
  await simulator.start();
}

async function check(...lines: readonly string[]) {
  const file = join(folder, 'exporter.yaml');
  const { user, secret } = key;
  const first = [
    `atlas: {baseUrl: "${simulator.url}", retries: 0}`,
    `credentials: {a: {digest: {publicKey: ${user}, privateKey: ${secret}}}}`,
  ];
  writeFileSync(file, [...first, ...lines].join('\n'));
  const world = fakeWorld();
  const code = await runCli(['check', '--online', '--config.file', file], world);
  return { code, out: world.out(), err: world.err() };
}
const discovery = (entry = '') => `discovery: [{organization: "${demoKeys.orgId}"${entry}}]`;

test('every list of every project is tried, and every bad one is told', async () => {
  await start({ owner: false });
  const projects = ['other', 'prod-1', 'prod-2', 'prod-3'].map((name) => simulator.world.addProject({ name }));
  const { code, out, err } = await check(discovery(', kinds: [streams, backup], include: "^prod-"'));
  expect(out).toContain(`# ok: credential 'a', organization ${demoKeys.orgId}: 3 wanted projects of 4\n`);
  expect(out).toContain("# ok: credential 'a', streams: 3 projects, 0 connections\n");
  expect(err.split('\n')).toEqual([
    "Not ok: credential 'a': forbidden: Atlas answered 403 USER_UNAUTHORIZED",
    `  3 lists (backup AWS) of 3 projects: ${projects
      .slice(1)
      .map(({ id, name }) => `${id} (${name})`)
      .toSorted()
      .join(', ')}`,
    "  Give the API key of credential 'a' the role Project Owner in each of these projects",
    '',
  ]);
  expect(code).toBe(2);
});

test('a config with which everything can be read is good', async () => {
  const { id } = simulator.world.addProject();
  const { code, out, err } = await check(`projects: [{id: "${id}"}]`);
  expect([code, err]).toEqual([0, '']);
  expect(out).toContain(
    "# ok: credential 'a', cluster GCP: 1 project, 0 connections\n# ok: credential 'a', connection_strings: 1 project, 0 clusters\n# The config is good\n",
  );
});

test('the time that the longest poll may take is told against its schedule', async () => {
  const { world } = simulator;
  const project = world.addProject({ name: 'prod' });
  const { id } = project;
  const connection = world.addConnection(project);
  for (let n = 0; n < 65; n += 1) world.attach(connection);
  const { code, out } = await check(
    `projects: [{id: "${id}", name: prod, providers: [AWS], schedule: "0 */5 * * * *"}]`,
  );
  expect(code).toBe(0);
  expect(out).toContain(
    "# Most to ask for: prod, cluster AWS with 65 interface endpoints; a poll of it may take 65 s of the 300 s that '0 */5 * * * *' leaves\n",
  );
});

test('one project that fails among many that do not is told', async () => {
  const ids = Array.from({ length: 5 }, () => simulator.world.addProject().id);
  simulator.faults.add(effects.error(404, 'GROUP_NOT_FOUND'), ({ projectId }) => projectId === ids[4]);
  const { code, err } = await check(
    `projects: [${ids.map((id) => `{id: "${id}", kinds: [cluster], providers: [AWS]}`).join(', ')}]`,
  );
  expect(err).toContain(`  1 list (cluster AWS) of 1 project: ${ids[4]}\n`);
  expect([code, err.split('\n').length]).toEqual([2, 4]);
});

test('many lists tell their progress', async () => {
  const ids = Array.from({ length: 20 }, () => simulator.world.addProject().id);
  const { code, err } = await check(
    `projects: [${ids.map((id) => `{id: "${id}", kinds: [cluster], providers: [AWS]}`).join(', ')}]`,
  );
  expect([code, err.split('\n').slice(0, 2)]).toEqual([0, ['2 of 20 lists tried', '4 of 20 lists tried']]);
});

test('an organization that no key may list is told with its remedy', async () => {
  const { code, err } = await check(discovery().replace(demoKeys.orgId, '5df264b8f10fab7d2cad2fff'));
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/^Not ok: credential 'a', organization 5df264b8f10fab7d2cad2fff: \w+: .+\n {2}\w.+\n$/),
  ]);
});

test('an organization without a project, as for a member of it, is told', async () => {
  await start({ projects: [], organizationRole: 'member' });
  simulator.world.addProject();
  const { code, out, err } = await check(discovery());
  expect([code, err]).toEqual([2, expect.stringContaining('the role Organization Read Only: an Organization Member')]);
  expect(out).not.toContain('The config is good');
});

test('an organization of which no project is wanted is told', async () => {
  simulator.world.addProject({ name: 'test' });
  const { code, err } = await check(discovery(', include: "^prod-"'));
  expect([code, err]).toEqual([2, expect.stringContaining('Check include and exclude of the entry of discovery')]);
});

test.each([
  ['while lists are tried', 'v2.list', (id: string) => `projects: [{id: "${id}", providers: [AWS, GCP]}]`],
  ['while an organization is listed', 'v2.orgGroups', () => discovery()],
])('Ctrl+C %s ends it, tells what was tried, and is no cause to mend', async (_name, operation, entry) => {
  const { id } = simulator.world.addProject();
  const hanging = simulator.faults.add(
    effects.silence(),
    (call) => call.operation === operation && !call.target.includes('GCP'),
  );
  const file = join(folder, 'interrupted.yaml');
  const credential = `credentials: {a: {digest: {publicKey: ${key.user}, privateKey: ${key.secret}}}}`;
  writeFileSync(file, `atlas: {baseUrl: "${simulator.url}"}\n${credential}\n${entry(id)}\n`);
  const world = fakeWorld();
  const code = runCli(['check', '--online', '--config.file', file], world);
  await expect.poll(() => hanging.met).toBe(1);
  world.signal('SIGINT');
  expect(await code).toBe(130);
  expect(world.err()).toMatch(/^Interrupted: [01] of \d lists? tried\n$/);
  expect(world.out()).not.toContain('The config is good');
});

test('when the secret of a service account ends is told, and what to do when that is soon', async () => {
  await simulator[Symbol.asyncDispose]();
  simulator = createSimulator();
  await simulator.start();
  const { id } = simulator.world.addProject({ name: 'payments' });
  const { clientId, clientSecret } = demoKeys;
  const robot = `credentials: {robot: {serviceAccount: {clientId: ${clientId}, clientSecret: ${clientSecret}}}}`;
  const file = join(folder, 'robot.yaml');
  writeFileSync(file, `atlas: {baseUrl: "${simulator.url}", retries: 0}\n${robot}\nprojects: [{id: "${id}"}]`);
  const told = async () => {
    const world = fakeWorld();
    const code = await runCli(['check', '--online', '--config.file', file], world);
    return {
      code,
      lines: world
        .out()
        .split('\n')
        .filter((line) => /secret of|its secret|Make a new|Organization Read/.test(line)),
    };
  };
  const end = new Date(world0 + 90 * 86_400_000).toISOString();
  expect(await told()).toEqual({
    code: 0,
    lines: [
      expect.stringMatching(
        new RegExp(`^# credential 'robot': its secret ends on ${end.slice(0, 10)} at .* UTC, in (89|90) days$`),
      ),
    ],
  });
  simulator.world.secrets.set(clientId, [
    { id: 'a', createdAt: 0, expiresAt: world0 + 3 * 86_400_000, lastUsedAt: null },
  ]);
  expect((await told()).lines).toEqual([
    expect.stringContaining('in 2 days'),
    '#   Make a new secret of the service account in Atlas and put it where the config points: it is used without a restart',
  ]);
  simulator.world.secrets.clear();
  expect(await told()).toEqual({
    code: 0,
    lines: [
      "# credential 'robot': its secret: not known when it ends: Atlas answered 404 RESOURCE_NOT_FOUND",
      expect.stringContaining('Organization Read Only'),
    ],
  });
});
