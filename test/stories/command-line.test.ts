import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { fakeWorld } from '../support/world.ts';

const first = '5df264b8f10fab7d2cad2f0d';
const second = '5df264b8f10fab7d2cad2f0e';
const azureId =
  '/subscriptions/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe-1';
let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  const { world } = simulator;
  const payments = world.addProject({ id: first, name: 'payments-prod' });
  world.attach(world.addConnection(payments, { id: '66b1d2e3f405162738495a61' }), { id: 'vpce-1' });
  const shop = world.addProject({ id: second, name: 'shop-prod' });
  const azure = world.addConnection(shop, { id: '66b1d2e3f405162738495a62', cloud: 'AZURE', region: 'EUROPE_WEST' });
  world.attach(azure, { id: azureId, status: 'FAILED', errorMessage: 'Not approved, "yet"' });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const env = () => ({
  MONGODB_ATLAS_BASE_URL: simulator.url,
  MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
  MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
  MONGODB_ATLAS_PROJECT_ID: `${first},${second}`,
  NO_COLOR: '1',
});

async function poll(...argv: string[]) {
  const world = fakeWorld({ env: env() });
  const code = await runCli(['poll', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));

test('piped, each line stands for itself', async () => {
  const { out, err, code } = await poll();
  expect(lines(out)).toEqual([
    ['PROJECT_ID', 'PROJECT', 'KIND', 'CLOUD', 'REGION', 'CONNECTION', 'ENDPOINT', 'STATUS', 'MESSAGE'],
    [first, 'payments-prod', 'cluster', 'AWS', 'US_EAST_1', '66b1d2e3f405162738495a61', '-', 'AVAILABLE', '-'],
    [first, 'payments-prod', 'cluster', 'AWS', 'US_EAST_1', '66b1d2e3f405162738495a61', 'vpce-1', 'AVAILABLE', '-'],
    [second, 'shop-prod', 'cluster', 'AZURE', 'EUROPE_WEST', '66b1d2e3f405162738495a62', '-', 'AVAILABLE', '-'],
    [
      second,
      'shop-prod',
      'cluster',
      'AZURE',
      'EUROPE_WEST',
      '66b1d2e3f405162738495a62',
      azureId,
      'FAILED',
      'Not approved, "yet"',
    ],
  ]);
  expect(err).toContain('2 projects, 2 connections, 2 interface endpoints, 1 in trouble');
  expect(code).toBe(0);
});

test('wide tells the service and the addresses', async () => {
  const [header = [], ...rows] = lines((await poll('-o', 'wide')).out);
  const [service, addresses] = [header.indexOf('SERVICE'), header.indexOf('ADDRESSES')];
  expect(rows[0]?.[service]).toMatch(/^com\.amazonaws\.vpce\./);
  expect(rows[1]?.[addresses]).toBe('-');
  expect(rows[3]?.[addresses]).toMatch(/^10\.\d+\.\d+\.\d+$/);
});

test('csv quotes what needs it', async () => {
  const rows = (await poll('-o', 'csv')).out.trimEnd().split('\r\n');
  expect(rows[0]).toMatch(/^atlas_project_id,project_name,kind,/);
  expect(rows).toHaveLength(5);
  expect(rows[4]).toContain(',FAILED,"Not approved, ""yet""",');
});

test('JSON cannot know since when', async () => {
  const { connections } = JSON.parse((await poll('-o', 'json')).out);
  expect(connections).toMatchObject([
    { status: 'AVAILABLE', status_since: null, interface_endpoints: [{ status_since: null }] },
    { status: 'AVAILABLE', status_since: null, interface_endpoints: [{ status_since: null }] },
  ]);
});

describe('filters', () => {
  test.each([
    [['--project', 'shop-prod'], ['66b1d2e3f405162738495a62']],
    [['--project', first], ['66b1d2e3f405162738495a61']],
    [
      ['--project', first, '--project', second],
      ['66b1d2e3f405162738495a61', '66b1d2e3f405162738495a62'],
    ],
    [['--status', 'failed'], ['66b1d2e3f405162738495a62']],
    [['--status', 'REJECTED'], []],
    [['--trouble'], ['66b1d2e3f405162738495a62']],
    [['--kind', 'cluster', '--trouble'], ['66b1d2e3f405162738495a62']],
  ])('%j', async (argv, ids) => {
    const { connections } = JSON.parse((await poll('-o', 'json', ...argv)).out);
    expect(connections.map(({ connection_id }: { connection_id: string }) => connection_id)).toEqual(ids);
  });

  test('ask Atlas for nothing else', async () => {
    await poll('--project', 'shop-prod');
    const asked = simulator.requests.filter(({ operation }) => operation === 'v2.list');
    expect(new Set(asked.map(({ projectId }) => projectId))).toEqual(new Set([second]));
  });

  test.each([
    [['--project', 'shop-prd'], 'No project "shop-prd" is watched: there are payments-prod, shop-prod'],
    [['--kind', 'backup'], 'The kind backup is not watched: add it to poll.kinds in the config'],
  ])('%j is a mistake', async (argv, message) => {
    expect(await poll(...argv)).toMatchObject({ code: 1, err: `${message}\n`, out: '' });
  });
});

test('--exit-code makes trouble exit 3', async () => {
  expect((await poll('--exit-code')).code).toBe(3);
  expect((await poll('--exit-code', '--project', first)).code).toBe(0);
});

test('a narrow terminal gets the table without ids, a narrower one gets no table', async () => {
  const { pollTable } = await import('../../src/cli/poll-table.ts');
  const { aProject, aView } = await import('../pages/view.ts');
  const { aConnection, anInterfaceEndpoint } = await import('../support/builders.ts');
  const broken = anInterfaceEndpoint('vpce-0123456789abcdef0', { status: 'REJECTED', errorMessage: 'No' });
  const view = aView([aProject({}, [aConnection('66b1d2e3f405162738495a61', { interfaceEndpoints: [broken] })])]);
  const draw = (columns: number) => pollTable(view, (text) => text, false, columns).split('\n');
  expect(draw(120)[0]).toContain('PROJECT ID');
  expect(draw(80)[0]).toMatch(/^PROJECT +CLOUD/);
  const narrow = draw(40);
  expect(narrow.slice(0, 5)).toEqual([
    'payments-prod 5df264b8f10fab7d2cad2f0d',
    '  AWS US_EAST_1',
    '  66b1d2e3f405162738495a61 AVAILABLE',
    '  └ vpce-0123456789abcdef0 REJECTED',
    '    No',
  ]);
});

test('--watch prints changes as they come, and ends with Ctrl+C', async () => {
  const world = fakeWorld({ env: env() });
  const ended = runCli(['poll', '--watch', '--interval', '1s', '--project', first], world);
  await expect.poll(() => world.out()).toContain('vpce-1');
  const [project] = simulator.world.projects.values();
  const [connection] = project?.connections.values() ?? [];
  if (!connection) throw new Error('No connection');
  simulator.world.setStatus(connection, 'FAILED');
  await expect
    .poll(() => world.out())
    .toMatch(/\n\d{4}-\d\d-\d\dT[\d:]+Z payments-prod AWS 66b1d2e3f405162738495a61 status: AVAILABLE -> FAILED\n$/);
  world.signal('SIGINT');
  expect(await ended).toBe(130);
});

describe('wait', () => {
  async function wait(...argv: string[]) {
    const world = fakeWorld({ env: env() });
    const code = await runCli(['wait', '--interval', '1s', ...argv], world);
    return { code, err: world.err() };
  }
  const connection = ['--connection', '66b1d2e3f405162738495a61'];
  const endpoint = ['--interface-endpoint', azureId.toUpperCase()];

  test.each([
    ['it is so', ['--project', first, ...connection], 0],
    ['an endpoint failed instead', ['--project', 'shop-prod', ...endpoint], 3],
    ['it failed, as asked', ['--project', 'shop-prod', ...endpoint, '--for', 'failed'], 0],
    ['it is not there, as asked', ['--project', first, '--connection', '66b1d2e3f405162738495a99', '--for', 'gone'], 0],
    ['time is up', ['--project', first, ...connection, '--for', 'gone', '--timeout', '1s'], 124],
    ['no such project', ['--project', 'nowhere', ...connection], 1],
    ['nothing to wait for', ['--project', first], 1],
  ])('%s', async (_, argv, code) => {
    expect((await wait(...argv)).code).toBe(code);
  });

  test('until it is ready', async () => {
    const [project] = simulator.world.projects.values();
    const [waited] = project?.connections.values() ?? [];
    if (!waited) throw new Error('No connection');
    simulator.world.setStatus(waited, 'INITIATING');
    const ended = wait('--project', first, ...connection);
    await expect.poll(() => simulator.requests.length).toBeGreaterThan(3);
    simulator.world.setStatus(waited, 'AVAILABLE');
    expect(await ended).toEqual({
      code: 0,
      err: '66b1d2e3f405162738495a61: INITIATING\n66b1d2e3f405162738495a61: AVAILABLE\n',
    });
  });

  test('what no waiting mends ends it, and is never taken for gone', async () => {
    const { effects } = await import('../../src/simulator/faults.ts');
    simulator.faults.add(effects.error(403, 'USER_UNAUTHORIZED'), ({ operation }) => operation === 'v2.list');
    expect(await wait('--project', first, ...connection, '--for', 'gone')).toMatchObject({ code: 2 });
  });
});
