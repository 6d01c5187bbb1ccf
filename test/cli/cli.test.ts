import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { fakeWorld } from '../support/world.ts';

const id = '5df264b8f10fab7d2cad2f0d';
let simulator: Simulator;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  const project = simulator.world.addProject({ id, name: 'payments-prod' });
  const connection = simulator.world.addConnection(project, { id: '66b1d2e3f405162738495a61' });
  simulator.world.attach(connection, { id: 'vpce-1', status: 'REJECTED', errorMessage: 'Refused\nby the other side' });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const env = (more = {}) => ({
  MONGODB_ATLAS_BASE_URL: simulator.url,
  MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
  MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
  MONGODB_ATLAS_PROJECT_ID: id,
  ...more,
});

async function run(argv: string[], options: Parameters<typeof fakeWorld>[0] = {}) {
  const world = fakeWorld(options);
  const code = await runCli(argv, world);
  return { code, out: world.out(), err: world.err() };
}

describe('poll', () => {
  test('draws a table: interface endpoints under their connection, errors under both', async () => {
    const { code, out } = await run(['poll'], { env: env({ NO_COLOR: '1' }), isTTY: true });
    expect(out).toBe(
      [
        'PROJECT        PROJECT ID                CLOUD  REGION     CONNECTION                STATUS',
        'payments-prod  5df264b8f10fab7d2cad2f0d  AWS    US_EAST_1  66b1d2e3f405162738495a61  AVAILABLE',
        '                                                           └ vpce-1                  REJECTED',
        '                                                             Refused by the other side',
        '',
        '1 project, 1 connection, 1 interface endpoint, 1 in trouble',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
  });

  test('says the kind where there is more than clusters, and shortens the paths of Azure', async () => {
    const [project] = simulator.world.projects.values();
    if (!project) throw new Error('No project');
    const { world } = simulator;
    world.addOtherEndpoint(project, {
      kind: 'data_federation',
      id: '/subscriptions/1f2e3d4c/resourceGroups/rg-lake/providers/Microsoft.Network/privateEndpoints/pe-01',
      cloud: 'AZURE',
      region: 'US_EAST_2',
      status: 'FAILED',
      errorMessage: 'Endpoint could not be approved.',
    });
    world.addOtherEndpoint(project, {
      kind: 'streams',
      id: '66e1d2e3f405162738495d92',
      cloud: 'GCP',
      status: 'WORKING',
    });
    world.addOtherEndpoint(project, { kind: 'backup', id: '66f1d2e3f405162738495ea3', region: 'US_EAST_1' });
    const file = join(folder, 'kinds.yaml');
    writeFileSync(
      file,
      [
        `atlas: {baseUrl: "${simulator.url}"}`,
        `credentials: {a: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
        `projects: [{id: "${id}", kinds: [cluster, data_federation, streams, backup], providers: [AWS]}]`,
      ].join('\n'),
    );
    const { code, out } = await run(['poll', '--config.file', file], { env: { NO_COLOR: '1' }, isTTY: true });
    expect(out).toBe(
      [
        'PROJECT        PROJECT ID                KIND             CLOUD  REGION      CONNECTION                STATUS',
        'payments-prod  5df264b8f10fab7d2cad2f0d  cluster          AWS    US_EAST_1   66b1d2e3f405162738495a61  AVAILABLE',
        '                                                                             └ vpce-1                  REJECTED',
        '                                                                               Refused by the other side',
        'payments-prod  5df264b8f10fab7d2cad2f0d  data_federation  AZURE  US_EAST_2   rg-lake/pe-01             FAILED',
        '                                                                               Endpoint could not be approved.',
        'payments-prod  5df264b8f10fab7d2cad2f0d  streams          GCP    CENTRAL_US  66e1d2e3f405162738495d92  WORKING',
        '                                                                               It goes to a service of GENERIC',
        'payments-prod  5df264b8f10fab7d2cad2f0d  backup           AWS    US_EAST_1   66f1d2e3f405162738495ea3  ACTIVE',
        '',
        '1 project, 4 connections, 1 interface endpoint, 2 in trouble',
        '',
      ].join('\n'),
    );
    expect(code).toBe(0);
    const json = await run(['poll', '--output', 'json', '--config.file', file]);
    expect(JSON.parse(json.out)).toMatchObject({
      connections: [
        { kind: 'backup', cloud_provider: 'AWS', status: 'ACTIVE', status_class: 'ready' },
        { kind: 'cluster', cloud_provider: 'AWS', status: 'AVAILABLE', status_class: 'ready' },
        { kind: 'data_federation', cloud_provider: '', status: 'FAILED', status_class: 'failed' },
        { kind: 'streams', cloud_provider: '', status: 'WORKING', status_class: 'progressing' },
      ],
    });
  });

  test('in colour, with progress, on a terminal', async () => {
    const { out, err } = await run(['poll'], { env: env(), isTTY: true });
    expect(out).toContain('\u001b[31mREJECTED\u001b[39m');
    expect(err).toContain('\r4 of 4 polled');
    expect((await run(['poll'], { env: env({ NO_COLOR: '1' }), isTTY: true })).out).not.toContain('\u001b[31m');
  });

  test('as JSON for scripts', async () => {
    const { out } = await run(['poll', '--output', 'json'], { env: env() });
    expect(JSON.parse(out)).toMatchObject({
      connections: [{ project_name: 'payments-prod', interface_endpoints: [{ status: 'REJECTED' }] }],
      next: null,
    });
  });

  test('says what could not be polled and what to do, and exits with 2', async () => {
    simulator.faults.add(
      effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST', {}, ['203.0.113.24']),
      ({ operation, target }) => operation === 'v2.list' && target.includes('AZURE'),
    );
    const { code, out, err } = await run(['poll'], { env: env() });
    expect(code).toBe(2);
    expect(err).toContain(
      "Not polled: credential 'environment': ip_access_list: Atlas answered 403 IP_ADDRESS_NOT_ON_ACCESS_LIST for 203.0.113.24\n  1 list (cluster AZURE) of 1 project: 5df264b8f10fab7d2cad2f0d (payments-prod)",
    );
    expect(err).toContain('  Put 203.0.113.24 on');
    expect(err).toContain('1 of 4 lists could not be polled');
    expect(out).not.toContain('Not polled');
  });

  test('finds the projects of an organization', async () => {
    const { code, out } = await run(['poll'], {
      env: env({ MONGODB_ATLAS_PROJECT_ID: '', MONGODB_ATLAS_ORG_ID: demoKeys.orgId }),
    });
    expect([code, out]).toEqual([0, expect.stringContaining('payments-prod')]);
  });
});

describe('check', () => {
  test('prints the effective config with secrets masked, and the arithmetic, and asks nobody', async () => {
    const { code, out } = await run(['check'], { env: env() });
    expect(code).toBe(0);
    expect(out).toContain('privateKey: <secret>');
    expect(out).toContain("Credential 'environment': 1 project asks for 3.23 requests a minute; about 12800 fit");
    expect(out).toContain(
      '194 requests an hour and project: cluster AWS AZURE GCP, connection_strings, regional mode, limits (1 project)',
    );
    expect(simulator.requests).toEqual([]);
  });

  test('refuses a plan that cannot work', async () => {
    const projects = Array.from({ length: 2000 }, (_, n) => `{id: "${n.toString(16).padStart(24, '0')}"}`);
    const file = join(folder, 'plan.yaml');
    writeFileSync(
      file,
      `credentials: {a: {digest: {publicKey: a, privateKey: b}}}\npoll: {schedule: "*/10 * * * * *"}\nprojects: [${projects.join(', ')}]`,
    );
    const { code, err } = await run(['check', '--config.file', file]);
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('would need 36467 requests a minute where about 12800 fit'),
    ]);
  });
});

describe('what a user gets wrong is one message and exit 1', () => {
  test.each([
    ['no config', [], 'There is no config. Give one of these:'],
    ['an unknown flag', ['run', '--web.listen-adress', ':1'], '(Did you mean --web.listen-address?)'],
    ['an unknown command', ['pol'], 'unknown command'],
    ['a bad number', ['run', '--web.max-requests', 'many'], 'Write a whole number'],
    ['a bad level', ['run', '--log.level', 'loud'], 'Allowed choices are trace, debug'],
    [
      'a file that is not there',
      ['run', '--config.file', 'nowhere.yaml'],
      'nowhere.yaml: the file cannot be read: there is no such file',
    ],
  ])('%s', async (_name, argv, message) => {
    const { code, err } = await run(argv as string[]);
    expect(code).toBe(1);
    expect(err.toLowerCase()).toContain(message.toLowerCase());
    expect(err).not.toMatch(/^\s+at /m);
  });

  test.each([
    ['run', '--state.path'],
    ['run', '--config.file'],
    ['run', '--web.config.file'],
    ['check', '--config.file'],
    ['check', '--web.config.file'],
    ['demo', '--web.config.file'],
  ])('%s with an empty %s', async (command, option) => {
    for (const empty of ['', ' ']) {
      const { code, err, out } = await run([command, option, empty], { env: env() });
      expect([code, out]).toEqual([1, '']);
      expect(err.trimEnd()).toMatch(
        new RegExp(
          `^Option '${option} <path>' argument '${empty}' is invalid. It is empty: write a path, or leave the option out.\nSee '.*--help'$`,
        ),
      );
    }
  });

  test('a bad listen address, and a state that cannot be written', async () => {
    const address = await run(['run', '--web.listen-address', '99999']);
    expect(address).toMatchObject({ code: 1, err: expect.stringContaining('Bad listen address "99999"') });
    const state = await run(['run', '--state.path', '/dev/null/x', '--web.listen-address', '127.0.0.1:0'], {
      env: env(),
    });
    expect(state).toMatchObject({
      code: 1,
      err: expect.stringContaining("Cannot use the state database '/dev/null/x'"),
    });
  });
});

test('--version and --help', async () => {
  expect(await run(['--version'])).toMatchObject({ code: 0, out: '1.2.3\n' });
  expect(await run(['run', '--help'])).toMatchObject({ code: 0, out: expect.stringContaining('--web.telemetry-path') });
});

test('check reads the web config too', async () => {
  const file = join(folder, 'web.yml');
  writeFileSync(file, 'basic_auth_user: {}');
  const { code, err } = await run(['check', '--web.config.file', file], { env: env() });
  expect([code, err]).toEqual([1, expect.stringContaining('basic_auth_user')]);
});

describe('shards', () => {
  test.each([
    ['no ordinal anywhere', ['run', '--total-shards', '3'], {}, '--total-shards needs --shard'],
    [
      'an ordinal that is too high',
      ['run', '--total-shards', '3', '--shard', '3'],
      {},
      '--shard 3 is not below --total-shards 3',
    ],
    [
      'a pod of another set',
      ['run', '--total-shards', '2'],
      { POD_NAME: 'exporter-7' },
      '--shard 7 is not below --total-shards 2',
    ],
  ])('%s is refused', async (_name, argv, variables, message) => {
    const { code, err } = await run(argv, { env: variables });
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });
});
