import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cluster, unreadableCluster } from '../../src/domain/cluster.ts';
import {
  clustersOn,
  isClusterTroubled,
  namesInShort,
  standingClusters,
  standingReason,
  wouldLackString,
} from '../../src/domain/cluster-standing.ts';
import type { Connection } from '../../src/domain/snapshot.ts';
import { type SourceView, toClusterLists } from '../../src/domain/view.ts';
import {
  aCluster,
  aClusterList,
  aConnection,
  aFailure,
  aLinkList,
  anInterfaceEndpoint,
  aString,
  epoch,
} from '../support/builders.ts';

const hour = 3_600_000;
const east = { cloudProvider: 'AWS', region: 'US_EAST_1' };
const west = { cloudProvider: 'AWS', region: 'US_WEST_2' };
const linkIn = (region: string, status = 'AVAILABLE', endpoint = `vpce-${region}`) =>
  aConnection(region, { region, status, interfaceEndpoints: [anInterfaceEndpoint(endpoint)] });

/** The only cluster of a project with these links, `afterMs` after the last poll began. */
function standing(cluster: Cluster | SourceView, links: readonly Connection[] | null, afterMs = 60_000) {
  const list = 'source' in cluster ? cluster : aClusterList([cluster]);
  const [found] = toClusterLists([list, ...(links ? [aLinkList(links)] : [])]);
  const [one] = found ? standingClusters(found, epoch + afterMs) : [];
  return one && [one.standing, standingReason(one)];
}

describe('how a cluster stands', () => {
  const orders = aCluster('orders', { regions: [east, west] });
  const withString = { ...orders, strings: [aString(['vpce-1'])] };
  const both = [linkIn('US_EAST_1'), linkIn('US_WEST_2')];

  test.each<[string, Cluster, readonly Connection[] | null, string, string]>([
    ['a string, and every region ready', withString, both, 'ready', 'It has a private connection string'],
    [
      'a string, and the link of one region failed',
      withString,
      [linkIn('US_EAST_1'), linkIn('US_WEST_2', 'FAILED')],
      'region_without_endpoint',
      'No ready interface endpoint in AWS US_WEST_2',
    ],
    [
      'AVAILABLE, but no string',
      orders,
      both,
      'no_connection_string',
      'Every region has a ready interface endpoint, and Atlas gives no private connection string',
    ],
    [
      'no string while Atlas works on it',
      { ...orders, state: 'UPDATING' },
      both,
      'updating',
      'Atlas works on it (UPDATING) and gives no private connection string yet',
    ],
    [
      'no string while Atlas makes a managed one',
      { ...orders, managed: { pending: 1, failed: 'an older one failed' } },
      both,
      'updating',
      'Atlas is making a managed private connection string',
    ],
    [
      'no string, because Atlas could not make the managed one',
      { ...orders, managed: { pending: 0, failed: 'vpce-1 is gone' } },
      both,
      'no_connection_string',
      'Every region has a ready interface endpoint, and Atlas gives no private connection string. Atlas could not make the managed one: vpce-1 is gone',
    ],
    [
      'a region without a link',
      orders,
      [linkIn('US_EAST_1')],
      'region_without_endpoint',
      'No ready interface endpoint in AWS US_WEST_2, so Atlas gives no private connection string',
    ],
    [
      'no region with a link',
      orders,
      [linkIn('EU_WEST_1')],
      'no_endpoint',
      'No private connection string: no region of it has a private endpoint',
    ],
    [
      'links that nobody watches',
      orders,
      null,
      'unknown',
      'No private connection string; whether every region has a ready interface endpoint is not known',
    ],
    ['paused, with its strings', { ...withString, paused: true }, both, 'paused', 'Paused: it answers nobody'],
    ['being deleted, with its strings', { ...withString, state: 'DELETING' }, both, 'deleting', 'It is being deleted'],
    [
      'a shared tier',
      { ...orders, regions: [] },
      both,
      'no_endpoint',
      'No private connection string: no region of it has a private endpoint',
    ],
    [
      'not readable',
      unreadableCluster('orders', 'Not what Atlas documents at paused'),
      both,
      'unreadable',
      'What Atlas says of it cannot be read: Not what Atlas documents at paused',
    ],
  ])('%s', (_, cluster, links, expected, reason) => {
    expect(standing(cluster, links)).toEqual([expected, reason]);
  });

  test('a string that went is lost for a day, with the regions that lack an endpoint', () => {
    const list = aClusterList([withString], [orders]);
    const links = [linkIn('US_EAST_1')];
    const lost = 'Its private connection string is gone: no ready interface endpoint in AWS US_WEST_2';
    expect(standing(list, links, 2 * hour)).toEqual(['connection_string_lost', lost]);
    expect(standing(list, both, 2 * hour)?.[1]).toBe('Its private connection string is gone');
    expect(standing(list, links, 25 * hour)?.[0]).toBe('region_without_endpoint');
    expect(standing(aClusterList([withString], [{ ...orders, paused: true }]), links, 2 * hour)?.[0]).toBe('paused');
  });
});

describe('what hangs on a link', () => {
  const list = aClusterList([
    aCluster('payments', { strings: [aString(['vpce-1']), aString(['vpce-1', 'vpce-2'])] }),
    aCluster('orders', { strings: [aString(['vpce-2'])] }),
    aCluster('idle'),
  ]);
  const on = (lists: readonly SourceView[], ...ids: readonly string[]) =>
    clustersOn(toClusterLists(lists))?.({ interfaceEndpoints: ids.map((id) => anInterfaceEndpoint(id)) });

  test('each cluster once, in the order of names', () => {
    expect(on([list], 'vpce-1', 'vpce-2')).toEqual(['orders', 'payments']);
    expect(on([list], 'vpce-1')).toEqual(['payments']);
    expect(on([list], 'vpce-3')).toEqual([]);
  });

  test('is not known while the list of clusters cannot be read, and nothing where nobody watches it', () => {
    const { source, state } = list;
    const failing = { ...state, freshness: { ...state.freshness, up: false, failure: aFailure('forbidden') } };
    expect(on([{ source, state: failing }], 'vpce-1')).toBeNull();
    expect(on([{ source, state: { ...state, ledger: null } }], 'vpce-1')).toBeNull();
    expect(on([aLinkList([])], 'vpce-1')).toBeUndefined();
  });

  test.each<[readonly string[], string]>([
    [[], ''],
    [['orders'], 'orders'],
    [['orders', 'payments'], 'orders and payments'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b and 3 more'],
  ])('%j in short', (names, words) => {
    expect(namesInShort(names)).toBe(words);
  });
});

test('random clusters, regions and links stand as a naive model says', () => {
  const regions = ['US_EAST_1', 'US_WEST_2', 'EU_WEST_1'];
  const aRandomLink = fc.record({
    region: fc.constantFrom(...regions),
    status: fc.constantFrom('AVAILABLE', 'FAILED', 'INITIATING'),
    endpoint: fc.constantFrom('AVAILABLE', 'REJECTED', null),
  });
  const aRandomCluster = fc.record({
    state: fc.constantFrom('IDLE', 'UPDATING', 'DELETING', 'REPAIRING', 'NEW_WORD'),
    paused: fc.boolean(),
    regions: fc.uniqueArray(fc.constantFrom(...regions)),
    strings: fc.integer({ min: 0, max: 2 }),
  });
  fc.assert(
    fc.property(fc.array(aRandomLink, { maxLength: 6 }), aRandomCluster, (links, told) => {
      const usable = new Set(
        links.flatMap(({ region, status, endpoint }) =>
          status === 'AVAILABLE' && endpoint === 'AVAILABLE' ? [region] : [],
        ),
      );
      const covered = told.regions.filter((region) => usable.has(region)).length;
      const all = covered === told.regions.length;
      const model = () => {
        if (told.state === 'DELETING') return 'deleting';
        if (told.paused) return 'paused';
        if (told.strings > 0) return all || links.length === 0 ? 'ready' : 'region_without_endpoint';
        if (told.regions.length === 0) return 'no_endpoint';
        if (links.length === 0) return 'unknown';
        if (covered === 0) return 'no_endpoint';
        if (!all) return 'region_without_endpoint';
        return told.state === 'IDLE' ? 'no_connection_string' : 'updating';
      };
      const cluster = aCluster('orders', {
        state: told.state,
        paused: told.paused,
        regions: told.regions.map((region) => ({ cloudProvider: 'AWS', region })),
        strings: Array.from({ length: told.strings }, (_, index) => aString([`vpce-${index}`])),
      });
      const connections = links.map(({ region, status, endpoint }, index) =>
        aConnection(`c${index}`, {
          region,
          status,
          interfaceEndpoints: endpoint === null ? [] : [anInterfaceEndpoint(`vpce-${index}`, { status: endpoint })],
        }),
      );
      const found = standing(cluster, connections);
      expect(found?.[0]).toBe(model());
      expect(found?.[1]).toBeTruthy();
    }),
  );
});

test('what needs a look is what cuts applications off, or what nobody can see', () => {
  const words = ['connection_string_lost', 'no_connection_string', 'region_without_endpoint', 'unreadable'] as const;
  expect(words.every(isClusterTroubled)).toBe(true);
  expect((['ready', 'paused', 'deleting', 'updating', 'no_endpoint', 'unknown'] as const).some(isClusterTroubled)).toBe(
    false,
  );
});

describe('a cluster that was read just now', () => {
  const orders = aCluster('orders', { regions: [east] });
  const asks = (
    cluster: Cluster,
    before: readonly (readonly Cluster[])[],
    links: readonly Connection[],
    afterMs = 0,
  ) => {
    const [list] = toClusterLists([aClusterList(...before), aLinkList(links)]);
    return list && wouldLackString(cluster, list, epoch + afterMs);
  };
  const ready = [linkIn('US_EAST_1')];

  test('would lack its string when every region is ready, or it had one', () => {
    const served = { ...orders, strings: [aString(['vpce-1'])] };
    expect(asks(orders, [[orders]], ready)).toBe(true);
    expect(asks(orders, [[]], ready)).toBe(true);
    expect(asks(orders, [[orders]], [])).toBe(false);
    expect(asks(orders, [[orders]], [linkIn('EU_WEST_1')])).toBe(false);
    expect(asks(orders, [[served]], [])).toBe(true);
    expect(asks(orders, [[served], [orders]], [], hour)).toBe(true);
    expect(asks(orders, [[served], [orders]], [], 26 * hour)).toBe(false);
  });

  test('lacks none where it has one, is shared, paused, deleted or unreadable', () => {
    for (const one of [
      { ...orders, strings: [aString(['vpce-1'])] },
      { ...orders, regions: [] },
      { ...orders, paused: true },
      { ...orders, state: 'DELETING' },
      unreadableCluster('orders', 'odd'),
    ])
      expect(asks(one, [[orders]], ready)).toBe(false);
  });
});
