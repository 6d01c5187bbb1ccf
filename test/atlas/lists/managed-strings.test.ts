import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/domain/cluster.ts';
import { enterReading } from '../../../src/domain/ledger.ts';
import { settle } from '../../../src/domain/reading.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import type { SimulatedCluster, SimulatedProject } from '../../../src/simulator/world/model.ts';
import { atlasFor, how, reasonOf } from '../../support/atlas.ts';
import { aSource, at } from '../../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
const source = aSource({ projectId: id, kind: 'managed_connection_strings', cloudProvider: '' });
const azure = '/subscriptions/1F2E3D4C/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe-1';
let simulator: Simulator;
let project: SimulatedProject;
let orders: SimulatedCluster;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id });
  orders = simulator.world.addCluster(project, 'orders');
});
afterEach(() => simulator[Symbol.asyncDispose]());

async function read() {
  await using atlas = atlasFor(simulator);
  return settle(null, await atlas.fetchReading(source, how())).connections;
}
const isStrings = ({ operation }: { operation: string }) => operation === 'v2.managedStrings';
const serve = (...results: readonly object[]) => {
  simulator.world.optIntoManagedStrings(project);
  simulator.faults.add(
    effects.body(() => JSON.stringify({ results })),
    isStrings,
  );
};

test('the records of every cluster are connections, with the endpoints that they cover', async () => {
  const { world } = simulator;
  const billing = world.addCluster(project, 'billing');
  world.putManagedString(orders, { connectionStringId: 'a'.repeat(24), privateEndpointIds: ['vpce-1', azure] });
  const errorMessage = 'Endpoint vpce-9 was not found. Delete the connection string and make another one.';
  world.putManagedString(billing, { connectionStringId: 'b'.repeat(24), name: 'main', status: 'FAILED', errorMessage });
  world.putManagedString(billing, { deleteRequested: true });
  expect(await read()).toMatchObject([
    {
      ...{ id: 'a'.repeat(24), status: 'AVAILABLE', endpointServiceName: 'orders', connectionName: 'orders' },
      ...{ errorMessage: null, cloudProvider: '' },
      interfaceEndpoints: [
        { key: azure.toLowerCase(), id: azure, detail: null },
        { key: 'vpce-1', id: 'vpce-1', detail: null },
      ],
    },
    { id: 'b'.repeat(24), status: 'FAILED', endpointServiceName: 'billing', connectionName: 'main', errorMessage },
  ]);
  expect(simulator.counts()).toMatchObject({ 'v2.clusters 200': 1, 'v2.managedStrings 200': 2 });
});

test.each([
  ['it is under deletion', 'asked', true],
  ['its cluster is being deleted', 'with its cluster', true],
  ['nobody is seen to have asked', 'gone', false],
] as const)('a record that goes, and %s', async (_name, way, requested) => {
  const { world } = simulator;
  const facts = { connectionStringId: 'a'.repeat(24), privateEndpointIds: ['vpce-1'] };
  const string = world.putManagedString(orders, facts);
  await using atlas = atlasFor(simulator);
  const enter = async (before: Parameters<typeof enterReading>[0]) =>
    enterReading(before, await atlas.fetchReading(source, how()), 'managed_connection_strings', at(1_000));
  const { ledger } = await enter(null);
  expect(ledger.snapshot.connections).toHaveLength(1);
  if (way === 'asked') world.putManagedString(orders, { ...facts, deleteRequested: true });
  else if (way === 'gone') world.removeManagedString(orders, string);
  else world.changeCluster(orders, { stateName: 'DELETING' });
  const seen = await enter(ledger);
  expect(seen.changes).toEqual([
    expect.objectContaining({ type: 'removed', from: 'AVAILABLE', interfaceEndpointId: null, requested }),
    expect.objectContaining({ type: 'removed', interfaceEndpointId: 'vpce-1' }),
  ]);
  expect(seen.ledger.snapshot.connections).toEqual([]);
  // However long Atlas goes on listing it.
  expect((await enter(seen.ledger)).changes).toEqual([]);
});

test('a preview is asked for by that word', async () => {
  simulator.world.optIntoManagedStrings(project);
  expect(await read()).toEqual([]);
  const headers = { ...simulator.requests.at(-1) };
  expect(headers).toMatchObject({ operation: 'v2.managedStrings', status: 200 });
});

test.each([
  [400, 'FEATURE_NOT_ENABLED'],
  [404, 'RESOURCE_NOT_FOUND'],
  [406, 'INVALID_VERSION_DATE'],
])('a project that has not opted in, told by %i %s, is not supported, and hears how to', async (status, errorCode) => {
  simulator.faults.add(effects.error(status, errorCode), isStrings);
  await using atlas = atlasFor(simulator);
  const failure = await atlas.fetchReading(source, how()).catch((thrown) => thrown);
  expect(failure).toMatchObject({ reason: 'not_supported', detail: `Atlas answered ${status} ${errorCode}` });
  expect(failure.remedy).toMatch(/privateEndpointConnectionStringsEnabled.*or remove managed_connection_strings/);
});

test('what else fails is told as it is, and a project that is gone too', async () => {
  const reasons: string[] = [];
  for (const [status, code] of [
    [404, 'GROUP_NOT_FOUND'],
    [403, 'USER_UNAUTHORIZED'],
    [500, 'UNEXPECTED_ERROR'],
  ] as const) {
    simulator.faults.clear();
    simulator.faults.add(effects.error(status, code), isStrings);
    await using atlas = atlasFor(simulator);
    reasons.push(await reasonOf(atlas.fetchReading(source, how())));
  }
  expect(reasons).toEqual(['project_not_found', 'forbidden', 'server_error']);
});

test('a cluster that goes meanwhile has none, and a shared one is not asked', async () => {
  const { world } = simulator;
  world.putManagedString(orders);
  world.addCluster(project, 'free', { regions: [] });
  world.addCluster(project, 'late');
  simulator.faults.add(effects.error(404, 'CLUSTER_NOT_FOUND'), ({ target }) => target.includes('/late/'));
  expect(await read()).toHaveLength(1);
  expect(simulator.requests.some(({ target }) => target.includes('/free/'))).toBe(false);
});

test('a project without clusters is read, and asks for nothing more', async () => {
  simulator.world.removeCluster(orders);
  expect(await read()).toEqual([]);
  expect(simulator.counts()).not.toHaveProperty('v2.managedStrings 400');
});

test('more than a page is read twice, and must say the same', async () => {
  for (let n = 0; n < 501; n++) simulator.world.putManagedString(orders);
  expect(await read()).toHaveLength(501);
  expect(simulator.counts()['v2.managedStrings 200']).toBe(4);
});

describe('a record in another form', () => {
  const right = { connectionStringId: 'a'.repeat(24), status: 'AVAILABLE', privateEndpointIds: [] };
  test.each([
    ['with fields that are new', { ...right, optimizedModeEnabled: { by: 'Atlas' }, slug: 7 }, undefined],
    ['with a word that is new', { ...right, status: 'hibernating' }, undefined],
    ['without a name', { ...right, name: null }, undefined],
    ['with a name that is none', { ...right, name: 7 }, undefined],
    ['with endpoints that are no list', { ...right, privateEndpointIds: 'vpce-1' }, /at privateEndpointIds/],
    ['with a status that is none', { ...right, status: 7 }, /at status/],
    ['with a message that is none', { ...right, errorMessage: {} }, /at errorMessage/],
  ])('%s is read, or says why not, and nothing beside it', async (_, element, unreadable) => {
    serve(element, { ...right, connectionStringId: 'b'.repeat(24), privateEndpointIds: ['vpce-1', 'vpce-1'] });
    const [odd, good] = await read();
    expect(odd?.unreadable).toEqual(unreadable && expect.stringMatching(unreadable));
    expect(good).toMatchObject({ status: 'AVAILABLE', interfaceEndpoints: [{ id: 'vpce-1' }] });
    expect(good).not.toHaveProperty('unreadable');
  });

  test.each([
    ['without its id', [{ status: 'AVAILABLE' }], /connectionStringId/],
    ['twice', [right, right], /twice/],
  ])('%s fails the list', async (_, elements, detail) => {
    serve(...elements);
    await using atlas = atlasFor(simulator);
    await expect(atlas.fetchReading(source, how())).rejects.toMatchObject({
      reason: 'invalid_response',
      detail: expect.stringMatching(detail),
    });
  });

  test('is no page at all', async () => {
    simulator.faults.add(
      effects.body(() => '<html>'),
      isStrings,
    );
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('invalid_response');
  });
});

describe('a cluster without a string is asked before it is called one', () => {
  const clusters = aSource({ projectId: id, kind: 'connection_strings', cloudProvider: '' });
  async function readClusters(asksManaged?: (cluster: Cluster) => boolean) {
    await using atlas = atlasFor(simulator);
    const reading = await atlas.fetchReading(clusters, { ...how(), ...(asksManaged && { asksManaged }) });
    return settle(null, reading).clusters;
  }

  test('available records are its strings, with hosts and endpoints', async () => {
    simulator.world.putManagedString(orders, {
      connectionStringId: 'f'.repeat(24),
      privateEndpointIds: ['vpce-1', azure],
    });
    const [cluster] = await readClusters();
    expect(cluster).not.toHaveProperty('managed');
    expect(cluster?.strings).toEqual([
      {
        ...{ type: '', isUri: true, targets: [`ffffff-pl-0.${orders.suffix}.mongodb.net:1024`] },
        endpoints: [
          { key: azure.toLowerCase(), id: azure, cloudProvider: 'AZURE', region: '' },
          { key: 'vpce-1', id: 'vpce-1', cloudProvider: 'AWS', region: '' },
        ],
      },
    ]);
  });

  test('records that are under way are counted, and the first failure says why', async () => {
    const { world } = simulator;
    world.putManagedString(orders, { status: 'PENDING' });
    world.putManagedString(orders, { status: 'FAILED', errorMessage: 'vpce-1 is gone' });
    world.putManagedString(orders, { status: 'FAILED', errorMessage: ' ' });
    world.putManagedString(orders, { status: 'FAILED', errorMessage: 'never told', deleteRequested: true });
    const silent = world.addCluster(project, 'silent');
    world.putManagedString(silent, { status: 'FAILED' });
    const found = (await readClusters()).map(({ strings, managed }) => [strings.length, managed]);
    expect(found).toEqual([
      [0, { pending: 1, failed: 'vpce-1 is gone' }],
      [0, { pending: 0, failed: 'Atlas does not say why' }],
    ]);
  });

  test('records that cannot be read, or say a new word, mean nothing', async () => {
    serve({ status: 'FAILED', errorMessage: 7 }, { status: 'HIBERNATING' }, 'nonsense' as never, { status: 'PENDING' });
    expect((await readClusters())[0]).toMatchObject({ strings: [], managed: { pending: 1, failed: null } });
  });

  test.each([400, 404, 406, 403])('a refusal by %i changes nothing', async (status) => {
    simulator.faults.add(effects.error(status, 'ANY_CODE'), isStrings);
    const [cluster] = await readClusters();
    expect(cluster).toMatchObject({ name: 'orders', strings: [] });
    expect(cluster).not.toHaveProperty('unreadable');
    expect(cluster).not.toHaveProperty('managed');
  });

  test('an answer that cannot be read makes it unreadable, not one that lost its string', async () => {
    simulator.faults.add(effects.error(500, 'UNEXPECTED_ERROR'), isStrings);
    expect((await readClusters())[0]?.unreadable).toMatch(
      /^Its managed private connection strings: Atlas answered 500/,
    );
    simulator.faults.clear();
    simulator.world.optIntoManagedStrings(project);
    simulator.faults.add(
      effects.body(() => '<html>'),
      isStrings,
    );
    expect((await readClusters())[0]?.unreadable).toMatch(/^Its managed private connection strings: /);
  });

  test('it is asked for that one alone, and not where it is deleted, paused, shared, or has a string', async () => {
    const { world } = simulator;
    world.addCluster(project, 'paused', { paused: true });
    world.addCluster(project, 'deleting', { stateName: 'DELETING' });
    world.addCluster(project, 'shared', { regions: [] });
    world.attach(world.addConnection(project, { region: 'EU_WEST_1' }));
    world.addCluster(project, 'served', { regions: [{ cloud: 'AWS', region: 'EU_WEST_1' }] });
    await readClusters();
    const asked = () => simulator.requests.flatMap(({ target }) => /clusters\/(\w+)\//.exec(target)?.[1] ?? []);
    expect(asked()).toEqual(['orders']);
    await readClusters(() => false);
    expect(asked()).toEqual(['orders']);
  });
});
