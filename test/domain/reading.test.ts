import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, LinkChange } from '../../src/domain/change.ts';
import { recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import {
  type ConnectionReading,
  duplicateId,
  type InterfaceEndpointReading,
  newlyUnreadable,
  type Reading,
  settle,
} from '../../src/domain/reading.ts';
import { toShownSource } from '../../src/metrics/catalogue.ts';
import { aConnection, anInterfaceEndpoint, aSnapshot, aSource, at } from '../support/builders.ts';

const source = aSource();
const linkChanges = (changes: readonly Change[]) => changes.filter((change) => 'connectionId' in change);
const reading = (...connections: readonly ConnectionReading[]): Reading => ({ api: 'v2', connections, clusters: [] });
/** A connection of which the id alone can be read. */
const unread = (id: string, interfaceEndpoints: ConnectionReading['interfaceEndpoints'] = []): ConnectionReading => ({
  ...aConnection(id, { status: null, region: '', endpointServiceName: '' }),
  interfaceEndpoints,
  unreadable: 'odd',
});
const unreadEndpoint = (id: string) => ({ ...anInterfaceEndpoint(id), detail: null, unreadable: 'odd' });

/** The state and the changes after these polls, a minute apart. */
function polls(...readings: readonly Reading[]) {
  let state: SourceState = unpolled;
  const changes: LinkChange[] = [];
  const told: string[] = [];
  readings.forEach((one, index) => {
    const recorded = recordPoll(source, state, { ok: true, reading: one }, at(index * 60_000));
    state = recorded.state;
    changes.push(...linkChanges(recorded.changes));
    told.push(
      ...recorded.unreadable.map((element) =>
        'clusterName' in element ? element.clusterName : (element.interfaceEndpointId ?? element.connectionId),
      ),
    );
  });
  const lines = changes.map(({ connectionId, interfaceEndpointId, type, from, to }) => {
    return `${interfaceEndpointId ?? connectionId} ${type} ${from} ${to}`;
  });
  return { state, lines, told, connections: state.ledger?.snapshot.connections ?? [] };
}

describe('a status that is missing', () => {
  const missing = (id: string) => aConnection(id, { status: null });

  test('is unreadable where one was known, and keeps what was known', () => {
    const { connections, lines } = polls(reading(aConnection('c1', { status: 'FAILED' })), reading(missing('c1')));
    expect(connections).toEqual([
      { ...aConnection('c1', { status: 'FAILED' }), unreadable: 'Atlas does not say its status' },
    ]);
    expect(lines).toEqual([]);
  });

  test('is OTHER where none ever was, and no unknown word', () => {
    const recorded = recordPoll(source, unpolled, { ok: true, reading: reading(missing('c1')) }, at(0));
    expect(recorded.state.ledger?.snapshot.connections).toEqual([aConnection('c1', { status: 'OTHER' })]);
    expect(recorded.unknownStatuses).toBe(0);
    expect(polls(reading(missing('c1')), reading(missing('c1'))).connections[0]?.unreadable).toBeUndefined();
  });

  test('of an interface endpoint concerns that one alone', () => {
    const endpoint = anInterfaceEndpoint('e1', { status: 'REJECTED', errorMessage: 'no' });
    const silent = { ...endpoint, detail: { ...endpoint.detail, status: null } } as InterfaceEndpointReading;
    const before = aConnection('c1', { interfaceEndpoints: [endpoint] });
    const after = { ...before, interfaceEndpoints: [silent, { ...silent, id: 'e2', key: 'e2' }] };
    const { connections, lines } = polls(reading(before), reading(after));
    expect(connections[0]?.unreadable).toBeUndefined();
    expect(connections[0]?.interfaceEndpoints).toMatchObject([
      { id: 'e1', detail: endpoint.detail, unreadable: 'Atlas does not say its status' },
      { id: 'e2', detail: { status: 'OTHER' } },
    ]);
    expect(lines).toEqual(['e2 added null OTHER', 'e2 error_message null no']);
  });
});

describe('a list of interface endpoints that is missing', () => {
  const before = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('e1'), anInterfaceEndpoint('e2')] });
  const without = { ...aConnection('c1', { status: 'FAILED' }), interfaceEndpoints: null };

  test('keeps the endpoints that the connection had: none is gone', () => {
    const { connections, lines, told, state } = polls(reading(before), reading(without));
    expect(connections[0]).toMatchObject({ status: 'AVAILABLE', unreadable: expect.stringContaining('does not list') });
    expect(connections[0]?.interfaceEndpoints.map(({ id, unreadable }) => [id, unreadable !== undefined])).toEqual([
      ['e1', true],
      ['e2', true],
    ]);
    expect([lines, told]).toEqual([[], ['c1']]);
    expect(state.ledger).toMatchObject({ removed: 0, interfaceEndpointsRemoved: 0 });
  });

  test('that comes back tells what is new since it was last known', () => {
    const after = aConnection('c1', { status: 'FAILED', interfaceEndpoints: [anInterfaceEndpoint('e2')] });
    expect(polls(reading(before), reading(without), reading(after)).lines).toEqual([
      'c1 status AVAILABLE FAILED',
      'e1 removed AVAILABLE null',
    ]);
  });
});

describe('what was never read', () => {
  test('is added without a status, and tells nothing by being read', () => {
    const { lines, state } = polls(
      reading(),
      reading(unread('c1')),
      reading(aConnection('c1', { status: 'FAILED', errorMessage: 'broken' })),
      reading(aConnection('c1', { status: 'AVAILABLE', errorMessage: 'broken' })),
    );
    expect(lines).toEqual(['c1 added null null', 'c1 status FAILED AVAILABLE']);
    expect(state.ledger?.histories[0]).toMatchObject({ statusSince: at(180_000).wall, errorChanges: {} });
  });

  test('counts its status from the moment it was read', () => {
    const { state } = polls(reading(unread('c1')), reading(aConnection('c1')));
    expect(state.ledger?.histories[0]?.statusSince).toBe(at(60_000).wall);
  });

  test('is gone when it is no longer listed', () => {
    expect(polls(reading(unread('c1')), reading()).lines).toEqual(['c1 removed null null']);
  });
});

test('each element is told once, for as long as it cannot be read', () => {
  const good = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('e1')] });
  const bad = { ...good, interfaceEndpoints: [unreadEndpoint('e1')] };
  expect(polls(reading(good), reading(bad), reading(bad), reading(unread('c1', null)), reading(bad)).told).toEqual([
    'e1',
    'c1',
  ]);
  expect(polls(reading(bad), reading(good), reading(bad)).told).toEqual(['e1', 'e1']);
  expect(newlyUnreadable(null, aSnapshot([good]))).toEqual([]);
});

test('a poll that cannot read the same again is no news', () => {
  const first = polls(reading(aConnection('c1')), reading(unread('c1')));
  const again = recordPoll(source, first.state, { ok: true, reading: reading(unread('c1')) }, at(1e6));
  expect(again.state.ledger).toBe(first.state.ledger);
});

test('the spelling and the order of what is read make no difference', () => {
  const connection = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('e2'), anInterfaceEndpoint('e1')] });
  expect(settle(null, reading(aConnection('c2'), connection))).toEqual(aSnapshot([connection, aConnection('c2')]));
});

test.each([
  ['a connection', [aConnection('c1'), unread('c1')], 'c1'],
  [
    'an interface endpoint',
    [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('e'), unreadEndpoint('e')] })],
    'e',
  ],
  ['nothing', [aConnection('c1'), unread('c2', null)], null],
])('%s stands twice', (_name, connections, id) => {
  expect(duplicateId(connections)).toBe(id);
});

/* What happens to the elements of one poll, and which of them are spoilt. */
const words = fc.constantFrom('INITIATING', 'AVAILABLE', 'FAILED', 'DELETING', 'MELTING');
const errors = fc.constantFrom(null, 'Request 1 was denied', 'Request 2 was denied', 'Something else');
const spoilt = fc.constantFrom('no', 'no', 'no', 'status', 'all', 'list');
const seen = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('c1', 'c2', 'c3'),
    status: words,
    errorMessage: errors,
    spoilt,
    endpoints: fc.uniqueArray(
      fc.record({ id: fc.constantFrom('e1', 'e2'), status: words, errorMessage: errors, spoilt }),
      { selector: ({ id }) => id, maxLength: 2 },
    ),
  }),
  { selector: ({ id }) => id, maxLength: 3 },
);
type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

function toReading(connections: Seen, spoil: boolean): Reading {
  return reading(
    ...connections.map((one): ConnectionReading => {
      const endpoints = one.endpoints.map((endpoint): InterfaceEndpointReading => {
        const good = anInterfaceEndpoint(endpoint.id, endpoint);
        if (!spoil || endpoint.spoilt === 'no') return good;
        return endpoint.spoilt === 'status' && good.detail
          ? { ...good, detail: { ...good.detail, status: null } }
          : unreadEndpoint(endpoint.id);
      });
      const good = { ...aConnection(one.id, one), interfaceEndpoints: endpoints };
      if (!spoil || one.spoilt === 'no') return good;
      if (one.spoilt === 'status') return { ...good, status: null };
      return unread(one.id, one.spoilt === 'list' ? null : endpoints);
    }),
  );
}

/** Everything shown and told of elements but those that were spoilt once. */
function others(history: readonly Seen[], spoil: boolean) {
  const bad = new Set<string>();
  for (const { id, spoilt, endpoints } of history.flat()) {
    if (spoilt !== 'no') bad.add(id);
    for (const endpoint of endpoints) if (endpoint.spoilt !== 'no') bad.add(`${id} ${endpoint.id}`);
    if (spoilt === 'list') for (const endpoint of ['e1', 'e2']) bad.add(`${id} ${endpoint}`);
  }
  let state: SourceState = unpolled;
  const changes: LinkChange[] = [];
  history.forEach((connections, index) => {
    const outcome = { ok: true, reading: toReading(connections, spoil) } as const;
    const recorded = recordPoll(source, state, outcome, at(index * 60_000));
    state = recorded.state;
    changes.push(...linkChanges(recorded.changes));
  });
  const shown = toShownSource({ source, state }, true);
  const isGood = ([, , , connection = '', endpoint]: readonly string[]) =>
    !bad.has(endpoint === undefined ? connection : `${connection} ${endpoint}`);
  return {
    changes: changes.filter(({ connectionId, interfaceEndpointId: endpoint }) =>
      isGood(['', '', '', connectionId, ...(endpoint === null ? [] : [endpoint])]),
    ),
    connections: shown.connections
      .filter(({ labels }) => isGood(labels))
      // How many of its endpoints are listed, and whether they are ready, is another matter.
      .map(({ labels, facts, past, goneAt, unreadable }) => ({
        ...{ labels, facts, goneAt, unreadable },
        past: { ...past, interfaceEndpoints: [] },
      })),
    interfaceEndpoints: shown.interfaceEndpoints.filter(({ labels }) => isGood(labels)),
  };
}

test('whatever cannot be read, every other element is shown and told as if nothing had been', () => {
  fc.assert(
    fc.property(fc.array(seen, { minLength: 1, maxLength: 8 }), (history) => {
      expect(others(history, true)).toEqual(others(history, false));
    }),
    { numRuns: 500 },
  );
});
