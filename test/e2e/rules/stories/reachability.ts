/** Alerts on what answers where the applications run. */
import type { Cluster } from '../../../../src/domain/cluster.ts';
import { aCluster, aConnection, anInterfaceEndpoint, aString } from '../../../support/builders.ts';
import { behind, type Probed } from '../../../support/probed-series.ts';
import type { Firing } from '../../../support/promtool.ts';
import {
  type Behaviour,
  exporterAbsent,
  inPayments,
  onConnection,
  pollFailing,
  type Told,
} from '../../../support/rule-behaviours.ts';
import { gap, type Phase, projectId, startMinute, target } from '../../../support/rule-story.ts';

const linked = (status = 'AVAILABLE') => [
  aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status })] }),
];
const orders = aCluster('orders', { strings: [aString(['vpce-1'])] });
const inDays = (days: number) => 60 * startMinute + days * 86_400;

/** Two hosts behind one endpoint, of two clusters. */
function twoHosts(answer: Probed['answer'], rest: Partial<Probed> = {}): readonly Probed[] {
  return ['orders', 'stock'].map((cluster) => ({
    ...{ address: `pl-0.${cluster}.example:1024`, projectId: projectId('payments'), cluster, endpoint: 'vpce-1' },
    ...{ answer, certificateEnd: inDays(60) },
    ...rest,
  }));
}

function during(minutes: number, { links = linked(), clusters = [orders], probed = twoHosts('all') }: Seen): Phase {
  const polls = { 'payments/AWS': links, 'payments/clusters': { clusters } };
  return { minutes, polls, probed, own: { targets: 2 } };
}
interface Seen {
  readonly links?: ReturnType<typeof linked>;
  readonly clusters?: readonly Cluster[];
  readonly probed?: readonly Probed[];
}

interface ProbeAlert {
  readonly alert: string;
  readonly severity: string;
  /** How long it lasts until it is told, in minutes. */
  readonly wait: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly bad: Seen;
  /** What fires besides, and how many minutes after it became bad and good again that begins and ends. */
  readonly also?: { readonly labels: Firing['labels']; readonly from: number; readonly until: number };
}

const alerts: readonly ProbeAlert[] = [
  {
    ...{ alert: 'Unreachable', severity: 'critical', wait: 5, labels: { ...inPayments, ...behind } },
    bad: { probed: twoHosts('none') },
  },
  {
    ...{ alert: 'TlsFailing', severity: 'warning', wait: 10, labels: { ...inPayments, ...behind } },
    bad: { probed: twoHosts('untrusted') },
  },
  {
    ...{ alert: 'ReachableThoughBroken', severity: 'info', wait: 15, labels: { ...inPayments, ...behind } },
    bad: { links: linked('FAILED') },
    // It failed, and has to be well for ten minutes.
    also: { labels: onConnection('Failed', 'critical', 'vpce-1'), from: 2, until: 10 },
  },
  {
    ...{ alert: 'CertificateEnds', severity: 'warning', wait: 10, labels: { ...inPayments, ...behind } },
    bad: { probed: twoHosts('all', { certificateEnd: inDays(13) }) },
  },
  { ...{ alert: 'NotProbed', severity: 'warning', wait: 15, labels: target }, bad: { probed: [] } },
];

function storiesOf({ alert, severity, wait, labels, bad, also }: ProbeAlert): readonly Told[] {
  const shows = (...shown: readonly Behaviour[]) => ({ shows: { [alert]: shown } });
  const told = during(wait + 5, bad);
  const end = 15 + wait;
  const fires = (until?: number): readonly Firing[] => [
    {
      labels: { alertname: `AtlasPrivateEndpoint${alert}`, severity, ...labels },
      from: 10 + wait,
      ...(until === undefined ? {} : { until }),
    },
  ];
  const besides = (from: number, until?: number): readonly Firing[] =>
    also
      ? [{ labels: also.labels, from: from + also.from, ...(until === undefined ? {} : { until: until + also.until }) }]
      : [];
  const dark: Phase = { ...told, minutes: 60, polls: { ...told.polls, 'payments/AWS': 'timeout' } };
  return [
    {
      ...shows('fires', 'clears'),
      name: `${alert}: fires and clears`,
      phases: [during(10, {}), told, during(20, {})],
      firing: [...fires(end), ...besides(10, end)],
    },
    {
      ...shows('ignores a blip'),
      name: `${alert}: ignores what does not last`,
      phases: [during(10, {}), during(wait - 1, bad), during(20, {})],
      firing: [...besides(10, 9 + wait)],
    },
    {
      ...(alert === 'NotProbed' ? {} : shows('only waiting')),
      name: `${alert}: the prober and the exporter go while it only waits`,
      phases: [during(10, {}), during(alert === 'NotProbed' ? 5 : wait - 1, bad), gap(30)],
      firing: [exporterAbsent(alert === 'NotProbed' ? 20 : 14 + wait), ...besides(10)],
    },
    {
      ...shows('series missing'),
      name: `${alert}: the exporter is not scraped for a while`,
      phases: [during(10, {}), told, { ...told, minutes: 2, unscraped: true }, told],
      firing: [...fires(), ...besides(10)],
    },
    {
      ...shows('pod replaced', 'counter restored'),
      name: `${alert}: another pod goes on`,
      phases: [during(10, {}), told, { ...told, pods: ['b'] }],
      firing: [...fires(), ...besides(10)],
    },
    {
      ...shows('source blind'),
      name: `${alert}: the list of links cannot be read`,
      phases: [during(10, {}), told, dark, during(20, {})],
      // What was not seen for that long is not held for ten minutes more.
      firing: [...fires(end + 60), ...besides(10, end + 50), pollFailing(end + 10, end + 60)],
    },
  ];
}

const several = aCluster('orders', { strings: [aString(['vpce-1', 'vpce-2'])] });
const twoLinks = (status = 'AVAILABLE') => [
  aConnection('c1', {
    interfaceEndpoints: [anInterfaceEndpoint('vpce-1'), anInterfaceEndpoint('vpce-2', { status })],
  }),
];
const ofCluster = (answer: Probed['answer'], host = 'pl-0'): Probed => ({
  ...{ address: `${host}.orders.example:1024`, projectId: projectId('payments'), cluster: 'orders' },
  ...{ answer, certificateEnd: inDays(60) },
});
const onCluster = (alert: string, severity: string, from: number, until?: number): Firing => ({
  labels: {
    ...{ alertname: `AtlasPrivateEndpoint${alert}`, severity, ...inPayments },
    ...{ prober: 'apps:9115', cluster_name: 'orders' },
  },
  from,
  ...(until === undefined ? {} : { until }),
});
const onEndpoint = (alert: string, severity: string, from: number, labels: Firing['labels'] = {}): Firing => ({
  labels: { alertname: `AtlasPrivateEndpoint${alert}`, severity, ...inPayments, ...behind, ...labels },
  from,
});

export const reachabilityTold: readonly Told[] = [
  ...alerts.flatMap(storiesOf),
  {
    name: 'one host of several is enough, and DNS counts as the port does',
    phases: [during(20, { probed: [...twoHosts('all').slice(0, 1), ...twoHosts('unnamed').slice(1)] })],
    firing: [onEndpoint('Unreachable', 'critical', 5)],
  },
  {
    name: 'a string over several endpoints accuses its cluster',
    phases: [
      during(20, { links: twoLinks(), clusters: [several], probed: [ofCluster('none'), ofCluster('all', 'pl-1')] }),
    ],
    firing: [onCluster('Unreachable', 'critical', 5)],
  },
  {
    name: 'TLS of a string over several endpoints accuses its cluster',
    phases: [during(20, { links: twoLinks(), clusters: [several], probed: [ofCluster('untrusted')] })],
    firing: [onCluster('TlsFailing', 'warning', 10)],
  },
  {
    name: 'a string over several endpoints of which one failed: what does not answer is explained',
    phases: [during(30, { links: twoLinks('FAILED'), clusters: [several], probed: [ofCluster('none')] })],
    firing: [{ labels: onConnection('Failed', 'critical', 'vpce-2'), from: 2 }],
  },
  {
    name: 'a string over several endpoints of which one failed, and all hosts answer',
    phases: [during(30, { links: twoLinks('FAILED'), clusters: [several], probed: [ofCluster('all')] })],
    firing: [
      { labels: onConnection('Failed', 'critical', 'vpce-2'), from: 2 },
      onCluster('ReachableThoughBroken', 'info', 15),
    ],
  },
  {
    name: 'Atlas says itself that it failed: it is no news that nobody answers',
    phases: [during(30, { links: linked('FAILED'), probed: twoHosts('none') })],
    firing: [{ labels: onConnection('Failed', 'critical', 'vpce-1'), from: 2 }],
  },
  {
    name: 'its connection failed, and the endpoint says nothing of it',
    phases: [
      during(30, {
        links: [aConnection('c1', { status: 'FAILED', interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] })],
        probed: twoHosts('none'),
      }),
    ],
    firing: [{ labels: onConnection('Failed', 'critical'), from: 2 }],
  },
  {
    name: 'it is on its way: it is no news that nobody answers, nor that somebody does',
    phases: [
      during(15, { links: linked('PENDING_ACCEPTANCE'), probed: twoHosts('none') }),
      during(14, { links: linked('PENDING_ACCEPTANCE') }),
    ],
    firing: [],
  },
  {
    name: 'a message alone does not make a link broken',
    phases: [
      during(20, {
        links: [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { errorMessage: 'Odd' })] })],
        probed: twoHosts('none'),
      }),
    ],
    firing: [
      onEndpoint('Unreachable', 'critical', 5),
      { labels: onConnection('ErrorPresent', 'warning', 'vpce-1'), from: 5 },
    ],
  },
  {
    name: 'a cluster that is paused answers nobody',
    phases: [
      during(30, { clusters: [{ ...orders, paused: true }], probed: twoHosts('none').slice(0, 1) }),
      during(30, { clusters: [{ ...orders, state: 'DELETING' }], probed: twoHosts('none').slice(0, 1) }),
    ],
    firing: [],
  },
  {
    name: 'from one network it answers, from another it does not',
    phases: [during(20, { probed: [...twoHosts('all'), ...twoHosts('none', { prober: 'jobs:9115' })] })],
    firing: [onEndpoint('Unreachable', 'critical', 5, { prober: 'jobs:9115' })],
  },
  {
    name: 'nobody ever probed: it is nothing that nobody does',
    phases: [during(60, { probed: [] })],
    firing: [],
  },
  {
    name: 'there is nothing left to probe',
    phases: [during(10, {}), { ...during(60, { probed: [] }), own: { targets: 0 } }],
    firing: [],
  },
  {
    name: 'a certificate of another time, and one that is well',
    phases: [during(30, { probed: twoHosts('all', { certificateEnd: inDays(15) }) })],
    firing: [],
  },
];

/** What leads to each alert, for who reads its text. */
export function reachabilityPhases(): Readonly<Record<string, readonly (readonly Phase[])[]>> {
  const own = alerts.map(({ alert, wait, bad }) => [alert, [[during(10, {}), during(wait + 5, bad)]]] as const);
  const ofCauses = [during(10, { probed: [...twoHosts('unnamed').slice(0, 1), ...twoHosts('none').slice(1)] })];
  const ofSeveral = (minutes: number, answer: Probed['answer'], rest: Seen = {}) => [
    during(minutes, { links: twoLinks(), clusters: [several], probed: [ofCluster(answer)], ...rest }),
  ];
  const told = Object.fromEntries(own);
  const ends = { ...ofCluster('all'), certificateEnd: inDays(2) };
  return {
    ...told,
    Unreachable: [...(told['Unreachable'] ?? []), ofCauses, ofSeveral(10, 'none')],
    TlsFailing: [...(told['TlsFailing'] ?? []), ofSeveral(15, 'untrusted')],
    ReachableThoughBroken: [
      ...(told['ReachableThoughBroken'] ?? []),
      ofSeveral(20, 'all', { links: twoLinks('FAILED') }),
    ],
    CertificateEnds: [...(told['CertificateEnds'] ?? []), ofSeveral(15, 'all', { probed: [ends] })],
  };
}
