/** What Atlas announced for private endpoints of Google Cloud that are not port-mapped, from the answer to all who read it. */
import { describe, expect, test } from 'vitest';
import { parseServices } from '../../src/atlas/lists/v2.ts';
import { pollTable } from '../../src/cli/poll-table.ts';
import { enterReading } from '../../src/domain/ledger.ts';
import { isSunset, sunsetAt } from '../../src/domain/sunset.ts';
import { toConnectionsJson } from '../../src/http/api/api.ts';
import { toObject } from '../../src/http/api/json.ts';
import { connectionStateFamilies, toShownConnections } from '../../src/metrics/connections.ts';
import { isLedger } from '../../src/state/file/shape.ts';
import { aProject, aView, pageAt, textOf } from '../pages/view.ts';
import { aSource, at } from '../support/builders.ts';

const wire = {
  id: '66d1d2e3f405162738495c81',
  status: 'AVAILABLE',
  regionName: 'EUROPE_WEST_3',
  endpointGroupNames: [],
};
const source = aSource({ cloudProvider: 'GCP' });

async function ledgerOf(more: object) {
  const reading = { api: 'v2', connections: await parseServices([{ ...wire, ...more }], 'GCP'), clusters: [] } as const;
  return enterReading(null, reading, 'cluster', at(0)).ledger;
}

async function viewOf(more: object) {
  const { state } = aProject({}, []).sources[0] ?? {};
  if (!state) throw new Error('No source');
  return aView([
    aProject({ sources: [{ source, state: { ...state, ledger: await ledgerOf(more) }, nextPollAt: null }] }),
  ]);
}

async function samplesOf(more: object, stale = false) {
  const family = connectionStateFamilies.find(({ name }) => name.endsWith('_sunset_timestamp_seconds'));
  const found: unknown[] = [];
  for (const one of toShownConnections(source, await ledgerOf(more), stale, true))
    family?.samples(one, (labels, value, last) => found.push([...labels, last, value]));
  return found;
}

const legacy = { portMappingEnabled: false };
const words =
  'Atlas disables it on 2027-04-30, because it is not port-mapped: make a port-mapped service and move to it before';

describe('a connection of Google Cloud that is not port-mapped', () => {
  test('says so in the metrics while it is seen', async () => {
    const labels = [source.projectId, 'cluster', 'GCP', wire.id, 'gcp_not_port_mapped'];
    expect(await samplesOf(legacy)).toEqual([[...labels, Date.UTC(2027, 3, 30) / 1000]]);
    expect(await samplesOf(legacy, true)).toEqual([]);
  });

  test('says so on the page, in JSON and in the table of poll', async () => {
    const view = await viewOf(legacy);
    expect(textOf(await pageAt('/', view))).toContain(words);
    expect(pollTable(view, (text) => text)).toContain(words);
    expect(toObject(toConnectionsJson(view, { limit: 1 }))).toMatchObject({
      connections: [{ sunset: 'gcp_not_port_mapped', sunset_at: '2027-04-30T00:00:00.000Z' }],
    });
  });

  test('is kept in the state, and becoming port-mapped is something new', async () => {
    const ledger = await ledgerOf(legacy);
    expect(isLedger(JSON.parse(JSON.stringify(ledger)))).toBe(true);
    const reading = { api: 'v2', connections: await parseServices([wire], 'GCP'), clusters: [] } as const;
    const after = enterReading(ledger, reading, 'cluster', at(1000));
    expect(after.ledger.snapshot.connections[0]).not.toHaveProperty('sunset');
    expect(after.changes).toEqual([]);
  });
});

test.each([{ portMappingEnabled: true }, {}, { portMappingEnabled: null }, { portMappingEnabled: 'no' }])(
  '%j: nothing is announced',
  async (more) => {
    expect(await samplesOf(more)).toEqual([]);
    expect((await ledgerOf(more)).snapshot.connections[0]).toMatchObject({ status: 'AVAILABLE' });
    expect((await ledgerOf(more)).snapshot.connections[0]).not.toHaveProperty('unreadable');
    expect(textOf(await pageAt('/', await viewOf(more)))).not.toContain('Atlas disables');
    expect(pollTable(await viewOf(more), (text) => text)).not.toContain('Atlas disables');
  },
);

test('a state of another shape holds no word that nobody knows', () => {
  expect(isSunset('gcp_not_port_mapped')).toBe(true);
  expect([null, 5, 'tomorrow', 'toString'].some(isSunset)).toBe(false);
  expect(sunsetAt('gcp_not_port_mapped')).toBe(Date.parse('2027-04-30T00:00:00Z'));
});
