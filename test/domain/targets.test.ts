import { expect, test } from 'vitest';
import type { Cluster } from '../../src/domain/cluster.ts';
import { unreadableCluster } from '../../src/domain/cluster.ts';
import { countTargets, probeTargets } from '../../src/domain/targets.ts';
import { aCluster, aClusterList, aConnection, aLinkList, anInterfaceEndpoint, aString } from '../support/builders.ts';

const links = [aLinkList([aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] })])];
const targets = (...polls: readonly (readonly Cluster[])[]) => probeTargets({ ...aClusterList(...polls), links });
const through = { cloudProvider: 'AWS', region: 'US_EAST_1', id: 'vpce-1' };
const a = ['a.example:1024', 'a.example:1025'];

test.each<[string, readonly Cluster[][], readonly object[]]>([
  ['a cluster without a string', [[aCluster('orders', { strings: [] })]], []],
  [
    'a string through one endpoint names it',
    [[aCluster('orders', { strings: [aString(['vpce-1'], a)] })]],
    a.map((address) => ({ address, endpoint: expect.objectContaining(through) })),
  ],
  [
    'a string through several endpoints names none',
    [[aCluster('orders', { strings: [aString(['vpce-1', 'vpce-2'], a)] })]],
    a.map((address) => ({ address, endpoint: null })),
  ],
  [
    'a host of two strings through the same endpoint is one target',
    [[aCluster('orders', { strings: [aString(['vpce-1'], a), aString(['vpce-1'], [...a, 'b.example:1024'])] })]],
    [...a, 'b.example:1024'].map((address) => ({ address })),
  ],
  [
    'a host of two strings through different endpoints is two',
    [[aCluster('orders', { strings: [aString(['vpce-1']), aString(['vpce-2'])] })]],
    [{ endpoint: { id: 'vpce-1' } }, { endpoint: { id: 'vpce-2' } }],
  ],
  [
    'a string that is no URI gives none',
    [[aCluster('orders', { strings: [{ ...aString(['vpce-1'], []), isUri: false }] })]],
    [],
  ],
  [
    'a cluster that cannot be read keeps its targets',
    [[aCluster('orders', { strings: [aString(['vpce-1'])] })], [unreadableCluster('orders', 'its regions')]],
    [{ address: 'pl-0.example:1024', clusterName: 'orders', stringType: 'MONGOD' }],
  ],
])('%s', (_, polls, wanted) => {
  const found = targets(...polls);
  expect(found).toMatchObject(wanted);
  expect(found).toHaveLength(wanted.length);
  expect(countTargets([aClusterList(...polls), ...links])).toBe(wanted.length);
});

test('an id of Azure is spelled as the links spell it, whatever the string says', () => {
  const key = '/subscriptions/a/pe-1';
  const spelled = '/subscriptions/A/PE-1';
  const azure = [
    aLinkList([aConnection('c1', { interfaceEndpoints: [{ ...anInterfaceEndpoint(spelled), key }] })], 'AZURE'),
  ];
  const string = aString([key]);
  expect(probeTargets({ ...aClusterList([aCluster('orders', { strings: [string] })]), links: azure })).toMatchObject([
    { endpoint: { id: spelled } },
  ]);
});
