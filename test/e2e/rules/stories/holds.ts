/** Nothing ends by itself, nothing is told that was only waiting, and what comes and goes is one alert. */
import type { Connection, InterfaceEndpointDetail } from '../../../../src/domain/snapshot.ts';
import { aConnection, anId, anInterfaceEndpoint, type Poll } from '../../../support/builders.ts';
import {
  exporterAbsent,
  onConnection,
  type Told,
  unreachable,
  unreadableAlert,
} from '../../../support/rule-behaviours.ts';
import { gap, type Own, organization, type Phase, projectId, target } from '../../../support/rule-story.ts';
import { fires, one, onTarget } from './exporter.ts';

const status = (word: string, errorMessage: string | null = null) => [
  aConnection('c1', { status: word, errorMessage }),
];
const failed = onConnection('Failed', 'critical');
const lost = onConnection('AvailabilityLost', 'critical');
const flapping = onConnection('Flapping', 'warning');
const b = { pods: ['b'] };
const hours = (count: number) => 60 * count;

/** Stories of more than a day: they share one Prometheus. */
export const days: readonly Told[] = [
  {
    name: 'the exporter is away for more than a day',
    phases: [one(10, status('FAILED')), gap(hours(26)), one(30, status('AVAILABLE'), b)],
    firing: [fires(failed, 2, 10 + hours(26)), exporterAbsent(15, 10 + hours(26))],
  },
  {
    name: 'its target is known and does not answer',
    phases: [one(10, status('FAILED')), { ...gap(hours(26)), down: ['a'] }, one(30, status('FAILED'))],
    firing: [fires(failed, 2), exporterAbsent(15, 10 + hours(26))],
  },
  {
    name: 'lost for more than a day',
    phases: [one(10, status('AVAILABLE')), one(hours(26), status('INITIATING')), one(20, status('AVAILABLE'))],
    firing: [fires(lost, 13, 10 + hours(26) + 10)],
  },
  {
    name: 'blind for more than a day, and lost meanwhile',
    phases: [one(10, status('AVAILABLE')), one(hours(26), 'network'), one(20, status('INITIATING'))],
    firing: [unreachable(15, 10 + hours(26)), fires(lost, 10 + hours(26) + 3)],
  },
  {
    name: 'gone for a day',
    phases: [one(10, status('AVAILABLE')), one(hours(26), [])],
    firing: [fires(onConnection('Removed', 'critical'), 11, 10 + hours(24))],
  },
];

const both = (minutes: number, pods: readonly string[], rest: Partial<Phase> = {}): Phase => ({
  ...{ minutes, polls: {}, pods },
  pollsOf: { a: { 'payments/AWS': status('FAILED') }, b: { 'other/AWS': [] }, c: { 'other/AWS': [] } },
  ...rest,
});
const watched = (minutes: number, pods: readonly string[]): Phase => ({
  ...{ minutes, polls: {}, pods },
  pollsOf: {
    a: { 'payments/AWS': status('FAILED'), 'other/AWS': [] },
    b: { 'other/AWS': [] },
  },
});

/** The connection and its interface endpoint. */
const bothFailed = [
  aConnection('c1', { status: 'FAILED', interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'REJECTED' })] }),
];

export const presence: readonly Told[] = [
  {
    name: 'an interface endpoint that its connection speaks for, and the exporter is away',
    phases: [one(10, bothFailed), gap(60), one(20, bothFailed, b)],
    firing: [fires(failed, 2), exporterAbsent(15, 70)],
  },
  {
    name: 'an interface endpoint that its connection speaks for, and Atlas cannot be asked',
    phases: [one(10, bothFailed), one(60, 'network'), one(20, bothFailed)],
    firing: [fires(failed, 2), unreachable(15, 70)],
  },
  {
    name: 'two exporters of one job, of which one is evicted',
    phases: [both(20, ['a', 'b']), both(60, ['b'])],
    firing: [fires(failed, 2), exporterAbsent(25)],
  },
  {
    name: 'and the other one is restarted',
    phases: [both(20, ['a', 'b']), both(10, ['b']), both(60, ['c'])],
    firing: [fires(failed, 2), exporterAbsent(25)],
  },
  {
    name: 'and it comes back',
    phases: [both(20, ['a', 'b']), both(20, ['b']), both(20, ['a', 'b'])],
    firing: [fires(failed, 2), exporterAbsent(25, 40)],
  },
  {
    name: 'a new pod with a config that watches the project no more',
    phases: [watched(20, ['a']), gap(1), watched(20, ['b'])],
    firing: [fires(failed, 2, 22)],
  },
  {
    name: 'the same, with both pods there for a while',
    phases: [watched(20, ['a']), watched(3, ['a', 'b']), watched(20, ['b'])],
    firing: [fires(failed, 2, 25)],
  },
];

export const pending: readonly Told[] = [
  {
    name: 'killed while it waits: nothing of it is told but that it is gone',
    phases: [one(10, status('AVAILABLE')), one(1, status('FAILED')), gap(30)],
    firing: [exporterAbsent(16)],
  },
  {
    name: 'killed while availability is lost for a moment',
    phases: [one(10, status('AVAILABLE')), one(2, status('INITIATING')), gap(30)],
    firing: [exporterAbsent(17)],
  },
  {
    name: 'blind while it waits',
    phases: [one(10, status('WAITING_FOR_USER')), one(40, 'network'), one(5, status('WAITING_FOR_USER'))],
    firing: [unreachable(15, 50), fires(onConnection('WaitingForUser', 'warning'), 50)],
  },
];

/** Minutes of failure and of health, by turns. */
const turns = (count: number, bad: number, good: number, word = 'FAILED'): readonly Phase[] => [
  one(10, status('AVAILABLE')),
  ...Array.from({ length: count }, () => [one(bad, status(word)), one(good, status('AVAILABLE'))]).flat(),
];
export const comesAndGoes: readonly Told[] = [
  {
    shows: { Flapping: ['fires', 'clears'] },
    name: 'failed, every five minutes',
    phases: [...turns(24, 3, 2), one(90, status('AVAILABLE'))],
    firing: [fires(failed, 12, 10 + 120 - 2 + 10), fires(flapping, 23, 175)],
  },
  {
    name: 'failed, every two minutes',
    phases: turns(30, 1, 1),
    firing: [fires(flapping, 15)],
  },
  {
    name: 'lost, every eight minutes',
    phases: turns(8, 5, 3, 'INITIATING'),
    firing: [fires(lost, 13), fires(flapping, 31)],
  },
  {
    shows: { Flapping: ['ignores a blip'] },
    name: 'five changes within an hour are none too many',
    phases: [...turns(2, 4, 20), one(4, status('FAILED'))],
    firing: [fires(failed, 12, 24), fires(failed, 36, 48), fires(failed, 60)],
  },
];

const listing = (count: number | null, up = 1): Own => ({
  discovery_projects: count === null ? null : [{ labels: { org_id: organization }, value: count }],
  discovery_up: [{ labels: { org_id: organization }, value: up }],
});
const words = Array.from({ length: 6 }, (_, index) => `p${index}`);
const listed = (minutes: number, count: number, left = 0): Phase => ({
  minutes,
  polls: Object.fromEntries(words.slice(0, count).map((word) => [`${word}/AWS`, status('FAILED') as Poll])),
  own: listing(count),
  ...(left === 0 ? {} : { removed: Object.fromEntries(words.slice(count).map((word) => [word, left])) }),
});
const ofOrganization = (alert: string) => onTarget(alert, 'warning', { org_id: organization });
const failedIn = (word: string) => ({ ...failed, atlas_project_id: projectId(word) });
const many = onTarget('ManyBroken', 'critical', { cloud_provider: 'AWS' });

export const listings: readonly Told[] = [
  {
    shows: { ProjectsLost: ['fires', 'clears'] },
    name: 'all projects leave a listing: alerts that ran go on',
    phases: [listed(10, 6), listed(90, 0, 10), listed(10, 6)],
    firing: [fires(many, 2), fires(ofOrganization('ProjectsLost'), 10, 100)],
  },
  {
    name: 'half of them leave',
    phases: [listed(10, 6), listed(90, 3, 10)],
    firing: [fires(many, 2), fires(ofOrganization('ProjectsLost'), 10)],
  },
  {
    name: 'one of six leaves: its alerts end',
    phases: [
      { ...listed(10, 2), own: listing(6) },
      { ...listed(30, 1, 10), own: listing(5), removed: { p1: 10 } },
    ],
    firing: [
      fires(failedIn('p0'), 2),
      fires(failedIn('p1'), 2, 10),
      fires({ ...onTarget('ProjectRemoved', 'info'), atlas_project_id: projectId('p1'), org_id: organization }, 10),
    ],
  },
  {
    shows: { NoProjects: ['fires', 'clears'], ProjectsLost: ['series missing'] },
    name: 'discovery finds no project, and then one',
    phases: [one(30, [], { own: listing(0) }), one(10, [], { own: listing(1) })],
    firing: [fires(ofOrganization('NoProjects'), 10, 30)],
  },
  {
    shows: { NoProjects: ['ignores a blip', 'series missing'] },
    name: 'discovery finds no project for a moment, and then says nothing',
    phases: [one(9, [], { own: listing(0) }), one(10, [], { own: listing(1) }), one(20, [])],
    firing: [],
  },
  {
    shows: { NoProjects: ['only waiting'] },
    name: 'discovery finds no project, and the exporter goes while that only waits',
    phases: [one(9, [], { own: listing(0) }), gap(40)],
    firing: [exporterAbsent(14)],
  },
  {
    shows: { NoProjects: ['pod replaced', 'counter restored'] },
    name: 'discovery finds no project while the pod is replaced',
    phases: [one(15, [], { own: listing(0) }), gap(2), one(10, [], { own: listing(0), ...b })],
    firing: [fires(ofOrganization('NoProjects'), 10)],
  },
  {
    shows: { NoProjects: ['source blind'] },
    name: 'discovery finds no project, and a source that is named is blind',
    phases: [one(15, [], { own: listing(0) }), one(10, 'network', { own: listing(0) })],
    firing: [fires(ofOrganization('NoProjects'), 10), unreachable(20)],
  },
];

export const replicas: readonly Told[] = [
  {
    shows: { ReplicaBlind: ['ignores a blip'] },
    name: 'one of two replicas is refused for a while',
    phases: [
      one(10, [], { pods: ['a', 'b'] }),
      { ...one(9, [], { pods: ['a', 'b'] }), pollsOf: { b: { 'payments/AWS': 'ip_access_list' } } },
      one(5, [], { pods: ['a', 'b'] }),
    ],
    firing: [],
  },
  {
    shows: { ReplicaBlind: ['only waiting'] },
    name: 'one of two replicas is refused, and both go while that only waits',
    phases: [
      one(10, [], { pods: ['a', 'b'] }),
      { ...one(9, [], { pods: ['a', 'b'] }), pollsOf: { b: { 'payments/AWS': 'ip_access_list' } } },
      gap(40),
    ],
    firing: [exporterAbsent(24)],
  },
  {
    shows: { ReplicaBlind: ['fires', 'clears'] },
    name: 'one of two replicas is refused',
    phases: [
      one(10, [], { pods: ['a', 'b'] }),
      { ...one(30, [], { pods: ['a', 'b'] }), pollsOf: { b: { 'payments/AWS': 'ip_access_list' } } },
      one(5, [], { pods: ['a', 'b'] }),
    ],
    firing: [fires(onTarget('ReplicaBlind', 'warning'), 20, 40)],
  },
];

const attached = (word: string, ofConnection = 'AVAILABLE') => [
  aConnection('c1', { status: ofConnection, interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: word })] }),
];
const deleted = onConnection('Deleted', 'info');
/** So many connections, each with an interface endpoint. */
const several = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) =>
    aConnection(`c${index}`, {
      status: word,
      interfaceEndpoints: [anInterfaceEndpoint(`vpce-${index}`, { status: word })],
    }),
  );
const manyDeleted = {
  ...{ alertname: 'AtlasPrivateEndpointDeleted', severity: 'info', ...target },
  ...{ kind: 'cluster', cloud_provider: 'AWS' },
};
export const deletions: readonly Told[] = [
  {
    name: 'many are deleted on purpose: one alert for all, for an hour',
    phases: [one(10, several(20, 'AVAILABLE')), one(5, several(20, 'DELETING')), one(90, [])],
    firing: [fires(manyDeleted, 16, 75)],
  },
  {
    name: 'many are deleted on purpose, while their exporter is away',
    phases: [one(10, several(20, 'AVAILABLE')), one(5, several(20, 'DELETING')), gap(3), one(30, [], b)],
    firing: [fires(manyDeleted, 19)],
  },
  {
    name: 'the last interface endpoint is deleted on purpose and takes its connection along',
    phases: [one(10, attached('AVAILABLE')), one(5, attached('DELETING')), one(20, [])],
    firing: [fires(deleted, 16)],
  },
  {
    name: 'the same, one after the other',
    phases: [
      one(10, attached('AVAILABLE')),
      one(5, attached('DELETING')),
      one(3, status('WAITING_FOR_USER')),
      one(20, []),
    ],
    firing: [fires(onConnection('Deleted', 'info', 'vpce-1'), 16, 18), fires(deleted, 19)],
  },
  {
    name: 'a connection that goes with two, of which one was not asked to go',
    phases: [
      one(10, [
        aConnection('c1', {
          interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'DELETING' }), anInterfaceEndpoint('vpce-2')],
        }),
      ]),
      one(20, []),
    ],
    firing: [fires(onConnection('Removed', 'critical'), 11)],
  },
];

const v1 = (...ids: readonly string[]) => [
  aConnection('c1', { status: 'WAITING_FOR_USER', interfaceEndpoints: ids.map((id) => anId(id)) }),
];
export const older: readonly Told[] = [
  {
    name: 'v1.0: the last interface endpoint vanishes',
    phases: [one(10, v1('vpce-1')), one(40, v1())],
    firing: [
      fires(onConnection('Removed', 'warning', 'vpce-1'), 11),
      fires(onConnection('WaitingForUser', 'warning'), 40),
    ],
  },
  {
    name: 'v1.0: one of two vanishes',
    phases: [one(10, v1('vpce-1', 'vpce-2')), one(40, v1('vpce-2'))],
    firing: [fires(onConnection('Removed', 'info', 'vpce-1'), 11)],
  },
];

export const names: readonly Told[] = [
  {
    name: 'the project is renamed in Atlas',
    phases: [one(10, status('FAILED')), one(10, status('FAILED'), { names: { a: { payments: 'payments-prod' } } })],
    firing: [fires(failed, 2)],
  },
  {
    name: 'a rename before an outage',
    phases: [
      one(10, status('FAILED')),
      one(3, status('FAILED'), { names: { a: { payments: 'payments-prod' } } }),
      one(30, 'network', { names: { a: { payments: 'payments-prod' } } }),
    ],
    firing: [fires(failed, 2), unreachable(18)],
  },
  {
    name: 'a pod without state, whose look-up of names fails',
    phases: [one(10, status('FAILED')), gap(1), one(20, status('FAILED'), { ...b, lost: true, nameless: true })],
    firing: [fires(failed, 2)],
  },
];

/** Listed, and what Atlas says of it cannot be read. */
const unreadAs404 = 'Atlas lists it and answers 404';
const unread = (others: readonly Connection[] = []) => [aConnection('c1', { unreadable: unreadAs404 }), ...others];
const rejected = { status: 'REJECTED' };
const withEndpoints = (first: Partial<InterfaceEndpointDetail> | 'unreadable', second: string) => [
  aConnection('c1', {
    interfaceEndpoints: [
      first === 'unreadable'
        ? { ...anInterfaceEndpoint('vpce-1'), unreadable: unreadAs404 }
        : anInterfaceEndpoint('vpce-1', first),
      anInterfaceEndpoint('vpce-2', { status: second }),
    ],
  }),
];

export const unreadable: readonly Told[] = [
  {
    name: 'a connection that failed cannot be read for an hour, and is well then',
    phases: [one(10, status('FAILED')), one(60, unread()), one(10, status('AVAILABLE'))],
    // It was seen to fail an hour before it is seen to be well: nothing is held for that.
    firing: [fires(failed, 2, 70), fires(unreadableAlert, 20, 70)],
  },
  {
    name: 'a connection that cannot be read has failed when it can be again',
    phases: [one(10, status('AVAILABLE')), one(30, unread()), one(10, status('FAILED'))],
    firing: [fires(unreadableAlert, 20, 40), fires(failed, 42)],
  },
  {
    name: 'a rejected endpoint cannot be read, and another is rejected meanwhile',
    phases: [
      one(10, withEndpoints(rejected, 'AVAILABLE')),
      one(20, withEndpoints('unreadable', 'AVAILABLE')),
      one(10, withEndpoints('unreadable', 'REJECTED')),
    ],
    firing: [
      fires(onConnection('Failed', 'critical', 'vpce-1'), 2),
      fires(unreadableAlert, 20),
      fires(onConnection('Failed', 'critical', 'vpce-2'), 32),
    ],
  },
  {
    name: 'a connection cannot be read, and another one fails meanwhile',
    phases: [one(15, unread([aConnection('c2')])), one(10, unread([aConnection('c2', { status: 'FAILED' })]))],
    firing: [fires(unreadableAlert, 10), fires({ ...failed, connection_id: 'c2' }, 17)],
  },
  {
    name: 'what cannot be read is gone',
    phases: [one(10, status('FAILED')), one(15, unread()), one(10, [])],
    firing: [fires(failed, 2, 25), fires(unreadableAlert, 20, 25), fires(onConnection('Removed', 'critical'), 26)],
  },
];
