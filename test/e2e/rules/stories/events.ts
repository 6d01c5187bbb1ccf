/** Alerts on what happened: gone, deleted, another message, a project that left. */
import { aConnection, anInterfaceEndpoint, type Poll } from '../../../support/builders.ts';
import type { Firing } from '../../../support/promtool.ts';
import { exporterAbsent, inPayments, onConnection, type Told, unreachable } from '../../../support/rule-behaviours.ts';
import { gap, type Phase, projectId, target } from '../../../support/rule-story.ts';

const plain = [aConnection('c1')];
const deleting = [aConnection('c1', { status: 'DELETING' })];
const endpoint = anInterfaceEndpoint('vpce-1');
const attached = [aConnection('c1', { interfaceEndpoints: [endpoint] })];
const withMessage = (errorMessage: string | null) => [aConnection('c1', { errorMessage })];
const [first, second, third] = ['The link is broken.', 'The cloud refuses.', 'Nothing answers.'].map(withMessage);

function during(minutes: number, poll: Poll | undefined, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll ?? [] }, ...rest };
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

export const removal: readonly Told[] = [
  {
    shows: { Removed: ['fires'] },
    name: 'told for a day',
    phases: [during(10, plain), during(80, [])],
    firing: [fires(removed, 11)],
  },
  {
    shows: { Removed: ['ignores a blip'] },
    name: 'a blip',
    phases: [during(10, plain), during(1, []), during(20, plain)],
    firing: [],
  },
  {
    shows: { Removed: ['clears'] },
    name: 'it returns',
    phases: [during(10, plain), during(5, []), during(70, plain)],
    firing: [fires(removed, 11, 15)],
  },
  {
    name: 'it returns, then blind',
    phases: [during(10, plain), during(5, []), during(5, plain), during(40, 'timeout')],
    firing: [fires(removed, 11, 15), unreachable(25)],
  },
  {
    shows: { Removed: ['pod replaced', 'counter restored'] },
    name: 'the pod is replaced',
    phases: [during(10, plain), during(5, []), gap(2), during(10, [], { pods: ['b'] })],
    firing: [fires(removed, 11)],
  },
  {
    name: 'the pod is replaced by one without state',
    phases: [during(10, plain), during(5, []), gap(2), during(70, [], { pods: ['b'], lost: true })],
    firing: [fires(removed, 11)],
  },
  {
    name: 'it goes while the pod is replaced',
    phases: [during(10, plain), gap(2), during(10, [], { pods: ['b'] })],
    firing: [fires(removed, 13)],
  },
  {
    shows: { Removed: ['source blind'] },
    name: 'blind after it',
    phases: [during(10, plain), during(2, []), during(40, 'timeout')],
    firing: [fires(removed, 11), unreachable(17)],
  },
  {
    name: 'blind before it',
    phases: [during(10, plain), during(30, 'timeout'), during(10, [])],
    firing: [unreachable(15, 40), fires(removed, 41)],
  },
  {
    name: 'exporter gone after it',
    phases: [during(10, plain), during(2, []), gap(70)],
    firing: [fires(removed, 11), exporterAbsent(17)],
  },
  {
    shows: { Deleted: ['fires', 'clears'] },
    name: 'deletion',
    phases: [during(10, plain), during(5, deleting), during(80, [])],
    firing: [fires(deleted, 16, 75)],
  },
  {
    shows: { Deleted: ['pod replaced', 'counter restored'] },
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
    shows: { Deleted: ['source blind'] },
    name: 'deletion, blind before its end',
    phases: [during(10, plain), during(5, deleting), during(30, 'timeout'), during(10, [])],
    firing: [unreachable(20, 45), fires(deleted, 46)],
  },
  {
    shows: { Deleted: ['ignores a blip', 'series missing'], Removed: ['series missing'] },
    name: 'a blip at the end of a deletion, and a blind source',
    phases: [during(10, plain), during(5, deleting), during(1, []), during(20, plain), during(4, 'timeout')],
    firing: [],
  },
  {
    name: 'told, and then its project is no longer watched',
    phases: [during(10, plain), during(5, []), { minutes: 20, polls: { 'other/AWS': [] } }],
    firing: [fires(removed, 11, 17)],
  },
  {
    name: 'deletion given up long ago',
    phases: [during(10, plain), during(5, deleting), during(70, plain), during(10, [])],
    firing: [fires(removed, 86)],
  },
];

export const endpointRemoval: readonly Told[] = [
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
    name: 'deleted as somebody had asked, in the status that it had',
    phases: [
      during(10, attached),
      during(3, [
        aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { deleteRequested: true })] }),
      ]),
      during(20, plain),
    ],
    firing: [fires(endpointDeleted, 14)],
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

export const messages: readonly Told[] = [
  {
    shows: { ErrorMessageChanged: ['fires', 'clears'] },
    name: 'told for an hour',
    phases: [during(10, first), during(80, second)],
    firing: [fires(hasError, 5), fires(changed, 11, 70)],
  },
  {
    shows: { ErrorMessageChanged: ['series missing'] },
    name: 'set',
    phases: [during(10, plain), during(20, first)],
    firing: [fires(hasError, 15)],
  },
  { name: 'born with one', phases: [during(10, []), during(20, first)], firing: [fires(hasError, 15)] },
  {
    name: 'reworded',
    phases: [during(10, withMessage('Try 1 of 5 failed.')), during(20, withMessage('Try 2 of 5 failed.'))],
    firing: [fires(hasError, 5)],
  },
  {
    shows: { ErrorMessageChanged: ['ignores a blip'] },
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
    shows: { ErrorMessageChanged: ['pod replaced'] },
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
    shows: { ErrorMessageChanged: ['counter restored'] },
    name: 'restored counters',
    phases: [during(10, first), during(75, second), gap(2), during(20, second, { pods: ['b'] })],
    firing: [fires(hasError, 5), fires(changed, 11, 70)],
  },
  {
    shows: { ErrorMessageChanged: ['source blind'] },
    name: 'blind after it',
    phases: [during(10, first), during(5, second), during(80, 'timeout')],
    firing: [fires(hasError, 5), fires(changed, 11, 70), unreachable(20)],
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

const words = Array.from({ length: 100 }, (_, index) => `p${index}`);
const ofProjects = (count: number) => Object.fromEntries(words.slice(0, count).map((word) => [`${word}/AWS`, []]));
const leftAt = (numbers: readonly number[], minute: number) =>
  Object.fromEntries(numbers.map((number) => [`p${number}`, minute]));
const manyLeft = { alertname: 'AtlasPrivateEndpointProjectRemoved', severity: 'info', ...target };

export const projects: readonly Told[] = [
  {
    shows: { ProjectRemoved: ['fires', 'clears'] },
    name: 'told for an hour, and its alerts end',
    phases: [during(10, failed), { ...without, minutes: 90 }],
    firing: [fires(onConnection('Failed', 'critical'), 2, 10), fires(projectLeft, 10, 70)],
  },
  {
    shows: { ProjectRemoved: ['pod replaced'] },
    name: 'the pod is replaced',
    phases: [during(10, plain), { ...without, minutes: 5 }, gap(2), { ...without, minutes: 5, pods: ['b'] }],
    firing: [fires(projectLeft, 10)],
  },
  {
    name: 'it comes back',
    phases: [during(10, plain), { ...without, minutes: 5 }, during(20, plain)],
    firing: [fires(projectLeft, 10, 15)],
  },
  {
    name: 'twenty of a hundred leave at once: one alert for all, and none when some are back',
    phases: [
      { minutes: 10, polls: ofProjects(100) },
      { minutes: 30, polls: ofProjects(80), removed: Object.fromEntries(words.slice(80).map((word) => [word, 10])) },
      { minutes: 10, polls: ofProjects(100) },
    ],
    firing: [{ labels: manyLeft, from: 10, until: 40 }],
  },
  {
    name: 'two leave, and half an hour later three more: what was told is not told again',
    phases: [
      { minutes: 10, polls: ofProjects(100) },
      { minutes: 30, polls: ofProjects(98), removed: leftAt([98, 99], 10) },
      {
        ...{ minutes: 60, polls: ofProjects(95) },
        removed: { ...leftAt([98, 99], 10), ...leftAt([95, 96, 97], 40) },
      },
    ],
    firing: [
      ...['p98', 'p99'].map((word) => ({
        labels: { ...projectLeft, atlas_project_id: projectId(word) },
        ...{ from: 10, until: 70 },
      })),
      { labels: manyLeft, from: 40 },
    ],
  },
];
