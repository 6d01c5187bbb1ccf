/** Alerts on the state of connections and interface endpoints: what is good and what is bad of each. */
import { aConnection, anId, anInterfaceEndpoint, aSource } from '../../../support/builders.ts';
import { onConnection, type StateAlert, unreadableAlert } from '../../../support/rule-behaviours.ts';
import { projectId, target } from '../../../support/rule-story.ts';

const message = 'Interface endpoint vpce-0123456789abcdef0 was not found.';
const connection = (status: string, errorMessage: string | null = null) => [
  aConnection('c1', { status, errorMessage }),
];
const endpoint = (status: string, errorMessage: string | null = null) => [
  aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status, errorMessage })] }),
];
const unreadable = 'Atlas lists it and answers 404';
const v1 = aSource({ projectId: projectId('payments'), api: 'v1.0' });
const v1Connection = (...ids: readonly string[]) => [
  aConnection('c1', { status: 'WAITING_FOR_USER', interfaceEndpoints: ids.map((id) => anId(id)) }),
];

export const stateAlerts: Readonly<Record<string, StateAlert>> = {
  'a connection that failed': {
    labels: onConnection('Failed', 'critical'),
    good: connection('AVAILABLE'),
    bad: connection('FAILED', message),
    hold: 10,
    after: 2,
    blip: 2,
  },
  'an interface endpoint that was rejected': {
    labels: onConnection('Failed', 'critical', 'vpce-1'),
    good: endpoint('AVAILABLE'),
    bad: endpoint('REJECTED'),
    hold: 10,
    after: 2,
    blip: 2,
  },
  'a connection that is no longer available': {
    labels: onConnection('AvailabilityLost', 'critical'),
    good: connection('AVAILABLE'),
    bad: connection('INITIATING'),
    hold: 10,
    after: 3,
    blip: 3,
    neverBorn: true,
  },
  'an interface endpoint that is no longer available': {
    labels: onConnection('AvailabilityLost', 'critical', 'vpce-1'),
    good: endpoint('AVAILABLE'),
    bad: endpoint('PENDING'),
    hold: 10,
    after: 3,
    blip: 3,
    neverBorn: true,
  },
  'a connection that is stuck': {
    labels: onConnection('Stuck', 'warning'),
    good: [],
    bad: connection('INITIATING'),
    mended: connection('AVAILABLE'),
    after: 66,
    blip: 65,
  },
  'an interface endpoint that is stuck': {
    labels: onConnection('Stuck', 'warning', 'vpce-1'),
    good: connection('AVAILABLE'),
    bad: endpoint('PENDING_ACCEPTANCE'),
    mended: endpoint('AVAILABLE'),
    after: 36,
    blip: 35,
  },
  'a connection that is stuck in its deletion': {
    labels: onConnection('Stuck', 'warning'),
    good: connection('AVAILABLE'),
    bad: connection('DELETING'),
    after: 126,
    blip: 125,
    gone: onConnection('Deleted', 'info'),
  },
  'a connection that waits for somebody': {
    labels: onConnection('WaitingForUser', 'warning'),
    good: [],
    bad: connection('WAITING_FOR_USER'),
    mended: connection('AVAILABLE'),
    after: 30,
    blip: 30,
  },
  'a connection of v1.0 that waits for an interface endpoint': {
    labels: onConnection('WaitingForUser', 'warning'),
    source: v1,
    good: [],
    bad: v1Connection(),
    mended: v1Connection('vpce-1'),
    after: 30,
    blip: 30,
  },
  'an interface endpoint that nobody made yet': {
    labels: onConnection('WaitingForUser', 'warning', 'vpce-1'),
    good: connection('AVAILABLE'),
    bad: endpoint('NONE'),
    mended: endpoint('AVAILABLE'),
    after: 30,
    blip: 30,
  },
  'a connection with an error': {
    labels: onConnection('ErrorPresent', 'warning'),
    good: connection('AVAILABLE'),
    bad: connection('AVAILABLE', message),
    after: 5,
    blip: 5,
  },
  'an interface endpoint with an error': {
    labels: onConnection('ErrorPresent', 'warning', 'vpce-1'),
    good: endpoint('AVAILABLE'),
    bad: endpoint('AVAILABLE', message),
    after: 5,
    blip: 5,
  },
  'a status that nobody knows': {
    labels: {
      ...{ alertname: 'AtlasPrivateEndpointUnknownStatus', severity: 'warning', ...target },
      ...{ kind: 'cluster', cloud_provider: 'AWS' },
    },
    good: [],
    bad: connection('HIBERNATING'),
    mended: connection('AVAILABLE'),
    after: 5,
    blip: 5,
  },
  'a connection that cannot be read': {
    labels: unreadableAlert,
    good: connection('AVAILABLE'),
    bad: [aConnection('c1', { unreadable })],
    after: 10,
    blip: 10,
  },
  'an interface endpoint that cannot be read': {
    labels: unreadableAlert,
    good: endpoint('AVAILABLE'),
    bad: [aConnection('c1', { interfaceEndpoints: [{ ...anInterfaceEndpoint('vpce-1'), unreadable }] })],
    after: 10,
    blip: 10,
  },
};
