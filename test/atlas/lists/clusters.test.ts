import { describe, expect, test } from 'vitest';
import { parseClusters, targetsOf } from '../../../src/atlas/lists/clusters.ts';
import { type Cluster, diffClusters } from '../../../src/domain/cluster.ts';

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

/** The one cluster of the answer. */
async function read(element: object): Promise<Cluster> {
  const [cluster] = await parseClusters([element]);
  if (!cluster) throw new Error('It is left out');
  return cluster;
}

/** The regions of a cluster in Atlas' form. */
function specs(region: object) {
  return { replicationSpecs: [{ regionConfigs: [region] }] };
}

/** A string of orders with other fields. */
function withString(fields: object) {
  const [string] = orders.connectionStrings.privateEndpoint;
  return { ...orders, connectionStrings: { privateEndpoint: [{ ...string, ...fields }] } };
}

describe('a cluster as Atlas tells it', () => {
  test('regions, strings, and what they go through', async () => {
    expect(await read(orders)).toEqual({
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

  test('a string without end counts without being read, and hints without end are as good as missing', async () => {
    const [string] = orders.connectionStrings.privateEndpoint;
    const endless = 'X'.repeat(2_049);
    const cluster = await read({
      ...orders,
      clusterType: endless,
      connectionStrings: {
        privateEndpoint: [
          {
            ...string,
            connectionString: `mongodb://${'a,'.repeat(8_192)}a/`,
            endpoints: string?.endpoints.map((endpoint) => ({ ...endpoint, region: endless })),
          },
        ],
      },
    });
    expect(cluster.type).toBe('');
    expect(cluster.strings).toMatchObject([{ targets: [], isUri: false, endpoints: [{ region: '' }] }]);
  });

  test.each([
    ['missing', {}],
    ['null', { connectionStrings: null }],
    ['{}', { connectionStrings: {} }],
    ['without privateEndpoint', { connectionStrings: { standardSrv: 'mongodb+srv://a.example' } }],
    ['with an empty one', { connectionStrings: { awsPrivateLinkSrv: {}, privateEndpoint: [] } }],
    ['with one that holds no string', { connectionStrings: { privateEndpoint: [{ type: 'MONGOD', endpoints: [] }] } }],
  ])('connectionStrings %s: none', async (_, more) => {
    const { connectionStrings: _all, ...rest } = orders;
    expect((await read({ ...rest, ...more })).strings).toEqual([]);
  });

  test.each([['srvConnectionString'], ['srvShardOptimizedConnectionString']])(
    '%s alone counts, and has no hosts',
    async (key) => {
      const wire = { ...orders, connectionStrings: { privateEndpoint: [{ [key]: 'mongodb+srv://a-pl-0.example' }] } };
      expect((await read(wire)).strings).toEqual([{ type: '', endpoints: [], targets: [], isUri: true }]);
    },
  );

  test('a string that is no URI counts, and has no hosts', async () => {
    const wire = {
      ...orders,
      connectionStrings: { privateEndpoint: [{ connectionString: 'ask your administrator' }] },
    };
    expect((await read(wire)).strings).toMatchObject([{ targets: [], isUri: false }]);
  });

  test('the regions in force win over those that are asked for, and shared tiers have none', async () => {
    const regionConfigs = [
      { providerName: 'AWS', regionName: 'EU_WEST_1' },
      { providerName: 'TENANT', backingProviderName: 'AWS', regionName: 'US_EAST_1' },
    ];
    expect((await read({ ...orders, effectiveReplicationSpecs: [{ regionConfigs }] })).regions).toEqual([
      { cloudProvider: 'AWS', region: 'EU_WEST_1' },
    ]);
    expect((await read({ ...orders, replicationSpecs: [{}] })).regions).toEqual([]);
    expect((await read({ ...orders, replicationSpecs: null })).regions).toEqual([]);
  });

  test('Azure changes the case of its ids: the key does not', async () => {
    const id = '/subscriptions/1F/resourceGroups/RG/providers/Microsoft.Network/privateEndpoints/pe';
    const endpoints = [{ endpointId: id, providerName: 'AZURE', region: 'US_EAST_2' }];
    const wire = { ...orders, connectionStrings: { privateEndpoint: [{ connectionString: seedList, endpoints }] } };
    expect((await read(wire)).strings[0]?.endpoints).toMatchObject([{ key: id.toLowerCase(), id }]);
  });

  test.each([
    ['AGENT', true],
    ['NONE', false],
    [null, false],
  ])('internalClusterRole %s', async (internalClusterRole, internal) => {
    expect(await parseClusters([{ ...orders, internalClusterRole }])).toHaveLength(internal ? 0 : 1);
  });

  test.each([
    ['a word nobody knows', { stateName: 'hibernating' }, 'HIBERNATING'],
    ['none', { stateName: undefined }, ''],
    ['null', { stateName: null }, ''],
  ])('stateName: %s', async (_, more, state) => {
    expect((await read({ ...orders, ...more })).state).toBe(state);
  });

  test.each(['', undefined, null, 5, 'orders\u202e'])('a name that is none (%j) fails the list', async (name) => {
    await expect(parseClusters([orders, { ...orders, name }])).rejects.toThrow(
      'Element 1 is not what Atlas documents at name',
    );
  });

  test('regions that are asked for count where none is in force', async () => {
    expect((await read({ ...orders, effectiveReplicationSpecs: [] })).regions).toEqual([
      { cloudProvider: 'AWS', region: 'US_EAST_1' },
    ]);
  });

  test.each(['OCI', undefined, null])(
    'an endpoint of the cloud %s leaves its string what it is',
    async (providerName) => {
      const endpointId = 'vpce-0a1b2c3d4e5f60711';
      const [known] = (await read(withString({ endpoints: [{ endpointId, providerName }] }))).strings;
      expect(known?.endpoints).toEqual([
        { key: endpointId, id: endpointId, cloudProvider: providerName ?? '', region: '' },
      ]);
      expect(
        diffClusters([await read(orders)], [await read(withString({ endpoints: [{ endpointId, providerName }] }))]),
      ).toEqual([]);
    },
  );

  test("Azure's ids are known by their form", async () => {
    const endpointId = '/Subscriptions/1F/privateEndpoints/pe';
    const [string] = (await read(withString({ endpoints: [{ endpointId, providerName: 'AZURE_GOV' }] }))).strings;
    expect(string?.endpoints).toMatchObject([{ key: endpointId.toLowerCase(), id: endpointId }]);
  });

  test('a region of a cloud that is new needs an endpoint too', async () => {
    const regionConfigs = [{ providerName: 'OCI', regionName: 'EU_1' }, { providerName: 'FLEX', regionName: 'US' }, {}];
    expect((await read({ ...orders, replicationSpecs: [{ regionConfigs }] })).regions).toEqual([
      { cloudProvider: 'OCI', region: 'EU_1' },
    ]);
  });
});

describe('what is there in another form makes the cluster unreadable, and no other one', () => {
  test.each<[string, object]>([
    ['connectionStrings', { connectionStrings: 'none' }],
    ['connectionStrings', { connectionStrings: [] }],
    ['connectionStrings.privateEndpoint', { connectionStrings: { privateEndpoint: {} } }],
    ['connectionStrings.privateEndpoint.0', { connectionStrings: { privateEndpoint: ['mongodb://a:1024'] } }],
    ['connectionStrings.privateEndpoint.0.endpoints', withString({ endpoints: 'vpce-1' })],
    ['connectionStrings.privateEndpoint.0.endpoints.0.endpointId', withString({ endpoints: [{ region: 'US' }] })],
    ['connectionStrings.privateEndpoint.0.connectionString', withString({ connectionString: 5 })],
    ['connectionStrings.privateEndpoint.0.type', withString({ type: [] })],
    ['replicationSpecs', { replicationSpecs: 'US_EAST_1' }],
    ['replicationSpecs.0', { replicationSpecs: [null] }],
    ['replicationSpecs.0.regionConfigs', { replicationSpecs: [{ regionConfigs: 'US_EAST_1' }] }],
    ['replicationSpecs.0.regionConfigs.0', { replicationSpecs: [{ regionConfigs: ['US_EAST_1'] }] }],
    ['effectiveReplicationSpecs.0.regionConfigs', { effectiveReplicationSpecs: [{ regionConfigs: {} }] }],
    ['replicationSpecs.0.regionConfigs.0.regionName', specs({ providerName: 'AWS', regionName: 'X'.repeat(2_049) })],
    ['stateName', { stateName: 'X'.repeat(2_049) }],
    ['paused', { paused: 'no' }],
    ['stateName', { stateName: 5 }],
  ])('%s: %j', async (where, more) => {
    const clusters = await parseClusters([
      { ...orders, ...more },
      { ...orders, name: 'payments' },
    ]);
    expect(clusters.map(({ name }) => name)).toEqual(['orders', 'payments']);
    expect(clusters[0]?.unreadable).toContain(`Not what Atlas documents at ${where}:`);
    expect(clusters[1]).toMatchObject({ state: 'IDLE', strings: [{}] });
    expect(clusters[1]?.unreadable).toBeUndefined();
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
  ])('%s', async (text, targets) => {
    expect(targetsOf(text)).toEqual(targets);
  });
});
