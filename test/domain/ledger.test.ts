import { describe, expect, test } from 'vitest';
import { enterReading, hasFutureStamps, type Ledger, pruneTombstones, restoreLedger } from '../../src/domain/ledger.ts';
import { type Connection, interfaceEndpointKey } from '../../src/domain/snapshot.ts';
import { unknownStatusesEntered } from '../../src/domain/unknown-statuses.ts';
import { aConnection, aLedger, anId, anInterfaceEndpoint, aSnapshot, at } from '../support/builders.ts';

const hour = 3_600_000;

function enter(ledger: Ledger, connections: readonly Connection[], now = at(1000), api: 'v1.0' | 'v2' = 'v2') {
  return enterReading(ledger, aSnapshot(connections, api), 'cluster', now);
}
const of = (ledger: Ledger, id: string) => ledger.histories.find((history) => history.id === id);
const told = ({ changes }: ReturnType<typeof enter>) =>
  changes.map((change) =>
    [
      change.interfaceEndpointKey ?? change.connectionId,
      change.type === 'error_message' ? change.change : change.type,
    ].join(' '),
  );

test('the first snapshot is a baseline, whatever it holds', () => {
  const { ledger, changes } = enterReading(
    null,
    aSnapshot([aConnection('c1', { status: 'FAILED', errorMessage: 'x' })]),
    'cluster',
    at(0),
  );
  expect(changes).toEqual([]);
  expect(ledger).toMatchObject({ added: 0, removed: 0 });
  expect(of(ledger, 'c1')).toMatchObject({ statusSince: at(0).wall, statusChanges: {}, errorChanges: {} });
});

describe('a connection that appears', () => {
  const later = aConnection('c2', {
    status: 'FAILED',
    errorMessage: 'broken',
    interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { errorMessage: 'lost' })],
  });
  const entered = enter(aLedger([aConnection('c1')]), [aConnection('c1'), later]);

  test('counts as added with its interface endpoints; what it brings is set, its status is no change', () => {
    expect(told(entered)).toEqual(['c2 added', 'c2 set', 'vpce-1 added', 'vpce-1 set']);
    expect(entered.ledger).toMatchObject({ added: 1, interfaceEndpointsAdded: 1 });
    expect(of(entered.ledger, 'c2')).toMatchObject({ statusChanges: {}, errorChanges: { set: 1 } });
  });

  test('and goes takes them with it, and leaves tombstones', () => {
    const gone = enter(entered.ledger, [aConnection('c1')], at(2000));
    expect(told(gone)).toEqual(['c2 removed', 'vpce-1 removed']);
    expect(gone.ledger).toMatchObject({ removed: 1, interfaceEndpointsRemoved: 1 });
    expect(of(gone.ledger, 'c2')).toMatchObject({ goneAt: at(2000), errorChanges: { set: 1 } });
  });
});

describe('an id that returns', () => {
  const start = aLedger([aConnection('c1', { status: 'FAILED', errorMessage: 'a' })]);
  const changed = enter(start, [aConnection('c1', { status: 'AVAILABLE', errorMessage: 'b' })], at(1000)).ledger;
  const gone = enter(changed, [], at(2000)).ledger;

  test('within the time of its tombstone goes on counting', () => {
    const back = enter(gone, [aConnection('c1', { status: 'FAILED', errorMessage: 'b' })], at(3000));
    expect(told(back)).toEqual(['c1 added', 'c1 set']);
    expect(of(back.ledger, 'c1')).toMatchObject({
      goneAt: null,
      statusChanges: { AVAILABLE: 1 },
      errorChanges: { changed: 1, set: 1 },
    });
  });

  test('later begins at 0', () => {
    const pruned = pruneTombstones(gone, at(2000 + 24 * hour), 24 * hour);
    expect(pruned.histories).toEqual([]);
    const back = enter(pruned, [aConnection('c1')], at(2000 + 25 * hour));
    expect(of(back.ledger, 'c1')).toMatchObject({ statusChanges: {}, errorChanges: {} });
    expect(back.ledger).toMatchObject({ added: 1, removed: 1 });
  });

  test('pruning touches nothing before the time has come', () => {
    expect(pruneTombstones(gone, at(2000 + 24 * hour - 1), 24 * hour)).toBe(gone);
  });
});

describe('error messages', () => {
  const withError = (errorMessage: string | null) => [
    aConnection('c1', {
      errorMessage,
      interfaceEndpoints: [
        anInterfaceEndpoint('vpce-0a1b2c3d4e5f60711'),
        anInterfaceEndpoint('vpce-0a1b2c3d4e5f60712'),
      ],
    }),
  ];
  test.each([
    [null, 'x', 'set'],
    ['x', null, 'cleared'],
    ['Request 1 failed', 'Request 2 failed', 'reworded'],
    ['vpce-0a1b2c3d4e5f60711 was not found', 'vpce-0a1b2c3d4e5f60712 was not found', 'changed'],
    ['vpce-0a1b2c3d4e5f60999 was not found', 'vpce-0a1b2c3d4e5f60998 was not found', 'reworded'],
  ])('%j to %j is %s', (from, to, change) => {
    const entered = enter(aLedger(withError(from)), withError(to));
    expect(told(entered)).toEqual([`c1 ${change}`]);
    expect(of(entered.ledger, 'c1')).toMatchObject({
      errorChanges: { [change]: 1 },
      errorChangedAt: { [change]: at(1000).wall },
    });
  });
});

describe('another api', () => {
  const v2 = aLedger([
    aConnection('c1', { status: 'FAILED', errorMessage: 'x', interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] }),
    aConnection('c2', { status: 'AVAILABLE' }),
    aConnection('c3'),
  ]);
  const v1 = [
    aConnection('c1', { status: 'FAILED', interfaceEndpoints: [anId('vpce-1')] }),
    aConnection('c2', { status: 'WAITING_FOR_USER' }),
    aConnection('c4'),
  ];
  const entered = enter(v2, v1, at(5000), 'v1.0');

  test('makes no change', () => {
    expect(entered.changes).toEqual([]);
    expect(entered.ledger).toMatchObject({ added: 0, removed: 0, interfaceEndpointsAdded: 0 });
  });
  test('keeps since when the word is equal, and ends what is not listed without a tombstone', () => {
    expect(entered.ledger.histories.map(({ id, statusSince }) => [id, statusSince - at(0).wall])).toEqual([
      ['c1', 0],
      ['c2', 5000],
      ['c4', 5000],
    ]);
  });
});

test('the spelling of an Azure id is not part of what it is; the label keeps the first one', () => {
  const id = '/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe';
  const lower = id.replace('resourceGroups', 'resourcegroups');
  const azure = (spelled: string, status = 'AVAILABLE') => [
    aConnection('c1', {
      cloudProvider: 'AZURE',
      interfaceEndpoints: [anInterfaceEndpoint(spelled, { status }, 'AZURE')],
    }),
  ];
  const ledger = aLedger(azure(id));
  expect(enter(ledger, azure(lower)).ledger).toBe(ledger);
  const failed = enter(ledger, azure(lower, 'FAILED'));
  expect(told(failed)).toEqual([`${interfaceEndpointKey(id, 'AZURE')} status`]);
  expect(of(failed.ledger, 'c1')?.interfaceEndpoints[0]?.id).toBe(id);
});

test('an interface endpoint known by its id only tells nothing by becoming known', () => {
  const ledger = aLedger([aConnection('c1', { interfaceEndpoints: [anId('vpce-1')] })]);
  const learned = enter(ledger, [
    aConnection('c1', {
      interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'REJECTED', errorMessage: 'x' })],
    }),
  ]);
  expect(learned.changes).toEqual([]);
  expect(of(learned.ledger, 'c1')?.interfaceEndpoints[0]).toMatchObject({
    statusSince: at(1000).wall,
    errorChanges: {},
  });
});

test('stamps from the future are set to now, and tombstones keep their age over a restart', () => {
  const gone = enter(aLedger([aConnection('c1')]), [], at(10_000)).ledger;
  const restored = restoreLedger(JSON.parse(JSON.stringify(gone)), { wall: at(4_000).wall, monotonic: 77 });
  expect(of(restored, 'c1')).toMatchObject({
    statusSince: at(0).wall,
    goneAt: { wall: at(4_000).wall, monotonic: 77 },
  });
  const later = restoreLedger(gone, { wall: at(25_000).wall, monotonic: 77 });
  expect(of(later, 'c1')?.goneAt).toEqual({ wall: at(10_000).wall, monotonic: 77 - 15_000 });
  expect([hasFutureStamps(gone, at(4_000)), hasFutureStamps(gone, at(10_000))]).toEqual([true, false]);
  expect(hasFutureStamps(restored, at(4_000))).toBe(false);
});

describe('a stamp of an interface endpoint that is from the future', () => {
  const one = (status: string, errorMessage: string | null = null) => [
    aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status, errorMessage })] }),
  ];
  const start = aLedger(one('AVAILABLE'));
  test.each([
    ['of its status', enter(start, one('FAILED'), at(9_000)).ledger],
    ['of its message', enter(start, one('AVAILABLE', 'broken'), at(9_000)).ledger],
    ['of its end', enter(start, [aConnection('c1')], at(9_000)).ledger],
  ])('%s is found and set to now', (_name, ledger) => {
    expect(hasFutureStamps(ledger, at(9_000))).toBe(false);
    expect(hasFutureStamps(ledger, at(8_999))).toBe(true);
    const restored = restoreLedger(ledger, at(8_999));
    expect(hasFutureStamps(restored, at(8_999))).toBe(false);
    expect(hasFutureStamps(restored, at(8_998))).toBe(true);
  });
});

test('an unknown status counts once for each entry', () => {
  const before = aSnapshot([aConnection('c1', { status: 'MELTING' }), aConnection('c2')]);
  const after = aSnapshot([
    aConnection('c1', { status: 'MELTING' }),
    aConnection('c2', {
      status: 'FREEZING',
      interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'BOILING' })],
    }),
  ]);
  expect(unknownStatusesEntered(null, before, 'cluster')).toBe(1);
  expect(unknownStatusesEntered(before, after, 'cluster')).toBe(2);
  expect(unknownStatusesEntered(after, after, 'cluster')).toBe(0);
});

test('a status that nobody knows is counted as OTHER', () => {
  const entered = enter(aLedger([aConnection('c1')]), [aConnection('c1', { status: 'MELTING' })]);
  expect(of(entered.ledger, 'c1')?.statusChanges).toEqual({ OTHER: 1 });
  expect(entered.changes[0]).toMatchObject({ from: 'AVAILABLE', to: 'MELTING' });
});
