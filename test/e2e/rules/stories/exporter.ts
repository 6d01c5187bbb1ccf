/** Alerts on what the exporter reaches of Atlas. */
import { aConnection, type Poll } from '../../../support/builders.ts';
import type { Firing } from '../../../support/promtool.ts';
import {
  exporterAbsent,
  inPayments,
  onConnection,
  pollFailing,
  type Told,
  unreachable,
} from '../../../support/rule-behaviours.ts';
import { gap, type Phase, projectId, target } from '../../../support/rule-story.ts';

const words = ['alpha', 'beta', 'gamma', 'payments'];
const failed = [aConnection('c1', { status: 'FAILED' })];

/** What the polls of four projects come to, in the order of their names. */
export function four(minutes: number, ...polls: readonly (Poll | null)[]): Phase {
  return { minutes, polls: Object.fromEntries(words.map((word, index) => [`${word}/AWS`, polls[index] ?? []])) };
}
export function one(minutes: number, poll: Poll | null, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, ...rest };
}
export function fires(alert: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  return { labels: alert, from, ...(until === undefined ? {} : { until }) };
}
export function onTarget(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}) {
  return { alertname: `AtlasPrivateEndpoint${alertname}`, severity, ...target, ...labels };
}
export function ofProject(word: string, alertname = 'PollFailing', severity = 'warning') {
  return { ...onTarget(alertname, severity), ...inPayments, atlas_project_id: projectId(word) };
}
export const all = <T>(poll: T): readonly T[] => [poll, poll, poll, poll];

export const rejected = onTarget('CredentialsRejected', 'critical', { credential: 'main', reason: 'unauthorized' });
const forbidden = onTarget('CredentialsRejected', 'critical', { credential: 'main', reason: 'forbidden' });
const notListed = onTarget('IpAccessList', 'critical', { credential: 'main', reason: 'ip_access_list' });
export const limited = onTarget('RateLimited', 'warning', { credential: 'main' });
const stale = onTarget('DataStale', 'critical');

export const failing: readonly Told[] = [
  {
    shows: { PollFailing: ['fires', 'clears', 'source blind'] },
    name: 'fails and recovers',
    phases: [one(10, []), one(40, 'project_not_found'), one(5, [])],
    firing: [pollFailing(20, 50)],
  },
  {
    shows: { PollFailing: ['ignores a blip'] },
    name: 'a blip',
    phases: [one(10, []), one(10, 'project_not_found'), one(20, [])],
    firing: [],
  },
  {
    shows: { PollFailing: ['only waiting'] },
    name: 'the exporter goes while it only waits',
    phases: [one(10, []), one(9, 'project_not_found'), gap(40)],
    firing: [exporterAbsent(24)],
  },
  { name: 'never polled', phases: [one(30, null)], firing: [pollFailing(10)] },
  { name: 'fails from the beginning', phases: [one(30, 'project_not_found')], firing: [pollFailing(10)] },
  {
    shows: { PollFailing: ['pod replaced'] },
    name: 'the pod is replaced',
    phases: [one(10, []), one(15, 'project_not_found'), gap(2), one(10, 'project_not_found', { pods: ['b'] })],
    firing: [pollFailing(20)],
  },
  {
    name: 'the pod is replaced by one without state',
    phases: [
      one(10, []),
      one(15, 'project_not_found'),
      gap(2),
      one(10, 'project_not_found', { pods: ['b'], lost: true }),
    ],
    firing: [pollFailing(20)],
  },
  {
    name: 'another reason',
    phases: [one(10, []), one(15, 'project_not_found'), one(10, 'internal')],
    firing: [pollFailing(20)],
  },
  {
    name: 'no longer watched',
    phases: [one(10, []), one(15, 'project_not_found'), { minutes: 20, polls: { 'other/AWS': [] } }],
    firing: [pollFailing(20, 27)],
  },
];

export const atlas: readonly Told[] = [
  {
    shows: { ApiUnreachable: ['fires', 'clears', 'source blind'], ExporterAbsent: ['source blind'] },
    name: 'out and back',
    phases: [four(10), four(60, ...all('network' as const)), four(5)],
    firing: [unreachable(15, 70)],
  },
  {
    shows: { ApiUnreachable: ['ignores a blip'] },
    name: 'a blip',
    phases: [four(10), four(5, ...all('server_error' as const)), four(30)],
    firing: [],
  },
  {
    shows: { ApiUnreachable: ['only waiting'] },
    name: 'the exporter goes while it only waits',
    phases: [four(10), four(4, ...all('network' as const)), gap(40)],
    firing: [exporterAbsent(19)],
  },
  {
    name: 'three of four',
    phases: [four(10), four(30, 'timeout', 'tls', 'network')],
    firing: [unreachable(15)],
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
    firing: [unreachable(15), fires(ofProject('payments'), 20)],
  },
  {
    shows: { ApiUnreachable: ['pod replaced'] },
    name: 'the pod is replaced',
    phases: [
      four(10),
      four(10, ...all('network' as const)),
      gap(2),
      { ...four(20, ...all('network' as const)), pods: ['b'] },
    ],
    firing: [unreachable(15)],
  },
  {
    name: 'what failed before stays',
    phases: [four(10, [], [], [], failed), four(40, ...all('network' as const))],
    firing: [fires(onConnection('Failed', 'critical'), 2), unreachable(15)],
  },
];

export const refused: readonly Told[] = [
  {
    shows: { CredentialsRejected: ['fires', 'clears', 'source blind'] },
    name: 'key revoked',
    phases: [four(10), four(40, ...all('unauthorized' as const)), four(5)],
    firing: [fires(rejected, 15, 50)],
  },
  {
    shows: { CredentialsRejected: ['ignores a blip'] },
    name: 'key, a blip',
    phases: [four(10), four(5, ...all('unauthorized' as const)), four(20)],
    firing: [],
  },
  {
    shows: { IpAccessList: ['fires', 'clears', 'source blind'] },
    name: 'address',
    phases: [four(10), four(40, ...all('ip_access_list' as const)), four(5)],
    firing: [fires(notListed, 15, 50)],
  },
  {
    shows: { IpAccessList: ['ignores a blip'] },
    name: 'address, a blip',
    phases: [four(10), four(5, ...all('ip_access_list' as const)), four(20)],
    firing: [],
  },
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
    shows: { RateLimited: ['fires', 'clears', 'source blind'] },
    name: 'limited',
    phases: [four(10), four(40, 'rate_limited', 'rate_limited'), four(5)],
    firing: [fires(limited, 20, 50)],
  },
  {
    shows: { RateLimited: ['ignores a blip'] },
    name: 'limited, a blip',
    phases: [four(10), four(10, ...all('rate_limited' as const)), four(20)],
    firing: [],
  },
  ...(
    [
      ['CredentialsRejected', 'unauthorized', fires(rejected, 15)],
      ['IpAccessList', 'ip_access_list', fires(notListed, 15)],
      ['RateLimited', 'rate_limited', fires(limited, 20)],
    ] as const
  ).flatMap(([alert, reason, firing]): readonly Told[] => [
    {
      shows: { [alert]: ['pod replaced'] },
      name: `${reason} while the pod is replaced`,
      phases: [four(10), four(15, ...all(reason)), gap(2), { ...four(20, ...all(reason)), pods: ['b'] }],
      firing: [firing],
    },
    {
      shows: { [alert]: ['only waiting'] },
      name: `${reason}, and the exporter goes while it only waits`,
      phases: [four(10), four(4, ...all(reason)), gap(40)],
      firing: [exporterAbsent(19)],
    },
  ]),
];

export const standing: readonly Told[] = [
  {
    shows: { DataStale: ['fires', 'clears'] },
    name: 'no poll ends',
    phases: [one(10, failed), one(60, null), one(5, [])],
    firing: [
      fires(onConnection('Failed', 'critical'), 2, 70),
      fires(stale, 34, 70),
      fires(onConnection('Removed', 'critical'), 71),
    ],
  },
  {
    shows: { DataStale: ['ignores a blip'] },
    name: 'a blip',
    phases: [one(10, failed), one(24, null), one(5, failed)],
    firing: [fires(onConnection('Failed', 'critical'), 2)],
  },
  {
    shows: { DataStale: ['only waiting'] },
    name: 'the exporter goes while it only waits',
    phases: [one(10, []), one(20, null), gap(40)],
    firing: [exporterAbsent(35)],
  },
  {
    shows: { DataStale: ['pod replaced'] },
    name: 'the pod is replaced',
    phases: [one(10, []), one(30, null), gap(2), one(15, null, { pods: ['b'] })],
    firing: [fires(stale, 34, 40), fires(stale, 52)],
  },
  {
    shows: { DataStale: ['source blind'] },
    name: 'then polls end again, and fail',
    phases: [one(10, []), one(30, null), one(20, 'timeout')],
    firing: [fires(stale, 34, 40), unreachable(45)],
  },
];
