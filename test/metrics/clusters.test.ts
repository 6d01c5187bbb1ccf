import { describe, expect, test } from 'vitest';
import { unreadableCluster } from '../../src/domain/cluster.ts';
import { unpolled } from '../../src/domain/poll.ts';
import { type Connection, interfaceEndpointKey } from '../../src/domain/snapshot.ts';
import { type SourceView, toClusterLists } from '../../src/domain/view.ts';
import { clusterFamilies, toShownClusters } from '../../src/metrics/clusters.ts';
import {
  aCluster,
  aClusterList,
  aConnection,
  aLinkList,
  anInterfaceEndpoint,
  aString,
  at,
} from '../support/builders.ts';

const id = '5df264b8f10fab7d2cad2f0d';

/** The samples of one family: label values and value. */
function samples(name: string, ...sources: readonly SourceView[]) {
  const family = clusterFamilies.find((one) => one.name === `mongodb_atlas_cluster_${name}`);
  const found: (string | number)[][] = [];
  for (const view of toClusterLists(sources))
    for (const cluster of toShownClusters(view, true))
      family?.samples(cluster, (labels, value, last) =>
        found.push([...labels, ...(last == null ? [] : [last]), value]),
      );
  expect(family).toBeDefined();
  return found;
}

const ready = aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] });
const orders = aCluster('orders', { strings: [aString(['vpce-1'])] });

describe('a cluster', () => {
  test('is shown with its state, its pause and the number of its strings', () => {
    expect(samples('info', aClusterList([orders]))).toEqual([[id, 'orders', 'REPLICASET', 1]]);
    expect(samples('state', aClusterList([orders]))).toEqual([
      [id, 'orders', 'IDLE', 1],
      ...['CREATING', 'UPDATING', 'DELETING', 'REPAIRING', 'OTHER'].map((state) => [id, 'orders', state, 0]),
    ]);
    expect(samples('state', aClusterList([aCluster('a', { state: 'HIBERNATING' })])).at(-1)).toEqual([
      id,
      'a',
      'OTHER',
      1,
    ]);
    expect(samples('paused', aClusterList([aCluster('a', { paused: true })]))).toEqual([[id, 'a', 1]]);
    expect(samples('private_connection_strings', aClusterList([orders]))).toEqual([[id, 'orders', 1]]);
  });

  test('counts strings that come and go, from 0', () => {
    const name = 'private_connection_string_changes_total';
    expect(samples(name, aClusterList([orders]))).toEqual([
      [id, 'orders', 'added', 0],
      [id, 'orders', 'removed', 0],
    ]);
    expect(samples(name, aClusterList([orders], [aCluster('orders')]))).toContainEqual([id, 'orders', 'removed', 1]);
    expect(
      samples('private_connection_string_last_change_timestamp_seconds', aClusterList([orders], [aCluster('orders')])),
    ).toEqual([
      [id, 'orders', 'added', 0],
      [id, 'orders', 'removed', at(60_000).wall / 1000],
    ]);
  });

  test('that is gone keeps its counters beside its tombstone, and nothing else', () => {
    const gone = aClusterList([orders], []);
    expect(samples('info', gone)).toEqual([]);
    expect(samples('removed_timestamp_seconds', gone)).toEqual([[id, 'orders', at(60_000).wall / 1000]]);
    expect(samples('private_connection_string_changes_total', gone)).toContainEqual([id, 'orders', 'removed', 1]);
  });

  test('that cannot be read says so, and shows counters alone beside it', () => {
    const odd = aClusterList([orders], [unreadableCluster('orders', 'odd')]);
    expect(samples('unreadable', odd)).toEqual([[id, 'orders', 1]]);
    expect(samples('unreadable', aClusterList([orders]))).toEqual([]);
    for (const name of ['info', 'state', 'paused', 'private_connection_strings', 'interface_endpoint_info'])
      expect(samples(name, odd)).toEqual([]);
    expect(samples('private_connection_string_changes_total', odd)).toContainEqual([id, 'orders', 'removed', 0]);
  });

  test('of a stale list shows counters alone', () => {
    const list = aClusterList([orders]);
    const stale = { ...list, state: { ...list.state, freshness: { ...list.state.freshness, stale: true } } };
    expect(samples('private_connection_strings', stale)).toEqual([]);
    expect(samples('private_connection_string_changes_total', stale)).toHaveLength(2);
  });
});

describe('the join from a link to its clusters', () => {
  test('has each interface endpoint once, however many strings go through it', () => {
    const sharded = aCluster('orders', { strings: [aString(['vpce-1']), aString(['vpce-1', 'vpce-2'])] });
    expect(samples('interface_endpoint_info', aClusterList([sharded]), aLinkList([ready]))).toEqual([
      [id, 'orders', 'AWS', 'vpce-1', 1],
      [id, 'orders', 'AWS', 'vpce-2', 1],
    ]);
  });

  test("spells Azure's ids as the families of interface endpoints do", () => {
    const link = '/subscriptions/1f/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe';
    const cluster = aCluster('orders', {
      strings: [
        {
          ...aString([]),
          endpoints: [
            {
              key: interfaceEndpointKey(link, 'AZURE'),
              id: link.toUpperCase(),
              cloudProvider: 'AZURE',
              region: 'US_EAST_2',
            },
          ],
        },
      ],
    });
    const azure = aConnection('c1', {
      cloudProvider: 'AZURE',
      interfaceEndpoints: [anInterfaceEndpoint(link, {}, 'AZURE')],
    });
    expect(samples('interface_endpoint_info', aClusterList([cluster]), aLinkList([azure], 'AZURE'))).toEqual([
      [id, 'orders', 'AZURE', link, 1],
    ]);
  });
});

describe('whether a region is ready', () => {
  const of = (connections: readonly Connection[], cluster = orders) =>
    samples('region_private_endpoint_ready', aClusterList([cluster]), aLinkList(connections));

  test.each<[string, readonly Connection[], number]>([
    ['a ready connection with a ready endpoint', [ready], 1],
    ['no endpoint', [aConnection('c1')], 0],
    [
      'an endpoint that failed',
      [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('v', { status: 'FAILED' })] })],
      0,
    ],
    ['a connection that failed', [{ ...ready, status: 'FAILED' }], 0],
    ['a connection of another region', [{ ...ready, region: 'EU_WEST_1' }], 0],
    ['two connections, one of them ready', [{ ...ready, status: 'FAILED', id: 'c0' }, ready], 1],
  ])('%s', (_, connections, value) => {
    expect(of(connections)).toEqual([[id, 'orders', 'AWS', 'US_EAST_1', value]]);
  });

  test('is not told of a project without any private endpoint', () => {
    expect(of([])).toEqual([]);
  });

  test('is not told of a cloud whose list is not watched, was never read, or is stale', () => {
    const other = aCluster('orders', { regions: [{ cloudProvider: 'GCP', region: 'CENTRAL_US' }] });
    expect(of([ready], other)).toEqual([]);
    const links = aLinkList([ready]);
    const stale = { ...links, state: { ...links.state, freshness: { ...links.state.freshness, stale: true } } };
    expect(samples('region_private_endpoint_ready', aClusterList([orders]), stale)).toEqual([]);
    const unread = { ...aLinkList([]), state: { ...unpolled } };
    expect(samples('region_private_endpoint_ready', aClusterList([orders]), unread)).toEqual([]);
  });
});
