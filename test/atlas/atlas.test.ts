import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../src/domain/reading.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { Cloud, SimulatedConnection, SimulatedProject } from '../../src/simulator/world/model.ts';
import { atlasFor, how, type ObservedRequest, reasonOf } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const azureId =
  '/subscriptions/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1/resourceGroups/rg-app.prod/providers/Microsoft.Network/privateEndpoints/pe-1';
let simulator: Simulator;
let project: SimulatedProject;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const connect = (cloud: Cloud, options = {}): SimulatedConnection =>
  simulator.world.addConnection(project, { cloud, ...options });
const source = (cloudProvider: Cloud) => aSource({ projectId: id, cloudProvider });

describe('v2', () => {
  test('AWS: the service and its interface endpoints', async () => {
    const connection = connect('AWS', { region: 'EU_CENTRAL_1' });
    simulator.world.attach(connection, { id: 'vpce-0a1b2c3d4e5f60711', status: 'REJECTED', errorMessage: 'no' });
    await using atlas = atlasFor(simulator);
    expect(await atlas.fetchReading(source('AWS'), how())).toEqual({
      api: 'v2',
      clusters: [],
      connections: [
        {
          id: connection.id,
          cloudProvider: 'AWS',
          status: 'AVAILABLE',
          region: 'EU_CENTRAL_1',
          endpointServiceName: expect.stringMatching(/^com\.amazonaws\.vpce\.eu-central-1\.vpce-svc-[0-9a-f]{17}$/),
          errorMessage: null,
          remoteRegions: [],
          interfaceEndpoints: [
            {
              key: 'vpce-0a1b2c3d4e5f60711',
              id: 'vpce-0a1b2c3d4e5f60711',
              detail: { status: 'REJECTED', errorMessage: 'no', connectionName: '', members: null },
            },
          ],
        },
      ],
    });
  });

  test('AZURE: ids are resource paths, asked for as one segment', async () => {
    simulator.world.attach(connect('AZURE'), { id: azureId });
    await using atlas = atlasFor(simulator);
    const snapshot = settle(null, await atlas.fetchReading(source('AZURE'), how()));
    expect(snapshot.connections[0]?.interfaceEndpoints[0]).toMatchObject({
      key: azureId.toLowerCase(),
      id: azureId,
      detail: { status: 'AVAILABLE', connectionName: expect.stringMatching(/^pls_/) },
    });
    expect(simulator.requests.at(-1)?.target).toContain('/endpoint/%2Fsubscriptions%2F');
  });

  test('GCP: the members of a group, and a name only where one attachment is it', async () => {
    const legacy = connect('GCP');
    const group = simulator.world.attach(legacy, { id: 'grp', status: 'VERIFIED' });
    simulator.world.setMember(group, 'grp-0', 'FAILED');
    const mapped = connect('GCP', { portMapped: true });
    await using atlas = atlasFor(simulator);
    const { connections } = settle(null, await atlas.fetchReading(source('GCP'), how()));
    const of = (connection: SimulatedConnection) => connections.find((one) => one.id === connection.id);
    expect(of(legacy)).toMatchObject({ endpointServiceName: '' });
    expect(of(legacy)?.interfaceEndpoints[0]?.detail).toMatchObject({
      status: 'VERIFIED',
      members: { FAILED: 1, INITIATING: 2 },
    });
    expect(of(mapped)?.endpointServiceName).toMatch(/serviceAttachments.*-pm$/);
  });

  test('without interface endpoints asks for the list only', async () => {
    simulator.world.attach(connect('AWS'), { id: 'vpce-1' });
    await using atlas = atlasFor(simulator);
    const snapshot = await atlas.fetchReading({ ...source('AWS'), interfaceEndpoints: false }, how());
    expect(snapshot.connections[0]?.interfaceEndpoints).toEqual([{ key: 'vpce-1', id: 'vpce-1', detail: null }]);
    expect(simulator.counts()).toEqual({ 'challenge 401': 1, 'v2.list 200': 1 });
  });

  test('a listed interface endpoint that answers 404 leads to one more list: gone from it, it is gone', async () => {
    const connection = connect('AWS');
    const endpoint = simulator.world.attach(connection, { id: 'vpce-1' });
    simulator.faults.add(
      ({ answer, send }) => {
        simulator.world.detach(endpoint);
        send(answer());
      },
      ({ operation }) => operation === 'v2.endpoint',
      1,
    );
    await using atlas = atlasFor(simulator);
    const snapshot = await atlas.fetchReading(source('AWS'), how());
    expect(snapshot.connections[0]?.interfaceEndpoints).toEqual([]);
    expect(simulator.counts()).toMatchObject({ 'v2.list 200': 2, 'v2.endpoint 404': 1 });
  });

  test('still listed, it cannot be read', async () => {
    simulator.world.attach(connect('AWS'), { id: 'vpce-1' });
    simulator.faults.add(
      ({ send }) => send({ status: 404, headers: {}, body: '{"errorCode":"PRIVATE_ENDPOINT_SERVICE_NOT_FOUND"}' }),
      ({ operation }) => operation === 'v2.endpoint',
    );
    await using atlas = atlasFor(simulator);
    const { connections } = await atlas.fetchReading(source('AWS'), how());
    expect(connections[0]?.interfaceEndpoints).toMatchObject([{ id: 'vpce-1', unreadable: expect.any(String) }]);
    expect(simulator.counts()).toMatchObject({ 'v2.list 200': 2, 'v2.endpoint 404': 1 });
  });
});

describe('v1.0', () => {
  const v1 = aSource({ projectId: id, api: 'v1.0' });

  test('is exactly the one request of the document, and its five fields', async () => {
    const connection = connect('AWS', { region: 'US_EAST_1', errorMessage: 'no' });
    simulator.world.attach(connection, { id: 'vpce-1' });
    connect('GCP');
    const seen: { headers: Record<string, unknown> }[] = [];
    simulator.faults.add(({ request, answer, send }) => {
      seen.push({ headers: { ...request.headers } });
      send(answer());
    });
    await using atlas = atlasFor(simulator);
    const snapshot = await atlas.fetchReading(v1, how());
    expect(snapshot).toEqual({
      api: 'v1.0',
      clusters: [],
      connections: [
        {
          id: connection.id,
          cloudProvider: 'AWS',
          status: 'WAITING_FOR_USER',
          region: 'US_EAST_1',
          endpointServiceName: expect.stringContaining('com.amazonaws.vpce.us-east-1.vpce-svc-'),
          errorMessage: 'no',
          interfaceEndpoints: [{ key: 'vpce-1', id: 'vpce-1', detail: null }],
        },
      ],
    });
    expect(simulator.requests.map(({ target }) => target)).toEqual(
      Array(2).fill(`/api/atlas/v1.0/groups/${id}/privateEndpoint`),
    );
    expect(seen.at(-1)?.headers).toMatchObject({
      accept: 'application/json',
      'user-agent': 'atlas-private-endpoint-exporter/1.2.3 (linux;x64)',
      'accept-encoding': 'gzip',
    });
  });

  test('a service that is being made has no name and no region yet', async () => {
    connect('AWS', { status: 'INITIATING' });
    await using atlas = atlasFor(simulator);
    expect((await atlas.fetchReading(v1, how())).connections[0]).toMatchObject({
      status: 'INITIATING',
      endpointServiceName: '',
      region: '',
      errorMessage: null,
    });
  });
});

test('1,000 polls at 20 in flight: no false 401, under 2 % extra requests', async () => {
  const projects = Array.from({ length: 4 }, () => simulator.world.addProject());
  for (const { id: projectId } of projects) {
    const connection = simulator.world.addConnection(simulator.world.projects.get(projectId) ?? project);
    for (let n = 0; n < 3; n++) simulator.world.attach(connection);
  }
  const seen: ObservedRequest[] = [];
  await using atlas = atlasFor(simulator, { timeoutMs: 60_000 }, seen);
  const polls = Array.from({ length: 1000 }, (_, n) => aSource({ projectId: projects[n % 4]?.id ?? id }));
  const reasons = await Promise.all(polls.map((one) => reasonOf(atlas.fetchReading(one, how(600_000)))));
  expect(new Set(reasons)).toEqual(new Set(['nothing']));
  const challenges = seen.filter(({ operation }) => operation === 'digest_challenge').length;
  expect(seen.filter(({ code, operation }) => code === 401 && operation !== 'digest_challenge')).toEqual([]);
  expect(seen).toHaveLength(4000 + challenges);
  expect(challenges / 4000).toBeLessThan(0.02);
  expect(simulator.mostInFlight).toBeLessThanOrEqual(20);
}, 600_000);

test('a nonce that ends is renewed in silence', async () => {
  connect('AWS');
  await using atlas = atlasFor(simulator);
  for (let n = 0; n < 5; n++) {
    expect(await reasonOf(atlas.fetchReading(source('AWS'), how()))).toBe('nothing');
    if (n % 2) simulator.digest.forgetNonces();
  }
  expect(simulator.counts()).toEqual({ 'challenge 401': 3, 'v2.list 200': 5 });
});
