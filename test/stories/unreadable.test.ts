import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Get } from '../../src/atlas/http/client.ts';
import { readSource } from '../../src/atlas/lists/read.ts';
import { classOfConnection } from '../../src/domain/connection-class.ts';
import { type Reading, settle } from '../../src/domain/reading.ts';
import type { Snapshot } from '../../src/domain/snapshot.ts';
import type { CloudProvider, Kind } from '../../src/domain/status.ts';
import { scripted } from '../atlas/fixtures.ts';
import { aSource } from '../support/builders.ts';

const clusters = (cloudProvider: CloudProvider) => aSource({ cloudProvider });
const listed = (kind: Kind, cloudProvider: CloudProvider | '' = '') => aSource({ kind, cloudProvider });
const isList = ({ operation }: Get) => operation === 'list_connections';
const paged = (...results: readonly object[]) => ({ results, links: [] });

/** What is known after a poll of these answers; interface endpoints answer by their ids. */
async function poll(
  source: Parameters<typeof readSource>[0],
  list: unknown,
  details: Readonly<Record<string, unknown>> = {},
  before: Snapshot | null = null,
): Promise<Snapshot> {
  const script = scripted((request) =>
    isList(request) ? list : details[decodeURIComponent(request.path.split('/').at(-1) ?? '')],
  );
  return settle(before, await readSource(source, script));
}

describe('a status that is missing, null or blank', () => {
  const statuses = [{}, { status: null }, { status: ' ' }];
  const good = { id: 's', status: 'FAILED', interfaceEndpoints: [] };

  test.each(statuses)('%j of a connection is unreadable where one was known, and OTHER where none was', async (odd) => {
    const list = [{ id: 's', interfaceEndpoints: [], ...odd }];
    expect((await poll(clusters('AWS'), list)).connections).toMatchObject([{ status: 'OTHER' }]);
    const before = await poll(clusters('AWS'), [good]);
    expect((await poll(clusters('AWS'), list, {}, before)).connections).toMatchObject([
      { status: 'FAILED', unreadable: 'Atlas does not say its status' },
    ]);
  });

  test.each(statuses)('%j of an interface endpoint concerns that one alone', async ({ status }) => {
    const list = [{ id: 's', status: 'AVAILABLE', interfaceEndpoints: ['a', 'b'] }];
    const answers = { a: { connectionStatus: 'PENDING' }, b: { connectionStatus: 'AVAILABLE' } };
    const before = await poll(clusters('AWS'), list, answers);
    const after = await poll(
      clusters('AWS'),
      list,
      { a: { connectionStatus: status }, b: { connectionStatus: 'REJECTED' } },
      before,
    );
    expect(after.connections[0]?.unreadable).toBeUndefined();
    expect(after.connections[0]?.interfaceEndpoints).toMatchObject([
      { id: 'a', detail: { status: 'PENDING' }, unreadable: 'Atlas does not say its status' },
      { id: 'b', detail: { status: 'REJECTED' } },
    ]);
  });

  test('of the one that is ready leaves its connection ready', async () => {
    const list = [{ id: 's', status: 'WAITING_FOR_USER', interfaceEndpoints: ['a'] }];
    const before = await poll(clusters('AWS'), list, { a: { connectionStatus: 'AVAILABLE' } });
    const after = await poll(clusters('AWS'), list, { a: {} }, before);
    const [connection] = after.connections;
    expect(connection?.interfaceEndpoints).toMatchObject([{ id: 'a', unreadable: 'Atlas does not say its status' }]);
    expect(connection && classOfConnection('cluster', 'v2', connection)).toBe('ready');
    const never = await poll(clusters('AWS'), list, { a: [] });
    expect(never.connections[0] && classOfConnection('cluster', 'v2', never.connections[0])).toBe('needs_user');
  });

  test('one of 50 GCP members counts under OTHER and changes nothing else', async () => {
    const list = [{ id: 's', status: 'AVAILABLE', endpointGroupNames: ['grp'] }];
    const endpoints = Array.from({ length: 50 }, (_, n) => ({ endpointName: `grp-${n}`, status: 'AVAILABLE' }));
    const odd = endpoints.map((member, n) => (n === 7 ? { endpointName: 'grp-7', status: 7 } : member));
    for (const members of [odd, odd.toSpliced(7, 1, { endpointName: 'grp-7' } as never)]) {
      const { connections } = await poll(clusters('GCP'), list, { grp: { status: 'VERIFIED', endpoints: members } });
      expect(connections[0]?.interfaceEndpoints).toMatchObject([
        { detail: { status: 'VERIFIED', members: { AVAILABLE: 49, OTHER: 1 } } },
      ]);
      expect(connections[0]?.interfaceEndpoints[0]?.unreadable).toBeUndefined();
    }
  });

  test('is how older data federation entries are', async () => {
    const { connections } = await poll(listed('data_federation'), paged({ endpointId: 'vpce-1' }));
    expect(connections).toEqual([expect.objectContaining({ id: 'vpce-1', cloudProvider: 'AWS', status: 'OTHER' })]);
    expect(connections[0]?.unreadable).toBeUndefined();
  });
});

test.each(['[null]', '[{}]', '[{"privateEndpoints":null}]', '[{"privateEndpoints":[7]}]'])(
  'a list of endpoints such as %s keeps those that the connection had',
  async (text) => {
    const own = { id: 's', status: 'AVAILABLE', regionName: 'EUROPE_NORTH' };
    const id = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe';
    const good = [{ ...own, privateEndpoints: [id] }];
    const before = await poll(clusters('AZURE'), good, { [id]: { status: 'AVAILABLE' } });
    const after = await poll(clusters('AZURE'), [{ ...own, ...JSON.parse(text)[0], status: 'FAILED' }], {}, before);
    expect(after.connections).toMatchObject([
      {
        status: 'AVAILABLE',
        region: 'EUROPE_NORTH',
        unreadable: expect.any(String),
        interfaceEndpoints: [{ id, detail: { status: 'AVAILABLE' }, unreadable: expect.any(String) }],
      },
    ]);
  },
);

describe('a field of another type', () => {
  test.each<readonly [string, object, string]>([
    ['a status that is no string', { status: { is: 'odd' } }, 'at status'],
    ['a region that is no string', { regionName: 7 }, 'at regionName'],
    ['a message that is no string', { errorMessage: ['x'] }, 'at errorMessage'],
  ])('%s: the interface endpoints go on', async (_name, odd, where) => {
    const list = [{ id: 's', status: 'AVAILABLE', interfaceEndpoints: ['a'], ...odd }];
    const { connections } = await poll(clusters('AWS'), list, { a: { connectionStatus: 'AVAILABLE' } });
    expect(connections).toMatchObject([
      {
        id: 's',
        status: null,
        cloudProvider: 'AWS',
        unreadable: expect.stringContaining(where),
        interfaceEndpoints: [{ id: 'a', detail: { status: 'AVAILABLE' } }],
      },
    ]);
  });

  test('of an interface endpoint, or an answer that is none', async () => {
    const list = [{ id: 's', status: 'AVAILABLE', interfaceEndpoints: ['a', 'b', 'c'] }];
    const answers = { a: [], b: { connectionStatus: 7 }, c: { connectionStatus: 'AVAILABLE' } };
    const { connections } = await poll(clusters('AWS'), list, answers);
    expect(connections[0]?.interfaceEndpoints.map(({ id, unreadable }) => [id, unreadable !== undefined])).toEqual([
      ['a', true],
      ['b', true],
      ['c', false],
    ]);
  });
});

test('a provider of streams that nobody knows is shown as Atlas says it, in upper case', async () => {
  const { connections } = await poll(
    listed('streams'),
    paged({ _id: 'a', provider: 'Oracle', state: 'DONE' }, { _id: 'b', state: 'DONE' }),
  );
  expect(connections).toMatchObject([
    { id: 'a', cloudProvider: 'ORACLE', status: 'DONE' },
    { id: 'b', cloudProvider: '', unreadable: expect.stringContaining('at provider') },
  ]);
});

describe('the poll fails', () => {
  test.each<readonly [string, Kind, CloudProvider | '', unknown, string]>([
    ['an id that is no text', 'cluster', 'AWS', [{ id: 's', interfaceEndpoints: [] }, { id: 7 }], 'Element 1 … at id'],
    ['an id that is missing', 'streams', '', paged({ provider: 'AWS' }), 'Element 0 … at _id'],
    ['an id that is empty', 'data_federation', '', paged({ endpointId: '' }), 'Element 0 … at endpointId'],
    ['an element that is none', 'backup', 'AWS', paged([]), 'Element 0'],
  ])('for %s, naming index and field', async (_name, kind, cloudProvider, list, detail) => {
    const [first = '', second = ''] = detail.split(' … ');
    await expect(poll(listed(kind, cloudProvider), list)).rejects.toMatchObject({
      reason: 'invalid_response',
      detail: expect.stringMatching(new RegExp(`^${first} .*${second}`)),
    });
  });

  test('for the same id twice on a page', async () => {
    const twice = paged({ _id: 'a', provider: 'AWS', state: 'DONE' }, { _id: 'a', provider: 'AWS', state: 'FAILED' });
    await expect(poll(listed('streams'), twice)).rejects.toMatchObject({ detail: 'The list has "a" twice' });
  });

  test('for the same id twice over pages', async () => {
    const page = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, n) => ({ _id: `e${from + n}`, provider: 'AWS', state: 'DONE' }));
    const script = scripted(({ path }) => paged(...(path.endsWith('=1') ? page(0, 500) : page(499, 510))));
    await expect(readSource(listed('streams'), script)).rejects.toMatchObject({ detail: 'The list has "e499" twice' });
  });
});

/** The same answer with one field of some elements replaced by something odd. */
const oddity = fc.constantFrom(undefined, null, '', ' ', 7, {}, [], [null], true, '\ud800');
const fields = ['status', 'regionName', 'errorMessage', 'endpointServiceName', 'interfaceEndpoints'] as const;

test('whatever is odd about some elements of a list, each other one is read as if nothing were', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.option(fc.tuple(fc.constantFrom(...fields), oddity)), { minLength: 1, maxLength: 6 }),
      async (oddities) => {
        const good = oddities.map((_, n) => ({
          id: `s${n}`,
          status: 'AVAILABLE',
          interfaceEndpoints: [`e${n}`],
          regionName: 'EU_WEST_1',
        }));
        const spoilt = good.map((element, n) => {
          const odd = oddities[n];
          return odd ? { ...element, [odd[0]]: odd[1] } : element;
        });
        const read = async (list: unknown): Promise<Reading> => {
          const script = scripted((request) => (isList(request) ? list : { connectionStatus: 'AVAILABLE' }));
          return readSource(clusters('AWS'), script);
        };
        const before = settle(null, await read(good));
        const after = settle(before, await read(JSON.parse(JSON.stringify(spoilt))));
        expect(after.connections.map(({ id }) => id)).toEqual(before.connections.map(({ id }) => id));
        const unspoilt = ({ connections }: Snapshot) => connections.filter((_, n) => !oddities[n]);
        expect(unspoilt(after)).toEqual(unspoilt(before));
        // Nothing is gone, whatever is odd.
        for (const [n, { interfaceEndpoints }] of after.connections.entries()) {
          const emptied = oddities[n]?.[0] === 'interfaceEndpoints' && Array.isArray(oddities[n]?.[1]);
          if (!emptied) expect(interfaceEndpoints).toHaveLength(1);
        }
      },
    ),
  );
});
