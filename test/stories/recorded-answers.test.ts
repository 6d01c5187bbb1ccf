import { describe, expect, test } from 'vitest';
import { listProjects } from '../../src/atlas/lists/projects.ts';
import { fixture, fixtureLines, readFrom, recorded, scripted } from '../atlas/fixtures.ts';

const of = (name: string) => {
  const found = recorded.find((entry) => entry.name === name);
  if (!found) throw new Error(`No fixture ${name}`);
  return readFrom(found.source, found.list, found.details);
};

test('v1.0: five fields, the region from the name of the service', async () => {
  const { api, connections } = await of('v1.0');
  expect(api).toBe('v1.0');
  expect(connections.map(({ status, region, errorMessage }) => [status, region, errorMessage])).toEqual([
    ['INITIATING', '', null],
    ['WAITING_FOR_USER', 'US_EAST_1', null],
    ['WAITING_FOR_USER', 'EU_CENTRAL_1', null],
    ['FAILED', 'US_WEST_2', 'Interface endpoint vpce-0a1b2c3d4e5f60713 was not found.'],
    ['DELETING', 'AP_SOUTH_1', null],
  ]);
  expect(connections[2]?.interfaceEndpoints).toEqual(
    ['vpce-0a1b2c3d4e5f60711', 'vpce-0a1b2c3d4e5f60712'].map((id) => ({ key: id, id, detail: null })),
  );
});

describe('AWS', () => {
  test.each([
    ['AWS, creating', { status: 'INITIATING', region: 'US_EAST_1', endpointServiceName: '' }],
    ['AWS, available', { status: 'AVAILABLE', endpointServiceName: expect.stringContaining('.vpce-svc-') }],
    ['AWS, failed', { status: 'FAILED', errorMessage: 'Failed to create the endpoint service.' }],
  ])('%s', async (name, seen) => {
    const { connections } = await of(name);
    expect(connections).toEqual([expect.objectContaining(seen)]);
  });

  test.each([...['PENDING_ACCEPTANCE', 'PENDING', 'AVAILABLE', 'REJECTED', 'DELETING', 'NONE'].entries()])(
    'connection status %i is %s',
    async (index, status) => {
      const { connections } = await of(`AWS, in use ${index}`);
      expect(connections[0]?.interfaceEndpoints.map(({ detail }) => detail?.status)).toEqual([status, status]);
    },
  );
});

test('AZURE: keys in lower case, ids as they are spelled, the name of the connection where there is one', async () => {
  const all = await Promise.all([0, 1, 2].map((index) => of(`AZURE ${index}`)));
  const details = all.map(({ connections }) => connections[1]?.interfaceEndpoints[0]?.detail);
  expect(details).toEqual([
    { status: 'INITIATING', errorMessage: null, connectionName: '', members: null, addresses: ['10.20.0.4'] },
    {
      status: 'AVAILABLE',
      errorMessage: null,
      connectionName: 'pls_66c1d2e3f405162738495b71.5d4c3b2a-1f0e-4d9c-8b7a-695847362514',
      members: null,
      addresses: ['10.20.0.4'],
    },
    {
      status: 'FAILED',
      errorMessage: 'Private endpoint connection could not be approved.',
      connectionName: '',
      members: null,
      addresses: ['10.20.0.4'],
    },
  ]);
  const endpoint = all[0]?.connections[1]?.interfaceEndpoints[0];
  expect(endpoint?.id).toContain('/resourceGroups/');
  expect(endpoint?.key).toBe(endpoint?.id.toLowerCase());
  expect(all[0]?.connections.map(({ endpointServiceName }) => endpointServiceName)).toEqual([
    '',
    'pls_66c1d2e3f405162738495b71',
  ]);
});

test('GCP: a name where exactly one attachment is it, members by status', async () => {
  const { connections } = await of('GCP');
  expect(connections.map(({ endpointServiceName }) => endpointServiceName)).toEqual([
    '',
    '',
    expect.stringMatching(/serviceAttachments.*-pm$/),
  ]);
  expect(connections[1]?.interfaceEndpoints[0]?.detail).toMatchObject({
    status: 'VERIFIED',
    members: { AVAILABLE: 2, INITIATING: 1 },
  });
});

test.each([
  ['data federation', ['OK', 'FAILED', 'PENDING'], ['', 'US_EAST_1', 'US_EAST_2']],
  ['streams', ['DONE', 'FAILED', 'WORKING', 'OTHER'], ['EU_CENTRAL_1', 'US_EAST_2', 'CENTRAL_US', 'US_EAST_2']],
  [
    'encryption at rest',
    ['ACTIVE', 'PENDING_ACCEPTANCE', 'PENDING_RECREATION'],
    ['US_EAST_2', 'EUROPE_NORTH', 'EUROPE_WEST'],
  ],
  ['backup', ['FAILED'], ['US_EAST_2']],
])('%s', async (name, statuses, regions) => {
  const { connections } = await of(name);
  expect(connections.map(({ status }) => status).toSorted()).toEqual(statuses.toSorted());
  expect(connections.map(({ region }) => region).toSorted()).toEqual(regions.toSorted());
});

test('projects: two pages that are not full, of which the first names the second', async () => {
  const pages = fixtureLines('project-pages.jsonl');
  const { get, asked } = scripted((_request, count) => JSON.parse(pages[count - 1] ?? ''));
  expect(await listProjects(get, null)).toEqual([
    { id: '66a1b2c3d4e5f60718293a4b', name: 'shop-prod', orgId: '65f00a1b2c3d4e5f60718290' },
    { id: '66a1b2c3d4e5f60718293a4c', name: 'Daten & Analyse (EU), v2', orgId: '65f00a1b2c3d4e5f60718290' },
    { id: '66a1b2c3d4e5f60718293a4d', name: 'sandbox', orgId: '65f00a1b2c3d4e5f60718291' },
  ]);
  expect(asked).toEqual([1, 2].map((pageNum) => `/api/atlas/v2/groups?itemsPerPage=500&pageNum=${pageNum}`));
});

test('the fixtures are what they are named', () => {
  for (const { list } of recorded) expect(() => JSON.parse(list)).not.toThrow();
  expect(fixture('v1-list.json')).not.toContain('cloudProvider');
});
