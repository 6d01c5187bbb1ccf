import { expect, test } from 'vitest';
import { createRandom } from '../../../src/simulator/random.ts';
import { createWorld } from '../../../src/simulator/world/atlas-world.ts';
import { createHistory } from '../../../src/simulator/world/history.ts';
import type { OtherEndpointOptions } from '../../../src/simulator/world/other-endpoints.ts';
import { otherKinds } from '../../../src/simulator/world/other-kinds.ts';

const world = createWorld({ history: createHistory(), random: createRandom(1), orgId: 'o', now: () => 0 });
const project = world.addProject();
/** The element as Atlas sends it. */
function written(options: OtherEndpointOptions): Record<string, unknown> {
  const endpoint = world.addOtherEndpoint(project, options);
  return JSON.parse(JSON.stringify(otherKinds[options.kind].write(endpoint)));
}

test('data federation may be told without a status, and with a region without a DNS name', () => {
  expect(written({ kind: 'data_federation', status: null })).not.toHaveProperty('status');
  expect(written({ kind: 'data_federation', region: 'EU_WEST_1' })['customerEndpointDNSName']).toMatch(
    /^vpce-\w+-\w+\.vpce-svc-\w+\.eu-west-1\.vpce\.amazonaws\.com$/,
  );
  const bare = written({ kind: 'data_federation', fields: { customerEndpointDNSName: undefined } });
  expect(bare).toMatchObject({ region: 'US_EAST_1', status: 'OK' });
  expect(bare).not.toHaveProperty('customerEndpointDNSName');
});

test('a new stream connection has no state', () => {
  expect(written({ kind: 'streams', status: null })).not.toHaveProperty('state');
});

test.each([
  ['INITIATING', null],
  ['PENDING_RECREATION', null],
  ['PENDING_ACCEPTANCE', expect.stringMatching(/^northeurope-atlas-kv\./)],
  ['ACTIVE', expect.stringMatching(/^northeurope-atlas-kv\./)],
])('a connection that the customer approves is named from PENDING_ACCEPTANCE on: %s', (status, name) => {
  const options = { kind: 'encryption_at_rest', cloud: 'AZURE', region: 'EUROPE_NORTH', status } as const;
  expect(written(options)).toMatchObject({ status, privateEndpointConnectionName: name });
});

test('the region of a backup may be another than that of its VPC', () => {
  expect(written({ kind: 'backup', region: 'US_EAST_1', fields: { vpcRegionName: 'US_EAST_2' } })).toMatchObject({
    regionName: 'US_EAST_1',
    vpcRegionName: 'US_EAST_2',
  });
});
