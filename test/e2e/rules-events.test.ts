/** Alerts on what happened: gone, deleted, another message, a project that left. */
import { expect, test } from 'vitest';
import { aConnection, anId, anInterfaceEndpoint, aSource, type Poll } from '../support/builders.ts';
import { type Firing, testStories } from '../support/promtool.ts';
import {
  exporterAbsent,
  inPayments,
  onConnection,
  pollFailing,
  type Told,
  toStories,
} from '../support/rule-behaviours.ts';
import { type Phase, projectId } from '../support/rule-story.ts';

const plain = [aConnection('c1')];
const deleting = [aConnection('c1', { status: 'DELETING' })];
const endpoint = anInterfaceEndpoint('vpce-1');
const attached = [aConnection('c1', { interfaceEndpoints: [endpoint] })];
const withMessage = (errorMessage: string | null) => [aConnection('c1', { errorMessage })];
const [first, second, third] = ['The link is broken.', 'The cloud refuses.', 'Nothing answers.'].map(withMessage);

function during(minutes: number, poll: Poll | undefined, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll ?? [] }, ...rest };
}
function gap(minutes: number): Phase {
  return { minutes, polls: {}, pods: [] };
}
function fires(labels: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  return { labels, from, ...(until === undefined ? {} : { until }) };
}

const removed = onConnection('Removed', 'critical');
const deleted = onConnection('Deleted', 'info');
const endpointRemoved = onConnection('Removed', 'critical', 'vpce-1');
const endpointDeleted = onConnection('Deleted', 'info', 'vpce-1');
const changed = onConnection('ErrorMessageChanged', 'warning');
const hasError = onConnection('ErrorPresent', 'warning');

const removal: readonly Told[] = [
  { name: 'told for an hour', phases: [during(10, plain), during(80, [])], firing: [fires(removed, 11, 70)] },
  { name: 'a blip', phases: [during(10, plain), during(1, []), during(20, plain)], firing: [] },
  {
    name: 'it returns',
    phases: [during(10, plain), during(5, []), during(70, plain)],
    firing: [fires(removed, 11, 15)],
  },
  {
    name: 'it returns, then blind',
    phases: [during(10, plain), during(5, []), during(5, plain), during(40, 'timeout')],
    firing: [fires(removed, 11, 15), pollFailing(30)],
  },
  {
    name: 'the pod is replaced',
    phases: [during(10, plain), during(5, []), gap(2), during(10, [], { pods: ['b'] })],
    firing: [fires(removed, 11)],
  },
  {
    name: 'the pod is replaced by one without state',
    phases: [during(10, plain), during(5, []), gap(2), during(70, [], { pods: ['b'], lost: true })],
    firing: [fires(removed, 11, 70)],
  },
  {
    name: 'it goes while the pod is replaced',
    phases: [during(10, plain), gap(2), during(10, [], { pods: ['b'] })],
    firing: [fires(removed, 13)],
  },
  {
    name: 'blind after it',
    phases: [during(10, plain), during(2, []), during(40, 'timeout')],
    firing: [fires(removed, 11), pollFailing(22)],
  },
  {
    name: 'blind before it',
    phases: [during(10, plain), during(30, 'timeout'), during(10, [])],
    firing: [pollFailing(20, 40), fires(removed, 41)],
  },
  {
    name: 'exporter gone after it',
    phases: [during(10, plain), during(2, []), gap(70)],
    firing: [fires(removed, 11, 70), exporterAbsent(17)],
  },
  {
    name: 'deletion',
    phases: [during(10, plain), during(5, deleting), during(80, [])],
    firing: [fires(deleted, 16, 75)],
  },
  {
    name: 'deletion that ends under another pod',
    phases: [during(10, plain), during(5, deleting), gap(2), during(10, [], { pods: ['b'] })],
    firing: [fires(deleted, 18)],
  },
  {
    name: 'deletion between two scrapes',
    phases: [during(10, plain), during(1, deleting, { unscraped: true }), during(30, [])],
    firing: [fires(deleted, 12)],
  },
  {
    name: 'deletion, blind before its end',
    phases: [during(10, plain), during(5, deleting), during(30, 'timeout'), during(10, [])],
    firing: [pollFailing(25, 45), fires(deleted, 46)],
  },
  {
    name: 'deletion given up long ago',
    phases: [during(10, plain), during(5, deleting), during(70, plain), during(10, [])],
    firing: [fires(removed, 86)],
  },
];

const endpointRemoval: readonly Told[] = [
  {
    name: 'with its connection',
    phases: [during(10, attached), during(20, [])],
    firing: [fires(removed, 11)],
  },
  {
    name: 'alone',
    phases: [during(10, attached), during(20, plain)],
    firing: [fires(endpointRemoved, 11)],
  },
  {
    name: 'and then its connection',
    phases: [during(10, attached), during(5, plain), during(20, [])],
    firing: [fires(endpointRemoved, 11, 15), fires(removed, 16)],
  },
  {
    name: 'deleted with its connection',
    phases: [
      during(10, attached),
      during(3, [aConnection('c1', { status: 'DELETING', interfaceEndpoints: [endpoint] })]),
      during(5, deleting),
      during(20, []),
    ],
    firing: [fires(endpointDeleted, 14, 18), fires(deleted, 19)],
  },
  {
    name: 'deleted alone',
    phases: [
      during(10, attached),
      during(3, [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'DELETING' })] })]),
      during(20, plain),
    ],
    firing: [fires(endpointDeleted, 14)],
  },
];

const messages: readonly Told[] = [
  {
    name: 'told for an hour',
    phases: [during(10, first), during(80, second)],
    firing: [fires(hasError, 5), fires(changed, 11, 70)],
  },
  { name: 'set', phases: [during(10, plain), during(20, first)], firing: [fires(hasError, 15)] },
  { name: 'born with one', phases: [during(10, []), during(20, first)], firing: [fires(hasError, 15)] },
  {
    name: 'reworded',
    phases: [during(10, withMessage('Try 1 of 5 failed.')), during(20, withMessage('Try 2 of 5 failed.'))],
    firing: [fires(hasError, 5)],
  },
  {
    name: 'a blip',
    phases: [during(10, first), during(1, second), during(20, plain)],
    firing: [fires(hasError, 5, 11)],
  },
  {
    name: 'cleared',
    phases: [during(10, first), during(5, second), during(20, plain)],
    firing: [fires(hasError, 5, 15), fires(changed, 11, 15)],
  },
  {
    name: 'twice between two scrapes',
    phases: [during(10, first), during(1, second, { unscraped: true }), during(20, third)],
    firing: [fires(hasError, 5), fires(changed, 12)],
  },
  {
    name: 'the pod is replaced',
    phases: [during(10, first), during(5, second), gap(2), during(10, second, { pods: ['b'] })],
    firing: [fires(hasError, 5), fires(changed, 11)],
  },
  {
    name: 'it changes while the pod is replaced',
    phases: [during(10, first), gap(2), during(10, second, { pods: ['b'] })],
    firing: [fires(hasError, 5), fires(changed, 13)],
  },
  {
    name: 'restored counters',
    phases: [during(10, first), during(75, second), gap(2), during(20, second, { pods: ['b'] })],
    firing: [fires(hasError, 5), fires(changed, 11, 70)],
  },
  {
    name: 'blind after it',
    phases: [during(10, first), during(5, second), during(80, 'timeout')],
    firing: [fires(hasError, 5), fires(changed, 11, 70), pollFailing(25)],
  },
  {
    name: 'of what failed',
    phases: [
      during(10, [aConnection('c1', { status: 'FAILED', errorMessage: 'One' })]),
      during(10, [aConnection('c1', { status: 'FAILED', errorMessage: 'Two' })]),
    ],
    firing: [fires(onConnection('Failed', 'critical'), 2), fires(changed, 11)],
  },
];

const projectLeft = { alertname: 'AtlasPrivateEndpointProjectRemoved', severity: 'info', ...inPayments };
const failed = [aConnection('c1', { status: 'FAILED' })];
const without: Phase = { minutes: 30, polls: { 'other/AWS': [] }, removed: { payments: 10 } };

const projects: readonly Told[] = [
  {
    name: 'told for an hour, and its alerts end',
    phases: [during(10, failed), { ...without, minutes: 90 }],
    firing: [fires(onConnection('Failed', 'critical'), 2, 10), fires(projectLeft, 10, 80)],
  },
  {
    name: 'the pod is replaced',
    phases: [during(10, plain), { ...without, minutes: 5 }, gap(2), { ...without, minutes: 5, pods: ['b'] }],
    firing: [fires(projectLeft, 10)],
  },
  {
    name: 'it comes back',
    phases: [during(10, plain), { ...without, minutes: 5 }, during(20, plain)],
    firing: [fires(projectLeft, 10, 15)],
  },
];

test.concurrent.each([
  ['connections that go', removal],
  ['interface endpoints that go', endpointRemoval],
  ['messages that change', messages],
  ['projects that leave', projects],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('an interface endpoint of v1.0 goes, and its connection is ready no more', async () => {
  const v1 = (...ids: readonly string[]) => [
    aConnection('c1', { status: 'WAITING_FOR_USER', interfaceEndpoints: ids.map((id) => anId(id)) }),
  ];
  const stories = await toStories(
    [
      {
        name: 'the last one',
        phases: [during(10, v1('vpce-1')), during(40, v1())],
        firing: [fires(endpointRemoved, 11), fires(onConnection('AvailabilityLost', 'critical'), 13)],
      },
      {
        name: 'one of two',
        phases: [during(10, v1('vpce-1', 'vpce-2')), during(40, v1('vpce-2'))],
        firing: [fires(endpointRemoved, 11)],
      },
    ],
    { 'payments/AWS': aSource({ projectId: projectId('payments'), api: 'v1.0' }) },
  );
  expect(await testStories(stories)).toBe('');
});
