/** What people read when an alert fires. The texts of all of them are kept in a file, to be read by people too. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { aConnection, anInterfaceEndpoint, aSource, type Poll } from '../../support/builders.ts';
import { promtool, toNotation } from '../../support/promtool.ts';
import { quickRules } from '../../support/quick-rules.ts';
import { groupOrder, ruleFiles } from '../../support/rule-files.ts';
import { gap, organization, type Phase, projectId, startMinute, target, tell } from '../../support/rule-story.ts';
import { clusterPhases, clusterSources } from './stories/clusters.ts';
import { linkPhases } from './stories/links.ts';
import { failedWithClusters, removedWithClusters } from './stories/named.ts';
import { reachabilityPhases } from './stories/reachability.ts';

const errorMessage = 'Interface endpoint vpce-0123456789abcdef0 was not found. "Click \'Edit\'" {{ to fix }} it.';
const available = [aConnection('c1')];
const withMessage = [aConnection('c1', { errorMessage: 'That of another project' })];
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
const six = (minutes: number, poll: Poll): Phase => ({
  minutes,
  polls: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((word) => [`${word}/AWS`, poll])),
});
const found = (value: number) => ({
  discovery_up: [{ labels: { org_id: organization }, value: 1 }],
  discovery_projects: [{ labels: { org_id: organization }, value }],
});
const secretIn = (days: number) => ({
  secret_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 60 * startMinute + days * 86_400 }],
});
const robot = { 'payments/AWS': aSource({ projectId: projectId('payments'), credential: 'robot' }) };

/** By alert: what leads to it. It is read in the last minute. */
const stories: Readonly<Record<string, readonly (readonly Phase[])[]>> = {
  Failed: [
    ...failedWithClusters,
    [during(10, failed)],
    [during(10, [aConnection('c1', { status: 'FAILED' })])],
    [during(10, failed), during(100, 'timeout')],
    // A message that was cleared is none of today's, whether it can be seen or not.
    [during(10, failed), during(5, [aConnection('c1', { status: 'FAILED' })])],
    [during(10, failed), during(5, [aConnection('c1', { status: 'FAILED' })]), during(100, 'timeout')],
    // Another project has a connection with the same id, and a message.
    [{ minutes: 10, polls: { 'payments/AWS': [aConnection('c1', { status: 'FAILED' })], 'shop/AWS': withMessage } }],
    // It is well again, and told for ten minutes more.
    [during(10, failed), during(5, available)],
    [{ minutes: 10, polls: { 'payments/AZURE': azure } }],
    [{ minutes: 10, polls: { payments: failed } }],
    [during(10, failed, { hideText: true })],
  ],
  AvailabilityLost: [[during(5, available), during(10, [aConnection('c1', { status: 'INITIATING' })])]],
  ManyBroken: [
    [{ ...six(10, failed) }],
    [{ ...six(10, [aConnection('c1', { errorMessage })]) }],
    [{ minutes: 10, polls: { payments: [1, 2, 3, 4, 5].map((n) => aConnection(`c${n}`, { status: 'FAILED' })) } }],
  ],
  Removed: [...removedWithClusters, [during(5, available), during(5, [])], [six(5, available), six(5, [])]],
  Flapping: [Array.from({ length: 5 }, () => [during(1, available), during(1, failed)]).flat()],
  Deleted: [
    [during(5, deleting), during(5, [])],
    [six(5, deleting), six(5, [])],
  ],
  Stuck: [[during(70, [aConnection('c1', { status: 'INITIATING' })])]],
  WaitingForUser: [[during(40, [aConnection('c1', { status: 'WAITING_FOR_USER' })])]],
  ErrorPresent: [[during(10, [aConnection('c1', { errorMessage })])]],
  ErrorMessageChanged: [
    [during(5, [aConnection('c1', { errorMessage: 'Before' })]), during(10, [aConnection('c1', { errorMessage })])],
  ],
  UnknownStatus: [[during(10, [aConnection('c1', { status: 'HIBERNATING' })])]],
  ExporterAbsent: [[during(5, []), gap(10)]],
  ShardMissing: [[during(20, [], { own: { shard_ordinal: 0, total_shards: 3 } })]],
  ApiUnreachable: [[{ ...four(10, 'network'), polls: { ...four(10, 'network').polls, 'shop/AWS': 'timeout' } }]],
  CredentialsRejected: [[four(10, 'unauthorized')], [four(10, 'forbidden')]],
  IpAccessList: [[four(10, 'ip_access_list')]],
  RateLimited: [[four(20, 'rate_limited')]],
  PollFailing: [
    [six(20, 'project_not_found')],
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
  LimitNear: [[during(15, [], { limitUsage: { payments: 47 } })]],
  SecretExpires: [
    [during(15, [], { own: secretIn(7) })],
    [during(15, [], { own: secretIn(1) })],
    [during(15, [], { own: secretIn(-1) })],
  ],
  DiscoveryFailing: [[during(40, [], { own: { discovery_up: [{ labels: { org_id: organization }, value: 0 }] } })]],
  NoProjects: [[during(20, [], { own: found(0) })]],
  ProjectsLost: [[during(20, [], { own: found(6) }), during(20, [], { own: found(2) })]],
  ReplicaBlind: [[{ ...during(20, [], { pods: ['a', 'b'] }), pollsOf: { b: { 'payments/AWS': 'network' } } }]],
  StateNotSaved: [[during(20, [], { own: { state_last_save_successful: 0 } })]],
  ConfigReloadFailed: [[during(20, [], { own: { config_last_reload_successful: 0 } })]],
  ...clusterPhases,
  ...linkPhases,
  ...reachabilityPhases(),
  ProjectRemoved: [
    [during(5, []), { minutes: 5, polls: { 'shop/AWS': [] }, removed: { payments: 5 } }],
    [six(5, []), { minutes: 5, polls: { 'shop/AWS': [] }, removed: { a: 5, b: 5, c: 5, d: 5, e: 5, f: 5 } }],
  ],
};

interface Told {
  readonly alert: string;
  /** The job of its story. */
  readonly job: string;
  readonly phases: readonly Phase[];
}

function lastMinute(phases: readonly Phase[]): number {
  return startMinute + phases.reduce((sum, { minutes }) => sum + minutes, 0) - 1;
}

/** What is probed is known by its project, whatever job watches it. */
function ofStory(series: string, phases: readonly Phase[], index: number): string {
  if (phases.every(({ probed }) => probed === undefined)) return series;
  return series.replace(/(atlas_project_id="\w{20})\w{4}"/, `$1${index.toString(16).padStart(4, '0')}"`);
}

/** All stories share one Prometheus: each has a job of its own. */
async function annotations(all: readonly Told[]): Promise<readonly Readonly<Record<string, string>>[]> {
  const told = await Promise.all(
    all.map(async ({ alert, job, phases }, index) => ({
      series: [...(await tell(phases, alert === 'TokenExpiring' ? robot : clusterSources))].map(([name, values]) => ({
        series: ofStory(name.replace(`job="${target.job}"`, `job="${job}"`), phases, index),
        values: toNotation(values),
      })),
      asked: { alertname: `AtlasPrivateEndpoint${alert}`, eval_time: `${lastMinute(phases)}m` },
    })),
  );
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const tests = [
    {
      interval: '1m',
      input_series: told.flatMap(({ series }) => series),
      alert_rule_test: told.map(({ asked }) => ({ ...asked, exp_alerts: [] })),
    },
  ];
  const files = quickRules(ruleFiles, folder);
  const test = { rule_files: files, evaluation_interval: '1m', group_eval_order: groupOrder, tests };
  await writeFile(path, stringify(test));
  const { output } = await promtool('test', 'rules', path);
  await rm(folder, { recursive: true });
  // What is found of each question: its alert at its time, of all stories.
  const answers = output.split(/^ +alertname: /m).map((answer) => {
    const [, name, days = 0, hours = 0, minutes = 0] =
      /^(\w+), time: (?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?/.exec(answer) ?? [];
    const got = answer.slice(answer.indexOf('got:'));
    const found = [...got.matchAll(/Labels:\{([^\n]*)\}\s*Annotations:\{([^\n]*)\}/g)];
    return { name, minute: 1_440 * Number(days) + 60 * Number(hours) + Number(minutes), found };
  });
  return all.map(({ alert, job, phases }) => {
    const answer = answers.find(
      ({ name, minute }) => name === `AtlasPrivateEndpoint${alert}` && minute === lastMinute(phases),
    );
    const [, , text] = answer?.found.find(([, labels = '']) => labels.includes(`job="${job}"`)) ?? [];
    if (text === undefined) throw new Error(`${alert} (${job}) does not fire: ${output.slice(0, 2_000)}`);
    return Object.fromEntries(
      [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)].map(([, name = '', value = '']) => [name, JSON.parse(value)]),
    );
  });
}

test('what each alert says', async () => {
  const all = Object.entries(stories).flatMap(([alert, variants]) =>
    variants.map((phases, index) => ({ alert, job: `story-${alert}-${index}`, phases })),
  );
  const told = await annotations(all);
  const text = told
    .map(({ summary = '', description = '' }, index) => `${all[index]?.alert}\n  ${summary}\n  ${description}\n`)
    .join('\n')
    .replace(/story-\w+-\d+/g, target.job);
  expect(text).not.toMatch(/error expanding|<no value>|NaN/);
  await expect(text).toMatchFileSnapshot('../../fixtures/rules/texts.txt');
});
