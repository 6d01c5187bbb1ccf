/** What the answers say besides status and message, from the answer to all who read it: metrics, page, JSON, `poll`, state. */
import { describe, expect, test } from 'vitest';
import { approvedEndpoint } from '../../src/atlas/lists/approved-endpoint.ts';
import { dataFederationEndpoint } from '../../src/atlas/lists/data-federation.ts';
import { streamsConnection } from '../../src/atlas/lists/streams.ts';
import { parseInterfaceEndpoint, parseServices } from '../../src/atlas/lists/v2.ts';
import { parseConnections } from '../../src/atlas/lists/wire.ts';
import { pollTable } from '../../src/cli/poll-table.ts';
import { enterReading, type Ledger } from '../../src/domain/ledger.ts';
import type { ConnectionReading } from '../../src/domain/reading.ts';
import type { CloudProvider, Kind } from '../../src/domain/status.ts';
import { toConnectionsJson } from '../../src/http/api/api.ts';
import { toObject } from '../../src/http/api/json.ts';
import { connectionStateFamilies, toShownConnections } from '../../src/metrics/connections.ts';
import { isLedger } from '../../src/state/file/shape.ts';
import { aProject, aView, pageAt, textOf } from '../pages/view.ts';
import { aSource, at } from '../support/builders.ts';

interface Said {
  readonly ledger: Ledger;
  readonly samples: readonly string[];
  readonly page: string;
  readonly json: unknown;
  readonly table: string;
}

/** What all who read it make of one list. */
async function said(kind: Kind, cloudProvider: CloudProvider | '', list: readonly ConnectionReading[]): Promise<Said> {
  const source = aSource({ kind, cloudProvider });
  const { ledger } = enterReading(null, { api: 'v2', connections: list, clusters: [] }, kind, at(0));
  expect(isLedger(JSON.parse(JSON.stringify(ledger)))).toBe(true);
  const samples: string[] = [];
  for (const family of connectionStateFamilies) {
    if (!/_info$|_remote_region$/.test(family.name)) continue;
    for (const one of toShownConnections(source, ledger, false, true)) {
      family.samples(one, (values, value, last) => {
        const all = last == null ? values : [...values, last];
        const labels = family.labels.slice(-3).map((label, index) => `${label}=${all.slice(-3)[index]}`);
        samples.push(
          `${family.name.slice('mongodb_atlas_private_endpoint_connection'.length)} ${labels.join(' ')} ${value}`,
        );
      });
    }
  }
  const { state } = aProject({}, []).sources[0] ?? {};
  if (!state) throw new Error('No source');
  const view = aView([aProject({ sources: [{ source, state: { ...state, ledger }, nextPollAt: null }] })]);
  return {
    ledger,
    samples,
    page: textOf(await pageAt('/', view)),
    json: toObject(toConnectionsJson(view, { limit: 10 }))['connections' as never],
    table: pollTable(view, (text) => text),
  };
}

const service = {
  id: '66b1d2e3f405162738495a61',
  status: 'AVAILABLE',
  regionName: 'US_EAST_1',
  interfaceEndpoints: [],
};
const servicesWith = (supportedRemoteRegions: unknown) =>
  parseServices([{ ...service, supportedRemoteRegions }], 'AWS');

describe('other regions that may connect', () => {
  test('are told by all, in one order', async () => {
    const all = await said('cluster', 'AWS', await servicesWith(['US_WEST_2', 'EU_WEST_1', 'US_WEST_2', null, '']));
    expect(all.samples.filter((sample) => sample.startsWith('_remote'))).toEqual([
      `_remote_region cloud_provider=AWS connection_id=${service.id} atlas_region=EU_WEST_1 1`,
      `_remote_region cloud_provider=AWS connection_id=${service.id} atlas_region=US_WEST_2 1`,
    ]);
    expect(all.page).toContain('Other regions that may connect: EU_WEST_1, US_WEST_2');
    expect(all.table).toContain('Other regions that may connect: EU_WEST_1, US_WEST_2');
    expect(all.json).toMatchObject([{ remote_regions: ['EU_WEST_1', 'US_WEST_2'] }]);
  });

  test('that come and go are changes; the first ones, odd ones and another order are none', async () => {
    const steps = [['US_WEST_2'], 7, ['US_WEST_2', 'EU_WEST_1'], ['EU_WEST_1', 'US_WEST_2'], null, ['EU_WEST_1']];
    const first = await parseServices([service], 'AWS');
    let ledger = enterReading(null, { api: 'v2', connections: first, clusters: [] }, 'cluster', at(0)).ledger;
    const told: unknown[] = [];
    for (const [index, regions] of steps.entries()) {
      const reading = { api: 'v2', connections: await servicesWith(regions), clusters: [] } as const;
      const entered = enterReading(ledger, reading, 'cluster', at(index));
      told.push(entered.changes.map(({ type, from, to }) => [type, from, to]));
      ledger = entered.ledger;
    }
    expect(told).toEqual([
      [['remote_regions', null, 'US_WEST_2']],
      [],
      [['remote_regions', 'US_WEST_2', 'EU_WEST_1, US_WEST_2']],
      [],
      [['remote_regions', 'EU_WEST_1, US_WEST_2', null]],
      [['remote_regions', null, 'EU_WEST_1']],
    ]);
  });

  test('that a state of an earlier version knows nothing of are no change when they are first read', async () => {
    const { remoteRegions: _, ...known } = (await servicesWith(['EU_WEST_1']))[0] ?? { remoteRegions: null };
    const before = enterReading(null, { api: 'v2', connections: [known as never], clusters: [] }, 'cluster', at(0));
    const reading = { api: 'v2', connections: await servicesWith(['EU_WEST_1']), clusters: [] } as const;
    const after = enterReading(before.ledger, reading, 'cluster', at(1));
    expect(after.changes).toEqual([]);
    expect(after.ledger.snapshot.connections[0]?.remoteRegions).toEqual(['EU_WEST_1']);
  });
});

test.each([
  [
    'a service',
    { serviceEndpointId: 'com.amazonaws.vpce.x', dnsDomain: 'd', vendor: 'CONFLUENT' },
    'com.amazonaws.vpce.x',
  ],
  [
    'an ARN',
    { arn: 'arn:aws:kafka:us-east-1:1:cluster/a', dnsDomain: 'd', vendor: 'MSK' },
    'arn:aws:kafka:us-east-1:1:cluster/a',
  ],
  ['a domain', { dnsDomain: 'orders.servicebus.windows.net', vendor: 'EVENTHUB' }, 'orders.servicebus.windows.net'],
  ['an attachment', { gcpServiceAttachmentUris: ['projects/p/a', 'projects/p/b'], vendor: 'X' }, 'projects/p/a'],
  ['a resource', { azureResourceIds: ['/subscriptions/1', 'b'], arn: 7, vendor: 'X' }, '/subscriptions/1'],
])('what a connection of Stream Processing goes to: %s', async (_, more, target) => {
  const wire = { _id: '66e1d2e3f405162738495d90', provider: 'AWS', state: 'DONE', region: 'US_EAST_1', ...more };
  const all = await said('streams', '', await parseConnections([wire], streamsConnection));
  expect(all.samples).toEqual([`_info connection_cloud_provider=AWS connection_name= vendor=${more.vendor} 1`]);
  expect(all.json).toMatchObject([{ endpoint_service_name: target, vendor: more.vendor }]);
  expect(all.page).toContain(`It goes to ${target} (${more.vendor})`);
  expect(all.table).toContain(`It goes to ${target} (${more.vendor})`);
});

test('a private endpoint of Data Federation says what it goes to, or what Atlas lacks', async () => {
  const wire = { endpointId: 'vpce-0a1b2c3d4e5f60721', provider: 'AWS', status: 'OK' };
  const dns = { region: 'US_EAST_1', customerEndpointDNSName: 'vpce-1.us-east-1.vpce.amazonaws.com' };
  const of = async (more: object) =>
    said('data_federation', '', await parseConnections([{ ...wire, ...more }], dataFederationEndpoint));
  const whole = await of(dns);
  expect(whole.json).toMatchObject([{ endpoint_service_name: dns.customerEndpointDNSName }]);
  expect(whole.page).toContain(`It goes to ${dns.customerEndpointDNSName}`);
  expect(whole.page).not.toContain('Atlas was told no');
  const lacking =
    'Atlas was told no region and DNS name of the interface endpoint and gives no connection string for it';
  expect((await of({})).page).toContain(lacking);
  expect((await of({})).table).toContain(lacking);
  expect((await of({ provider: 'AZURE' })).page).not.toContain('Atlas was told no');
  expect((await of({ status: 'PENDING' })).page).not.toContain('Atlas was told no');
});

test('an endpoint that waits for approval says which connection it is', async () => {
  const wire = { id: '66f1d2e3f405162738495ea1', cloudProvider: 'AZURE', regionName: 'EUROPE_NORTH' };
  const of = async (status: string, privateEndpointConnectionName: unknown) => {
    const element = { ...wire, status, privateEndpointConnectionName };
    return said('encryption_at_rest', 'AZURE', await parseConnections([element], approvedEndpoint));
  };
  const words = 'Approve the private endpoint connection northeurope-atlas-kv.1 in the console of your cloud';
  const waiting = await of('PENDING_ACCEPTANCE', 'northeurope-atlas-kv.1');
  expect(waiting.page).toContain(words);
  expect(waiting.table).toContain(words);
  expect(waiting.json).toMatchObject([{ connection_name: 'northeurope-atlas-kv.1' }]);
  expect(waiting.samples[0]).toContain('connection_name=northeurope-atlas-kv.1');
  const active = await of('ACTIVE', 'northeurope-atlas-kv.1');
  expect(active.page).not.toContain('Approve the private');
  expect(active.samples[0]).toContain('connection_name=northeurope-atlas-kv.1');
  expect((await of('ACTIVE', null)).samples[0]).toContain('connection_name= ');
  expect((await of('ACTIVE', ['?'])).json).toMatchObject([
    { status: 'ACTIVE', connection_name: null, unreadable: null },
  ]);
});

test('nothing attached to a connection that is ready is said; of one that is not ready its status says enough', async () => {
  const words = 'No interface endpoint is attached to it: nothing goes through it';
  const all = await said('cluster', 'AWS', await servicesWith(null));
  expect(all.page).toContain(words);
  expect(all.table).toContain(words);
  const failed = await said('cluster', 'AWS', await parseServices([{ ...service, status: 'FAILED' }], 'AWS'));
  expect(failed.page).not.toContain(words);
});

describe('members of a group of Google Cloud', () => {
  const group = (endpoints: readonly object[], more: object = {}) => ({
    endpointGroupName: 'grp',
    status: 'AVAILABLE',
    endpoints,
    ...more,
  });
  const of = async (answer: object) => {
    const services = await parseServices(
      [{ id: '66d1d2e3f405162738495c81', status: 'AVAILABLE', regionName: 'X', endpointGroupNames: ['grp'] }],
      'GCP',
    );
    const detail = parseInterfaceEndpoint(answer, 'GCP');
    return said(
      'cluster',
      'GCP',
      services.map((one) => ({ ...one, interfaceEndpoints: [{ key: 'grp', id: 'grp', detail }] })),
    );
  };

  test('one that failed is trouble on the page, in JSON and in the table, by name', async () => {
    const all = await of(
      group([
        { endpointName: 'grp-0', status: 'AVAILABLE' },
        { endpointName: 'grp-2', status: 'FAILED' },
        { endpointName: 'grp-1', status: 'failed' },
      ]),
    );
    expect(all.page).toContain('1 connection of 1 needs a look');
    expect(all.page).toContain('Member failed');
    expect(all.page).toContain('2 of 3 members failed: grp-1, grp-2');
    expect(all.page).toContain('What to do: Look for the forwarding rule that is named here');
    expect(all.table).toContain('2 of 3 members failed: grp-1, grp-2');
    expect(all.table).toContain('1 in trouble');
    expect(all.json).toMatchObject([{ interface_endpoints: [{ failed_members: ['grp-1', 'grp-2'] }] }]);
  });

  test('one without a name is counted', async () => {
    const all = await of(group([{ endpointName: null, status: 'FAILED' }, { status: 'AVAILABLE' }]));
    expect(all.page).toContain('1 of 2 members failed');
    expect(all.table).toContain('1 of 2 members failed\n');
  });

  test('many are named in short, and those of a group that failed itself are no second trouble', async () => {
    const names = Array.from({ length: 12 }, (_, index) => ({ endpointName: `g${index + 10}`, status: 'FAILED' }));
    const all = await of(group(names, { status: 'FAILED' }));
    expect(all.page).toContain('12 of 12 members failed: g10, g11, g12, g13, g14, g15, g16, g17, g18, g19, and 2 more');
    expect(all.page).toContain('1 connection of 1 is broken');
    expect(all.table).toContain('1 in trouble');
  });

  test('none that failed is nothing', async () => {
    const all = await of(group([{ endpointName: 'grp-0', status: 'AVAILABLE' }]));
    expect(all.page).toContain('All well');
    expect(all.table).toContain('0 in trouble');
    expect(all.json).toMatchObject([{ interface_endpoints: [{ failed_members: [] }] }]);
  });
});
