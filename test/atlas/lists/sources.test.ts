import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../../src/domain/reading.ts';
import { connectionClass, connectionKinds, listsOf } from '../../../src/domain/status.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import type { OtherKind, SimulatedProject } from '../../../src/simulator/world/model.ts';
import { otherKinds } from '../../../src/simulator/world/other-kinds.ts';
import { atlasFor, how, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
let simulator: Simulator;
let project: SimulatedProject;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const others = connectionKinds.filter((kind): kind is OtherKind => kind in otherKinds);
const azurePath =
  '/subscriptions/1f2e3d4c/resourceGroups/rg-app.prod/providers/Microsoft.Network/privateEndpoints/pe-df-01';

/** Bodies in their real shapes, and what becomes of each element. */
const fixtures: Readonly<Record<OtherKind, readonly (readonly [element: object, seen: object, meaning: string])[]>> = {
  data_federation: [
    [
      { comment: 'analytics', endpointId: 'vpce-0a1b2c3d4e5f60721', provider: 'AWS', status: 'OK', type: 'DATA_LAKE' },
      { id: 'vpce-0a1b2c3d4e5f60721', cloudProvider: 'AWS', status: 'OK', region: '', errorMessage: null },
      'ready',
    ],
    [
      {
        endpointId: 'vpce-0a1b2c3d4e5f60722',
        errorMessage: 'Endpoint could not be approved.',
        region: 'US_EAST_1',
        status: 'FAILED',
        type: 'DATA_LAKE',
      },
      { cloudProvider: 'AWS', status: 'FAILED', region: 'US_EAST_1', errorMessage: 'Endpoint could not be approved.' },
      'failed',
    ],
    [
      {
        azureLinkId: '536871122',
        endpointId: azurePath,
        provider: 'AZURE',
        region: 'US_EAST_2',
        status: 'PENDING',
        type: 'DATA_LAKE',
      },
      { id: azurePath.toLowerCase(), cloudProvider: 'AZURE', status: 'PENDING' },
      'progressing',
    ],
  ],
  streams: [
    [
      {
        _id: '66e1d2e3f405162738495d90',
        provider: 'AWS',
        region: 'EU_CENTRAL_1',
        serviceEndpointId: 'com.amazonaws.vpce.x',
        state: 'DONE',
        vendor: 'CONFLUENT',
      },
      { id: '66e1d2e3f405162738495d90', status: 'DONE', endpointServiceName: 'com.amazonaws.vpce.x' },
      'ready',
    ],
    [
      {
        _id: '66e1d2e3f405162738495d91',
        provider: 'Azure',
        region: 'US_EAST_2',
        errorMessage: 'The namespace was not found.',
        state: 'FAILED',
      },
      { cloudProvider: 'AZURE', status: 'FAILED', errorMessage: 'The namespace was not found.' },
      'failed',
    ],
    [
      { _id: '66e1d2e3f405162738495d92', provider: 'GCP', state: 'WORKING' },
      { cloudProvider: 'GCP', status: 'WORKING' },
      'progressing',
    ],
    [{ _id: '66e1d2e3f405162738495d93', provider: 'AWS' }, { status: 'OTHER' }, 'unknown'],
  ],
  encryption_at_rest: [
    [
      {
        cloudProvider: 'AZURE',
        errorMessage: null,
        id: '66f1d2e3f405162738495ea0',
        privateEndpointConnectionName: 'x',
        regionName: 'US_EAST_2',
        status: 'ACTIVE',
      },
      { id: '66f1d2e3f405162738495ea0', region: 'US_EAST_2', status: 'ACTIVE' },
      'ready',
    ],
    [
      {
        cloudProvider: 'AZURE',
        errorMessage: 'Connection request removed, recreating endpoint',
        id: '66f1d2e3f405162738495ea2',
        regionName: 'EUROPE_WEST',
        status: 'PENDING_RECREATION',
      },
      { status: 'PENDING_RECREATION', errorMessage: 'Connection request removed, recreating endpoint' },
      'progressing',
    ],
    [
      { cloudProvider: 'AZURE', id: '66f1d2e3f405162738495ea1', status: 'PENDING_ACCEPTANCE' },
      { status: 'PENDING_ACCEPTANCE' },
      'needs_user',
    ],
  ],
  backup: [
    [
      {
        cloudProvider: 'AWS',
        errorMessage: 'Interface endpoint vpce-0a1b2c3d4e5f60741 was not found.',
        id: '66f1d2e3f405162738495ea3',
        privateEndpointConnectionName: 'vpce-0a1b2c3d4e5f60741',
        regionName: 'US_EAST_1',
        status: 'FAILED',
        vpcRegionName: 'US_EAST_2',
      },
      {
        id: '66f1d2e3f405162738495ea3',
        region: 'US_EAST_2',
        status: 'FAILED',
        errorMessage: 'Interface endpoint vpce-0a1b2c3d4e5f60741 was not found.',
      },
      'failed',
    ],
  ],
};

const sourceOf = (kind: OtherKind) => aSource({ projectId: id, kind, cloudProvider: listsOf(kind).at(-1) ?? '' });

describe.each(others)('%s', (kind) => {
  test('is read in its real shape', async () => {
    const elements = fixtures[kind];
    simulator.faults.add(
      effects.body(() =>
        JSON.stringify({ links: [], results: elements.map(([element]) => element), totalCount: elements.length }),
      ),
      ({ operation }) => operation === `v2.${kind}`,
    );
    await using atlas = atlasFor(simulator);
    const { connections } = settle(null, await atlas.fetchReading(sourceOf(kind), how()));
    for (const [, seen, meaning] of elements) {
      const found = connections.find((connection) =>
        Object.entries(seen).every(([key, value]) => connection[key as keyof typeof connection] === value),
      );
      expect(found, JSON.stringify(seen)).toBeDefined();
      expect(connectionClass(kind, 'v2', found?.status ?? '', 0)).toBe(meaning);
    }
    expect(connections).toHaveLength(elements.length);
  });

  test('comes from the simulator by its path and version, page by page, and is read twice when there are several', async () => {
    const cloud = listsOf(kind).at(-1) || 'AWS';
    for (let n = 0; n < 501; n++) simulator.world.addOtherEndpoint(project, { kind, cloud });
    await using atlas = atlasFor(simulator);
    const { connections } = await atlas.fetchReading(sourceOf(kind), how());
    expect(connections).toHaveLength(501);
    expect(simulator.counts()[`v2.${kind} 200`]).toBe(4);
  });

  test('pages that change while they are read are no snapshot', async () => {
    const cloud = listsOf(kind).at(-1) || 'AWS';
    const all = Array.from({ length: 501 }, () => simulator.world.addOtherEndpoint(project, { kind, cloud }));
    let asked = 0;
    simulator.faults.add(
      ({ answer, send }) => {
        send(answer());
        if (asked++ === 0 && all[0]) simulator.world.removeOtherEndpoint(all[0]);
      },
      ({ operation }) => operation === `v2.${kind}`,
    );
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(sourceOf(kind), how()))).toBe('invalid_response');
  });

  test.each([
    ['without an id', '{"results":[{"provider":"AWS","cloudProvider":"AWS","status":"OK","state":"OK"}]}'],
    ['without results', '{"totalCount":3}'],
  ])('an answer %s is an invalid response', async (_name, body) => {
    simulator.faults.add(
      effects.body(() => body),
      ({ operation }) => operation === `v2.${kind}`,
    );
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(sourceOf(kind), how()))).toBe('invalid_response');
  });
});

test('kinds that want the owner are forbidden to a key that only reads; the others go on', async () => {
  await using reader = createSimulator({
    accounts: [{ user: demoKeys.publicKey, secret: demoKeys.privateKey, owner: false }],
  });
  await reader.start();
  reader.world.addProject({ id });
  await using atlas = atlasFor(reader);
  const reasons = await Promise.all(
    others.map(async (kind) => [kind, await reasonOf(atlas.fetchReading(sourceOf(kind), how()))]),
  );
  expect(Object.fromEntries(reasons)).toMatchObject({
    data_federation: 'nothing',
    streams: 'nothing',
    encryption_at_rest: 'forbidden',
    backup: 'forbidden',
  });
});
