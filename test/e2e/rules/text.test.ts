/** What people read when an alert fires. The texts of all of them are kept in a file, to be read by people too. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { aConnection, anInterfaceEndpoint, aSource, type Poll } from '../../support/builders.ts';
import { promtool, ruleFiles, toNotation } from '../../support/promtool.ts';
import { organization, type Phase, projectId, startMinute, tell } from '../../support/rule-story.ts';

const errorMessage = 'Interface endpoint vpce-0123456789abcdef0 was not found. "Click \'Edit\'" {{ to fix }} it.';
const available = [aConnection('c1')];
const deleting = [aConnection('c1', { status: 'DELETING' })];
const failed = [aConnection('c1', { status: 'FAILED', errorMessage })];
const azureId =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe';
const azure = [
  aConnection('c1', {
    cloudProvider: 'AZURE',
    interfaceEndpoints: [anInterfaceEndpoint(azureId, { status: 'FAILED', errorMessage }, 'AZURE')],
  }),
];

function during(minutes: number, poll: Poll | null, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, ...rest };
}
const four = (minutes: number, poll: Poll): Phase => ({
  minutes,
  polls: Object.fromEntries(['payments/AWS', 'payments/AZURE', 'shop/AWS', 'shop/GCP'].map((name) => [name, poll])),
});
const robot = { 'payments/AWS': aSource({ projectId: projectId('payments'), credential: 'robot' }) };

/** By alert: what leads to it. It is read in the last minute. */
const stories: Readonly<Record<string, readonly (readonly Phase[])[]>> = {
  Failed: [
    [during(10, failed)],
    [during(10, [aConnection('c1', { status: 'FAILED' })])],
    [during(10, failed), during(100, 'timeout')],
    [{ minutes: 10, polls: { 'payments/AZURE': azure } }],
    [{ minutes: 10, polls: { payments: failed } }],
    [during(10, failed, { hideText: true })],
  ],
  AvailabilityLost: [[during(5, available), during(10, [aConnection('c1', { status: 'INITIATING' })])]],
  Removed: [[during(5, available), during(5, [])]],
  Deleted: [[during(5, deleting), during(5, [])]],
  Stuck: [[during(70, [aConnection('c1', { status: 'INITIATING' })])]],
  WaitingForUser: [[during(40, [aConnection('c1', { status: 'WAITING_FOR_USER' })])]],
  ErrorPresent: [[during(10, [aConnection('c1', { errorMessage })])]],
  ErrorMessageChanged: [
    [during(5, [aConnection('c1', { errorMessage: 'Before' })]), during(10, [aConnection('c1', { errorMessage })])],
  ],
  UnknownStatus: [[during(10, [aConnection('c1', { status: 'HIBERNATING' })])]],
  ExporterAbsent: [[during(5, []), { minutes: 10, polls: {}, pods: [] }]],
  ShardMissing: [[during(20, [], { own: { shard_ordinal: 0, total_shards: 3 } })]],
  ApiUnreachable: [[{ ...four(10, 'network'), polls: { ...four(10, 'network').polls, 'shop/AWS': 'timeout' } }]],
  CredentialsRejected: [[four(10, 'unauthorized')], [four(10, 'forbidden')]],
  IpAccessList: [[four(10, 'ip_access_list')]],
  RateLimited: [[four(20, 'rate_limited')]],
  PollFailing: [
    [{ minutes: 20, polls: { 'payments/AWS': 'project_not_found', 'payments/AZURE': null, 'payments/GCP': [] } }],
  ],
  DataStale: [[during(5, []), during(30, null)]],
  TokenExpiring: [
    [
      during(25, [], {
        own: {
          token_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 60 * (startMinute + 30) }],
          api_requests_total: (minute) => [{ labels: { operation: 'token', code: '500' }, value: minute }],
        },
      }),
    ],
  ],
  DiscoveryFailing: [[during(40, [], { own: { discovery_up: [{ labels: { org_id: organization }, value: 0 }] } })]],
  StateNotSaved: [[during(20, [], { own: { state_last_save_successful: 0 } })]],
  ConfigReloadFailed: [[during(20, [], { own: { config_last_reload_successful: 0 } })]],
  ProjectRemoved: [[during(5, []), { minutes: 5, polls: { 'shop/AWS': [] }, removed: { payments: 5 } }]],
};

/** What promtool says that the annotations of the alert are. */
async function annotations(alertname: string, phases: readonly Phase[]): Promise<Record<string, string>> {
  const series = await tell(phases, alertname === 'TokenExpiring' ? robot : {});
  const minutes = phases.reduce((sum, phase) => sum + phase.minutes, 0);
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const input = [...series].map(([name, values]) => ({ series: name, values: toNotation(values) }));
  const asked = { alertname: `AtlasPrivateEndpoint${alertname}`, eval_time: `${startMinute + minutes - 1}m` };
  const tests = [{ interval: '1m', input_series: input, alert_rule_test: [{ ...asked, exp_alerts: [] }] }];
  await writeFile(path, stringify({ rule_files: ruleFiles, evaluation_interval: '1m', tests }));
  const { output } = await promtool('test', 'rules', path);
  await rm(folder, { recursive: true });
  const told = /got:.*?Annotations:\{([^\n]*)\}/s.exec(output)?.[1];
  if (told === undefined) throw new Error(`${alertname} does not fire: ${output}`);
  return Object.fromEntries(
    [...told.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name = '', value = '']) => [name, JSON.parse(value)]),
  );
}

test('what each alert says', async () => {
  const told = await Promise.all(
    Object.entries(stories).flatMap(([alert, variants]) =>
      variants.map(async (phases) => ({ alert, ...(await annotations(alert, phases)) })),
    ),
  );
  const text = told
    .map(({ alert, ...rest }) => {
      const { summary = '', description = '', runbook_url } = rest as Record<string, string>;
      expect(runbook_url).toBe(`docs/runbooks/AtlasPrivateEndpoint${alert}.md`);
      return `${alert}\n  ${summary}\n  ${description}\n`;
    })
    .join('\n');
  expect(text).not.toMatch(/error expanding|<no value>|NaN/);
  await expect(text).toMatchFileSnapshot('../../fixtures/rules/texts.txt');
});
