import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanceClusters,
  type Cluster,
  diffClusters,
  newClusterHistory,
  sameClusters,
  toClusters,
  unreadableCluster,
} from '../../src/domain/cluster.ts';
import { enterReading } from '../../src/domain/ledger.ts';
import { newlyUnreadable, settle } from '../../src/domain/reading.ts';
import { toSnapshot } from '../../src/domain/snapshot.ts';
import { aCluster, aString, at } from '../support/builders.ts';

const one = aCluster('orders', { strings: [aString(['vpce-1'])] });
const none = aCluster('orders', { strings: [] });

describe('what differs between two lists of clusters', () => {
  test.each<[string, readonly Cluster[], readonly Cluster[], readonly object[]]>([
    ['nothing', [one], [one], []],
    [
      'a string that goes',
      [one],
      [none],
      [{ clusterName: 'orders', type: 'connection_string', change: 'removed', from: '1', to: '0' }],
    ],
    [
      'a string that comes',
      [none],
      [one],
      [{ clusterName: 'orders', type: 'connection_string', change: 'added', from: '0', to: '1' }],
    ],
    [
      'a string that goes through another endpoint is another string',
      [one],
      [aCluster('orders', { strings: [aString(['vpce-2'])] })],
      [
        { clusterName: 'orders', type: 'connection_string', change: 'removed', from: '1', to: '1' },
        { clusterName: 'orders', type: 'connection_string', change: 'added', from: '1', to: '1' },
      ],
    ],
    ['hosts that move', [one], [aCluster('orders', { strings: [aString(['vpce-1'], ['other:1024'])] })], []],
    [
      'a cluster that appears brings its strings',
      [],
      [one],
      [
        { clusterName: 'orders', type: 'added', from: null, to: 'IDLE' },
        { clusterName: 'orders', type: 'connection_string', change: 'added', from: '0', to: '1' },
      ],
    ],
    [
      'a cluster that goes takes its strings along',
      [one],
      [],
      [
        { clusterName: 'orders', type: 'removed', from: 'IDLE', to: null },
        { clusterName: 'orders', type: 'connection_string', change: 'removed', from: '1', to: '0' },
      ],
    ],
    [
      'a state, a pause or a region',
      [one],
      [aCluster('orders', { ...one, state: 'UPDATING', paused: true, regions: [] })],
      [],
    ],
  ])('%s', (_, before, after, changes) => {
    expect(diffClusters(toClusters(before), toClusters(after))).toEqual(changes);
  });
});

test('the order of an answer says nothing', () => {
  const a = aCluster('a', { strings: [aString(['vpce-1']), aString(['vpce-0'])] });
  const b = aCluster('b');
  const turned = [b, { ...a, strings: a.strings.toReversed(), regions: a.regions.toReversed() }];
  expect(sameClusters(toClusters([a, b]), toClusters(turned))).toBe(true);
});

test('a cluster that returns drops its tombstone and goes on counting', () => {
  const steps = [[one], [none], [], [one]].map(toClusters);
  let histories = steps[0]?.map(newClusterHistory) ?? [];
  for (const [index, after] of steps.entries()) {
    const before = steps[index - 1];
    if (before)
      histories = [
        ...advanceClusters(histories, { before, after }, diffClusters(before, after), at(index * 1000), null),
      ];
    if (index === 2) expect(histories).toMatchObject([{ name: 'orders', goneAt: at(2000) }]);
  }
  expect(histories).toEqual([
    {
      name: 'orders',
      stringChanges: { removed: 1, added: 1 },
      stringChangedAt: { removed: at(1000).wall, added: at(3000).wall },
      goneAt: null,
    },
  ]);
});

test('added less removed is always how many strings there are', () => {
  const names = ['a', 'b', 'c'];
  const list = fc
    .uniqueArray(fc.constantFrom(...names))
    .chain((found) =>
      fc.tuple(
        ...found.map((name) =>
          fc
            .array(fc.constantFrom('vpce-1', 'vpce-2', 'vpce-3'), { maxLength: 3 })
            .map((ids) => aCluster(name, { strings: ids.map((id) => aString([id])) })),
        ),
      ),
    );
  fc.assert(
    fc.property(fc.array(list, { minLength: 2, maxLength: 8 }), (answers) => {
      const steps = answers.map(toClusters);
      const count = new Map<string, number>();
      const seen = (steps[0] ?? []).map(({ name, strings }) => [name, strings.length] as const);
      for (const [name, strings] of seen) count.set(name, strings);
      for (let index = 1; index < steps.length; index++) {
        for (const change of diffClusters(steps[index - 1] ?? [], steps[index] ?? [])) {
          if (change.type !== 'connection_string') continue;
          count.set(change.clusterName, (count.get(change.clusterName) ?? 0) + (change.change === 'added' ? 1 : -1));
        }
        for (const name of names)
          expect(count.get(name) ?? 0).toBe(steps[index]?.find((one) => one.name === name)?.strings.length ?? 0);
      }
    }),
  );
});

describe('a cluster that cannot be read', () => {
  const odd = unreadableCluster('orders', 'Not what Atlas documents');
  const enter = (...polls: readonly (readonly Cluster[])[]) => {
    let entered: ReturnType<typeof enterReading> | null = null;
    const told = polls.map((clusters, index) => {
      const reading = { api: 'v2' as const, connections: [], clusters };
      entered = enterReading(entered?.ledger ?? null, reading, 'connection_strings', at(index * 1000));
      return entered.clusterChanges;
    });
    return { told: told.slice(1), last: entered as ReturnType<typeof enterReading> | null };
  };

  test('keeps what was last known, and nothing of it is gone', () => {
    const { told, last } = enter([one], [odd], [one]);
    expect(told).toEqual([[], []]);
    expect(enter([one], [odd]).last?.ledger.snapshot.clusters).toEqual([
      { ...one, unreadable: 'Not what Atlas documents' },
    ]);
    expect(last?.ledger.snapshot.clusters).toEqual([one]);
    expect(last?.ledger.clusters).toMatchObject([{ stringChanges: {} }]);
  });

  test('tells what differs from what was last known when it can be read again', () => {
    expect(enter([one], [odd], [none]).told).toMatchObject([[], [{ type: 'connection_string', change: 'removed' }]]);
  });

  test('and never was, brings no change by becoming known', () => {
    expect(enter([odd], [one]).told).toEqual([[]]);
    expect(enter([], [odd], [one]).told).toMatchObject([[{ type: 'added', to: null }], []]);
  });

  test('and goes, is gone with what was last known', () => {
    expect(enter([one], [odd], []).told[1]).toMatchObject([
      { type: 'removed', from: 'IDLE' },
      { type: 'connection_string', change: 'removed' },
    ]);
  });

  test('is told once', () => {
    const before = toSnapshot('v2', [], [one]);
    const after = settle(before, { api: 'v2', connections: [], clusters: [odd] });
    const again = settle(after, { api: 'v2', connections: [], clusters: [odd] });
    expect(newlyUnreadable(before, after)).toEqual([{ clusterName: 'orders', detail: 'Not what Atlas documents' }]);
    expect(newlyUnreadable(after, again)).toEqual([]);
  });
});
