import { describe, expect, test } from 'vitest';
import { clusterElement, targetsOf } from '../../../src/atlas/lists/clusters.ts';

const seedList =
  'mongodb://pl-0-us-east-1.k9x2c.mongodb.net:1024,pl-0-us-east-1.k9x2c.mongodb.net:1025/?ssl=true&replicaSet=atlas-1';

const orders = {
  id: '66a1b2c3d4e5f60718293a4b',
  name: 'orders',
  clusterType: 'REPLICASET',
  stateName: 'IDLE',
  paused: false,
  replicationSpecs: [{ regionConfigs: [{ providerName: 'AWS', regionName: 'US_EAST_1' }] }],
  connectionStrings: {
    standardSrv: 'mongodb+srv://orders.k9x2c.mongodb.net',
    privateEndpoint: [
      {
        type: 'MONGOD',
        connectionString: seedList,
        srvConnectionString: 'mongodb+srv://orders-pl-0.k9x2c.mongodb.net',
        endpoints: [{ endpointId: 'vpce-0a1b2c3d4e5f60711', providerName: 'AWS', region: 'US_EAST_1' }],
      },
    ],
  },
};

describe('a cluster as Atlas tells it', () => {
  test('regions, strings, and what they go through', () => {
    expect(clusterElement.parse(orders)).toEqual({
      internal: false,
      name: 'orders',
      type: 'REPLICASET',
      state: 'IDLE',
      paused: false,
      regions: [{ cloudProvider: 'AWS', region: 'US_EAST_1' }],
      strings: [
        {
          type: 'MONGOD',
          endpoints: [
            { key: 'vpce-0a1b2c3d4e5f60711', id: 'vpce-0a1b2c3d4e5f60711', cloudProvider: 'AWS', region: 'US_EAST_1' },
          ],
          targets: ['pl-0-us-east-1.k9x2c.mongodb.net:1024', 'pl-0-us-east-1.k9x2c.mongodb.net:1025'],
          isUri: true,
        },
      ],
    });
  });

  test('texts without end are as good as missing, and a string of that sort counts without being read', () => {
    const [string] = orders.connectionStrings.privateEndpoint;
    const endless = 'X'.repeat(2_049);
    const cluster = clusterElement.parse({
      ...orders,
      clusterType: endless,
      stateName: endless,
      replicationSpecs: [{ regionConfigs: [{ providerName: 'AWS', regionName: endless }] }],
      connectionStrings: {
        privateEndpoint: [
          {
            ...string,
            type: endless,
            connectionString: `mongodb://${'a,'.repeat(8_192)}a/`,
            endpoints: string?.endpoints.map((endpoint) => ({ ...endpoint, region: endless })),
          },
        ],
      },
    });
    expect(cluster).toMatchObject({ type: '', state: '', regions: [] });
    expect(cluster.strings).toMatchObject([{ type: '', targets: [], isUri: false, endpoints: [{ region: '' }] }]);
  });

  test.each([
    ['missing', {}],
    ['null', { connectionStrings: null }],
    ['{}', { connectionStrings: {} }],
    ['without privateEndpoint', { connectionStrings: { standardSrv: 'mongodb+srv://a.example' } }],
    ['with an empty one', { connectionStrings: { awsPrivateLinkSrv: {}, privateEndpoint: [] } }],
    ['with one that holds no string', { connectionStrings: { privateEndpoint: [{ type: 'MONGOD', endpoints: [] }] } }],
  ])('connectionStrings %s: none', (_, more) => {
    const { connectionStrings: _all, ...rest } = orders;
    expect(clusterElement.parse({ ...rest, ...more }).strings).toEqual([]);
  });

  test.each([['srvConnectionString'], ['srvShardOptimizedConnectionString']])(
    '%s alone counts, and has no hosts',
    (key) => {
      const wire = { ...orders, connectionStrings: { privateEndpoint: [{ [key]: 'mongodb+srv://a-pl-0.example' }] } };
      expect(clusterElement.parse(wire).strings).toEqual([{ type: '', endpoints: [], targets: [], isUri: true }]);
    },
  );

  test('a string that is no URI counts, and has no hosts', () => {
    const wire = {
      ...orders,
      connectionStrings: { privateEndpoint: [{ connectionString: 'ask your administrator' }] },
    };
    expect(clusterElement.parse(wire).strings).toMatchObject([{ targets: [], isUri: false }]);
  });

  test('the regions in force win over those that are asked for, and shared tiers have none', () => {
    const regionConfigs = [
      { providerName: 'AWS', regionName: 'EU_WEST_1' },
      { providerName: 'TENANT', backingProviderName: 'AWS', regionName: 'US_EAST_1' },
    ];
    expect(clusterElement.parse({ ...orders, effectiveReplicationSpecs: [{ regionConfigs }] }).regions).toEqual([
      { cloudProvider: 'AWS', region: 'EU_WEST_1' },
    ]);
    expect(clusterElement.parse({ ...orders, replicationSpecs: [{}] }).regions).toEqual([]);
    expect(clusterElement.parse({ ...orders, replicationSpecs: null }).regions).toEqual([]);
  });

  test('Azure changes the case of its ids: the key does not', () => {
    const id = '/subscriptions/1F/resourceGroups/RG/providers/Microsoft.Network/privateEndpoints/pe';
    const endpoints = [{ endpointId: id, providerName: 'AZURE', region: 'US_EAST_2' }];
    const wire = { ...orders, connectionStrings: { privateEndpoint: [{ connectionString: seedList, endpoints }] } };
    expect(clusterElement.parse(wire).strings[0]?.endpoints).toMatchObject([{ key: id.toLowerCase(), id }]);
  });

  test.each([
    ['AGENT', true],
    ['NONE', false],
    [null, false],
  ])('internalClusterRole %s', (internalClusterRole, internal) => {
    expect(clusterElement.parse({ ...orders, internalClusterRole }).internal).toBe(internal);
  });

  test.each([
    ['a word nobody knows', { stateName: 'hibernating' }, 'HIBERNATING'],
    ['none', { stateName: undefined }, ''],
    ['a number', { stateName: 5 }, ''],
  ])('stateName: %s', (_, more, state) => {
    expect(clusterElement.parse({ ...orders, ...more }).state).toBe(state);
  });

  test('a cluster without a name is not read', () => {
    expect(clusterElement.safeParse({ ...orders, name: '' }).success).toBe(false);
  });
});

describe('hosts and ports of a string', () => {
  test.each<[string, readonly string[] | null]>([
    ['mongodb://a:1024,b:1025/?x=1', ['a:1024', 'b:1025']],
    ['mongodb://a:1024,A:1024', ['a:1024']],
    ['mongodb://a', ['a:27017']],
    ['mongodb://user:secret@a:1108/db', ['a:1108']],
    ['mongodb+srv://a-pl-0.example', null],
    ['mongodb://', null],
    ['mongodb://a:0', null],
    ['mongodb://a:70000', null],
    ['mongodb://a b:1024', null],
    ['mongodb://a:1024,:1025', null],
    ['', null],
  ])('%s', (text, targets) => {
    expect(targetsOf(text)).toEqual(targets);
  });
});
