/** Alerts on the exporter: whether it is there, reaches Atlas, and keeps what it saw. */
import { expect, test } from 'vitest';
import { aConnection, aSource, type Poll } from '../support/builders.ts';
import { type Firing, testStories } from '../support/promtool.ts';
import {
  exporterAbsent,
  inPayments,
  onConnection,
  pollFailing,
  type Told,
  toStories,
} from '../support/rule-behaviours.ts';
import { type Own, type Phase, projectId, target } from '../support/rule-story.ts';

const words = ['alpha', 'beta', 'gamma', 'payments'];
const failed = [aConnection('c1', { status: 'FAILED' })];

/** What the polls of four projects come to, in the order of their names. */
function four(minutes: number, ...polls: readonly (Poll | null)[]): Phase {
  return { minutes, polls: Object.fromEntries(words.map((word, index) => [`${word}/AWS`, polls[index] ?? []])) };
}
function one(minutes: number, poll: Poll | null, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, ...rest };
}
function gap(minutes: number): Phase {
  return { minutes, polls: {}, pods: [] };
}
function fires(alert: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  return { labels: alert, from, ...(until === undefined ? {} : { until }) };
}
function onTarget(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}) {
  return { alertname: `AtlasPrivateEndpoint${alertname}`, severity, ...target, ...labels };
}
function ofProject(word: string, alertname = 'PollFailing', severity = 'warning') {
  return { ...onTarget(alertname, severity), ...inPayments, atlas_project_id: projectId(word), project_name: word };
}
const all = <T>(poll: T): readonly T[] => [poll, poll, poll, poll];

const unreachable = onTarget('ApiUnreachable', 'critical');
const rejected = onTarget('CredentialsRejected', 'critical', { credential: 'main', reason: 'unauthorized' });
const forbidden = onTarget('CredentialsRejected', 'critical', { credential: 'main', reason: 'forbidden' });
const notListed = onTarget('IpAccessList', 'critical', { credential: 'main', reason: 'ip_access_list' });
const limited = onTarget('RateLimited', 'warning', { credential: 'main' });
const stale = ofProject('payments', 'DataStale', 'critical');
const shardMissing = onTarget('ShardMissing', 'critical');

const absent: readonly Told[] = [
  { name: 'gone', phases: [one(10, []), gap(20)], firing: [exporterAbsent(15)] },
  { name: 'a blip', phases: [one(10, []), gap(5), one(10, [], { pods: ['b'] })], firing: [] },
  {
    name: 'there, and does not answer',
    phases: [one(10, failed), { ...gap(70), down: ['a'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), exporterAbsent(15)],
  },
  {
    name: 'one of two does not answer',
    phases: [one(10, failed, { pods: ['a', 'b'] }), { minutes: 70, polls: { 'other/AWS': [] }, down: ['b'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), exporterAbsent(15)],
  },
  { name: 'back', phases: [one(10, []), gap(20), one(10, [], { pods: ['b'] })], firing: [exporterAbsent(15, 30)] },
];

const failing: readonly Told[] = [
  { name: 'fails and recovers', phases: [one(10, []), one(40, 'timeout'), one(5, [])], firing: [pollFailing(20, 50)] },
  { name: 'a blip', phases: [one(10, []), one(10, 'timeout'), one(20, [])], firing: [] },
  { name: 'never polled', phases: [one(30, null)], firing: [pollFailing(10)] },
  { name: 'fails from the beginning', phases: [one(30, 'project_not_found')], firing: [pollFailing(10)] },
  {
    name: 'the pod is replaced',
    phases: [one(10, []), one(15, 'timeout'), gap(2), one(10, 'timeout', { pods: ['b'] })],
    firing: [pollFailing(20)],
  },
  {
    name: 'the pod is replaced by one without state',
    phases: [one(10, []), one(15, 'timeout'), gap(2), one(10, 'timeout', { pods: ['b'], lost: true })],
    firing: [pollFailing(20)],
  },
  {
    name: 'another reason',
    phases: [one(10, []), one(15, 'timeout'), one(10, 'invalid_response')],
    firing: [pollFailing(20)],
  },
  {
    name: 'no longer watched',
    phases: [one(10, []), one(15, 'timeout'), { minutes: 20, polls: { 'other/AWS': [] } }],
    firing: [pollFailing(20, 27)],
  },
];

const atlas: readonly Told[] = [
  {
    name: 'out and back',
    phases: [four(10), four(60, ...all('network' as const)), four(5)],
    firing: [fires(unreachable, 15, 70)],
  },
  { name: 'a blip', phases: [four(10), four(5, ...all('server_error' as const)), four(30)], firing: [] },
  {
    name: 'three of four',
    phases: [four(10), four(30, 'timeout', 'tls', 'network')],
    firing: [fires(unreachable, 15)],
  },
  {
    name: 'two of four are their own affair',
    phases: [four(10), four(30, 'timeout', 'timeout')],
    firing: [fires(ofProject('alpha'), 20), fires(ofProject('beta'), 20)],
  },
  {
    name: 'two of four, of which two pods have two reasons',
    phases: [
      { ...four(10), pods: ['a', 'b'] },
      {
        ...four(30, 'timeout', 'timeout'),
        pods: ['a', 'b'],
        pollsOf: { b: four(30, 'network', 'network').polls },
      },
    ],
    firing: [fires(ofProject('alpha'), 20), fires(ofProject('beta'), 20)],
  },
  {
    name: 'three, and one with a reason of its own',
    phases: [four(10), four(30, 'timeout', 'timeout', 'timeout', 'project_not_found')],
    firing: [fires(unreachable, 15), fires(ofProject('payments'), 20)],
  },
  {
    name: 'the pod is replaced',
    phases: [
      four(10),
      four(10, ...all('network' as const)),
      gap(2),
      { ...four(20, ...all('network' as const)), pods: ['b'] },
    ],
    firing: [fires(unreachable, 15)],
  },
  {
    name: 'what failed before stays',
    phases: [four(10, [], [], [], failed), four(40, ...all('network' as const))],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(unreachable, 15)],
  },
];

const refused: readonly Told[] = [
  {
    name: 'key revoked',
    phases: [four(10), four(40, ...all('unauthorized' as const)), four(5)],
    firing: [fires(rejected, 15, 50)],
  },
  { name: 'key, a blip', phases: [four(10), four(5, ...all('unauthorized' as const)), four(20)], firing: [] },
  {
    name: 'address',
    phases: [four(10), four(40, ...all('ip_access_list' as const)), four(5)],
    firing: [fires(notListed, 15, 50)],
  },
  { name: 'address, a blip', phases: [four(10), four(5, ...all('ip_access_list' as const)), four(20)], firing: [] },
  {
    name: 'role missing everywhere',
    phases: [four(10), four(40, ...all('forbidden' as const))],
    firing: [fires(forbidden, 15)],
  },
  {
    name: 'role missing in one project',
    phases: [four(10), four(40, 'forbidden')],
    firing: [fires(ofProject('alpha'), 20)],
  },
  {
    name: 'limited',
    phases: [four(10), four(40, 'rate_limited', 'rate_limited'), four(5)],
    firing: [fires(limited, 20, 50)],
  },
  { name: 'limited, a blip', phases: [four(10), four(10, ...all('rate_limited' as const)), four(20)], firing: [] },
  ...(['unauthorized', 'ip_access_list', 'rate_limited'] as const).map((reason) => ({
    name: `${reason} while the pod is replaced`,
    phases: [four(10), four(15, ...all(reason)), gap(2), { ...four(20, ...all(reason)), pods: ['b'] }],
    firing: [
      reason === 'rate_limited' ? fires(limited, 20) : fires(reason === 'unauthorized' ? rejected : notListed, 15),
    ],
  })),
];

const standing: readonly Told[] = [
  {
    name: 'no poll ends',
    phases: [one(10, failed), one(60, null), one(5, [])],
    firing: [
      fires(onConnection('Failed', 'critical'), 2, 70),
      fires(stale, 29, 70),
      fires(onConnection('Removed', 'critical'), 71),
    ],
  },
  {
    name: 'a blip',
    phases: [one(10, failed), one(19, null), one(5, failed)],
    firing: [fires(onConnection('Failed', 'critical'), 2)],
  },
  {
    name: 'the pod is replaced',
    phases: [one(10, []), one(25, null), gap(2), one(10, null, { pods: ['b'] })],
    firing: [fires(stale, 29, 35), fires(stale, 42)],
  },
];

const shard = (ordinal: number): Own => ({ shard_ordinal: ordinal, total_shards: 2 });
const both: Phase = { ...one(10, failed), pods: ['a', 'b'], ownOf: { a: shard(0), b: shard(1) } };
const shards: readonly Told[] = [
  {
    name: 'missing',
    phases: [both, { minutes: 60, polls: { 'other/AWS': [] }, own: shard(0) }, both],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(shardMissing, 20, 70)],
  },
  {
    name: 'there, and does not answer',
    phases: [both, { minutes: 20, polls: { 'other/AWS': [] }, own: shard(0), down: ['b'] }],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(shardMissing, 20)],
  },
  {
    name: 'replaced',
    phases: [
      both,
      { minutes: 3, polls: { 'other/AWS': [] }, own: shard(0) },
      { ...both, pods: ['a', 'c'], ownOf: { a: shard(0), c: shard(1) } },
    ],
    firing: [fires(onConnection('Failed', 'critical'), 2)],
  },
  {
    name: 'two pods of one shard',
    phases: [{ ...one(30, []), pods: ['a', 'b'], own: { shard_ordinal: 0, total_shards: 1 } }],
    firing: [],
  },
];

test.concurrent.each([
  ['the exporter is absent', absent],
  ['polls of a project fail', failing],
  ['Atlas cannot be reached', atlas],
  ['a credential is refused or limited', refused],
  ['the poller stands still', standing],
  ['a shard is missing', shards],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('by credential: one is rejected, the other is not', async () => {
  const source = aSource({ projectId: projectId('alpha'), credential: 'robot' });
  const told = [
    {
      name: 'robot',
      phases: [four(10), four(30, 'unauthorized', 'rate_limited')],
      firing: [fires({ ...rejected, credential: 'robot' }, 15), fires(limited, 20)],
    },
  ];
  expect(await testStories(await toStories(told, { 'alpha/AWS': source }))).toBe('');
});
