/** Whole incidents, as they happen to people: each told from its beginning to its end, with every alert that comes of it. */
import { expect, test } from 'vitest';
import { aConnection, anId, anInterfaceEndpoint, aSource, type Poll } from '../../support/builders.ts';
import { type Firing, testStories } from '../../support/promtool.ts';
import {
  exporterAbsent,
  inPayments,
  onConnection,
  pollFailing,
  type Told,
  toStories,
  unreachable,
} from '../../support/rule-behaviours.ts';
import { gap, type Phase, projectId, target } from '../../support/rule-story.ts';

type Rest = Omit<Phase, 'minutes' | 'polls'>;

function during(minutes: number, poll: Poll, rest: Rest = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, ...rest };
}
function fires(labels: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  return { labels, from, ...(until === undefined ? {} : { until }) };
}
const status = (status: string, errorMessage: string | null = null) => [aConnection('c1', { status, errorMessage })];
const attached = (status: string, ofConnection = 'AVAILABLE') => [
  aConnection('c1', { status: ofConnection, interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status })] }),
];
const v1 = (status: string, ...ids: readonly string[]) => [
  aConnection('c1', { status, interfaceEndpoints: ids.map((id) => anId(id)) }),
];
const b: Rest = { pods: ['b'] };
const failed = onConnection('Failed', 'critical');
const endpointFailed = onConnection('Failed', 'critical', 'vpce-1');
const lost = onConnection('AvailabilityLost', 'critical');
const removed = onConnection('Removed', 'critical');
const deleted = onConnection('Deleted', 'info');
const waiting = onConnection('WaitingForUser', 'warning');
const projectLeft = { alertname: 'AtlasPrivateEndpointProjectRemoved', severity: 'info', ...inPayments };

const restarts: readonly Told[] = [
  {
    name: 'restarted while an alert is pending: it comes when it would have come',
    phases: [during(10, status('AVAILABLE')), during(1, status('FAILED')), gap(1), during(10, status('FAILED'), b)],
    firing: [fires(failed, 12)],
  },
  {
    name: 'restarted while a long one is pending',
    phases: [during(15, status('WAITING_FOR_USER')), gap(2), during(30, status('WAITING_FOR_USER'), b)],
    firing: [fires(waiting, 30)],
  },
  {
    name: 'restarted while it is pending, and well again afterwards',
    phases: [during(10, status('AVAILABLE')), during(1, status('FAILED')), gap(2), during(20, status('AVAILABLE'), b)],
    firing: [],
  },
  {
    name: 'restarted without its state while it is pending',
    phases: [
      during(15, status('WAITING_FOR_USER')),
      gap(2),
      during(30, status('WAITING_FOR_USER'), { ...b, lost: true }),
    ],
    firing: [fires(waiting, 30)],
  },
  {
    name: 'restarted every five minutes',
    phases: [
      during(10, status('AVAILABLE')),
      ...['c', 'd', 'e', 'f'].flatMap((pod) => [during(4, status('FAILED'), { pods: [pod] }), gap(1)]),
    ],
    firing: [fires(failed, 12)],
  },
  {
    name: 'a rollout with both pods there, of which the new one cannot poll',
    phases: [
      during(10, status('FAILED')),
      { ...during(15, status('FAILED'), { pods: ['a', 'b'] }), pollsOf: { b: { 'payments/AWS': 'network' } } },
      during(40, 'network', b),
    ],
    firing: [
      fires(failed, 2),
      fires({ alertname: 'AtlasPrivateEndpointReplicaBlind', severity: 'warning', ...target }, 20, 25),
      unreachable(30),
    ],
  },
];

const twoPods: readonly Told[] = [
  {
    name: 'one job with two exporters: one is late to see that it failed, and that it is well',
    phases: [
      during(10, status('AVAILABLE'), { pods: ['a', 'b'] }),
      {
        ...during(5, status('FAILED'), { pods: ['a', 'b'] }),
        pollsOf: { b: { 'payments/AWS': status('AVAILABLE') } },
      },
      during(10, status('FAILED'), { pods: ['a', 'b'] }),
      {
        ...during(5, status('AVAILABLE'), { pods: ['a', 'b'] }),
        pollsOf: { b: { 'payments/AWS': status('FAILED') } },
      },
      during(5, status('AVAILABLE'), { pods: ['a', 'b'] }),
    ],
    firing: [fires(failed, 12)],
  },
  {
    name: 'one job with two exporters: one is blind',
    phases: [
      during(10, status('AVAILABLE'), { pods: ['a', 'b'] }),
      {
        ...during(30, status('AVAILABLE'), { pods: ['a', 'b'] }),
        pollsOf: { b: { 'payments/AWS': 'network' } },
      },
    ],
    firing: [fires({ alertname: 'AtlasPrivateEndpointReplicaBlind', severity: 'warning', ...target }, 20)],
  },
  {
    name: 'one job with two exporters: one goes away while the other sees',
    phases: [
      during(10, status('FAILED'), { pods: ['a', 'b'] }),
      during(20, status('FAILED'), { pods: ['a'] }),
      during(20, status('AVAILABLE'), { pods: ['a'] }),
    ],
    firing: [fires(failed, 2, 40)],
  },
];

const lives: readonly Told[] = [
  {
    name: 'it fails, Atlas is out for hours, and it is still failed',
    phases: [
      during(10, status('AVAILABLE')),
      during(5, status('FAILED')),
      during(180, 'server_error'),
      during(10, status('FAILED')),
    ],
    firing: [fires(failed, 12), unreachable(20, 195)],
  },
  {
    name: 'it fails, Atlas is out for hours, and it is gone',
    phases: [during(10, status('AVAILABLE')), during(5, status('FAILED')), during(180, 'server_error'), during(10, [])],
    firing: [fires(failed, 12, 195), unreachable(20, 195), fires(removed, 196)],
  },
  {
    name: 'it fails, and somebody deletes it',
    phases: [
      during(10, status('AVAILABLE')),
      during(10, status('FAILED')),
      during(5, status('DELETING')),
      during(20, []),
    ],
    firing: [fires(failed, 12, 20), fires(deleted, 26)],
  },
  {
    name: 'it is deleted and made anew under another id',
    phases: [
      during(10, status('AVAILABLE')),
      during(5, status('DELETING')),
      during(10, [aConnection('c2', { status: 'INITIATING' })]),
      during(10, [aConnection('c2')]),
    ],
    firing: [fires(deleted, 16)],
  },
  {
    name: 'it goes with its interface endpoint while nobody looks',
    phases: [during(10, attached('AVAILABLE')), gap(3), during(20, [], b)],
    firing: [fires(removed, 14)],
  },
  {
    name: 'the last interface endpoint is deleted, and the connection with it',
    phases: [during(10, attached('AVAILABLE')), during(3, attached('DELETING', 'DELETING')), during(20, [])],
    firing: [fires(deleted, 14)],
  },
  {
    name: 'a connection that is well, of which an interface endpoint is rejected',
    phases: [during(10, attached('AVAILABLE')), during(20, attached('REJECTED')), during(20, attached('AVAILABLE'))],
    firing: [fires(endpointFailed, 12, 40)],
  },
  {
    name: 'a rejected interface endpoint is removed, as one does',
    phases: [during(10, attached('REJECTED')), during(3, attached('DELETING')), during(20, status('AVAILABLE'))],
    firing: [fires(endpointFailed, 2, 10), fires(onConnection('Deleted', 'info', 'vpce-1'), 14)],
  },
  {
    name: 'lost, failed, mended',
    phases: [
      during(10, status('AVAILABLE')),
      during(10, status('INITIATING')),
      during(10, status('FAILED', 'The link is broken.')),
      during(10, status('AVAILABLE', 'The link is broken.')),
      during(10, status('AVAILABLE')),
    ],
    firing: [fires(lost, 13, 22), fires(failed, 22, 40)],
  },
  {
    name: 'polls of a project fail, and then discovery says why',
    phases: [
      during(10, status('FAILED')),
      during(15, 'project_not_found'),
      { minutes: 20, polls: { 'other/AWS': [] }, removed: { payments: 25 } },
    ],
    firing: [fires(failed, 2, 25), pollFailing(20, 25), fires(projectLeft, 25)],
  },
  {
    name: 'the exporter is away for long, and what failed is mended meanwhile',
    phases: [during(10, status('FAILED')), gap(120), during(10, status('AVAILABLE'), b)],
    firing: [fires(failed, 2, 130), exporterAbsent(15, 130)],
  },
];

const older: readonly Told[] = [
  { name: 'v1.0: well from the beginning', phases: [during(60, v1('WAITING_FOR_USER', 'vpce-1'))], firing: [] },
  {
    name: 'v1.0: made, then waits, then is attached',
    phases: [
      during(3, v1('INITIATING')),
      during(40, v1('WAITING_FOR_USER')),
      during(60, v1('WAITING_FOR_USER', 'vpce-1')),
    ],
    firing: [fires(waiting, 33, 43)],
  },
  {
    name: 'v1.0: fails while it is in use',
    phases: [
      during(10, v1('WAITING_FOR_USER', 'vpce-1')),
      during(20, v1('FAILED', 'vpce-1')),
      during(30, 'network'),
      during(10, v1('WAITING_FOR_USER', 'vpce-1')),
    ],
    firing: [fires(failed, 12, 60), unreachable(35, 60)],
  },
];

test.concurrent.each([
  ['the exporter is restarted', restarts],
  ['two exporters of one job', twoPods],
  ['lives of connections', lives],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('the older API', async () => {
  const source = aSource({ projectId: projectId('payments'), api: 'v1.0' });
  expect(await testStories(await toStories(older, { 'payments/AWS': source }))).toBe('');
});
