/** Alerts on the private connection strings of clusters. */
import type { Cluster } from '../../../../src/domain/cluster.ts';
import { aCluster, aConnection, anInterfaceEndpoint, aSource, aString, type Poll } from '../../../support/builders.ts';
import {
  type Behaviour,
  exporterAbsent,
  inPayments,
  pollFailing,
  type Told,
} from '../../../support/rule-behaviours.ts';
import { gap, type Phase, projectId } from '../../../support/rule-story.ts';

const list = aSource({ projectId: projectId('payments'), kind: 'connection_strings', cloudProvider: '' });
/** The source of the clusters in these stories. */
export const clusterSources = { 'payments/clusters': list };

const east = { cloudProvider: 'AWS', region: 'US_EAST_1' };
const west = { cloudProvider: 'AWS', region: 'US_WEST_2' };
const linkIn = (region: string, id: string) =>
  aConnection(id, { region, interfaceEndpoints: [anInterfaceEndpoint(id)] });
const both = [linkIn('US_EAST_1', 'c1'), linkIn('US_WEST_2', 'c2')];
const oneOfTwo = [linkIn('US_EAST_1', 'c1')];
const inEast = aCluster('orders', { regions: [east], strings: [aString(['c1'])] });
const without = aCluster('orders', { regions: [east, west] });
const withString = { ...without, strings: [aString(['c1', 'c2'])] };

/** Minutes in which the links and the one cluster are like that. */
function during(
  minutes: number,
  links: Poll,
  cluster: Cluster | 'gone' | 'timeout',
  rest: Omit<Phase, 'minutes' | 'polls'> = {},
): Phase {
  const clusters = cluster === 'timeout' ? cluster : { clusters: cluster === 'gone' ? [] : [cluster] };
  return { minutes, polls: { 'payments/AWS': links, 'payments/clusters': clusters }, ...rest };
}

const onOrders = (alert: string, severity: string, from: number, until?: number) => ({
  labels: { alertname: `AtlasPrivateEndpoint${alert}`, severity, ...inPayments, cluster_name: 'orders' },
  from,
  ...(until === undefined ? {} : { until }),
});

interface ClusterAlert {
  readonly alert: 'ConnectionStringLost' | 'RegionWithoutEndpoint' | 'ConnectionStringMissing';
  readonly severity: string;
  /** How long it lasts until it is told, in minutes. */
  readonly wait: number;
  /** For how many minutes it goes on after its end: a region that is not told is bridged, because a scrape may be missed. */
  readonly bridged?: number;
  /** How it is before, while it is bad, and after. */
  readonly good: readonly [links: Poll, cluster: Cluster];
  readonly bad: readonly [links: Poll, cluster: Cluster];
}

function storiesOf({ alert, severity, wait, good, bad, bridged = 0 }: ClusterAlert): readonly Told[] {
  const [links, cluster] = bad;
  const shows = (...shown: readonly Behaviour[]) => ({ shows: { [alert]: shown } });
  const fires = (until?: number) => onOrders(alert, severity, 10 + wait, until);
  const before = during(10, ...good);
  const told = during(wait + 5, ...bad);
  const end = 10 + wait + 5;
  const gone = end + bridged;
  return [
    {
      ...shows('fires', 'clears'),
      name: `${alert}: fires and clears`,
      phases: [before, told, during(10, ...good)],
      firing: [fires(gone)],
    },
    {
      ...shows('ignores a blip'),
      name: `${alert}: ignores what does not last`,
      phases: [before, during(wait - 1, ...bad), during(40, ...good)],
      firing: [],
    },
    {
      ...shows('series missing'),
      name: `${alert}: is not scraped for a while`,
      phases: [before, told, { ...told, minutes: 2, unscraped: true }, told],
      firing: [fires()],
    },
    {
      ...shows('pod replaced', 'counter restored'),
      name: `${alert}: another pod goes on`,
      phases: [before, told, { ...told, pods: ['b'] }],
      firing: [fires()],
    },
    {
      ...shows('only waiting'),
      name: `${alert}: the exporter goes while it only waits`,
      phases: [before, during(wait - 1, ...bad), gap(wait + 30)],
      firing: [exporterAbsent(10 + wait - 1 + 5)],
    },
    {
      name: `${alert}: the exporter goes while it only waits, and it is so when it is back`,
      phases: [before, during(wait - 1, ...bad), gap(wait + 30), during(5, ...bad)],
      firing: [exporterAbsent(10 + wait - 1 + 5, 10 + 2 * wait + 29), onOrders(alert, severity, 10 + 2 * wait + 30)],
    },
    {
      name: `${alert}: another pod begins anew`,
      phases: [before, told, { ...told, pods: ['b'], lost: true }],
      firing: [fires()],
    },
    {
      name: `${alert}: the cluster is paused`,
      phases: [before, told, during(20, links, { ...cluster, paused: true })],
      firing: [fires(end)],
    },
    {
      name: `${alert}: the cluster is paused before`,
      phases: [during(10, good[0], { ...good[1], paused: true }), during(60, links, { ...cluster, paused: true })],
      firing: [],
    },
    {
      name: `${alert}: the cluster is being deleted, and gone`,
      phases: [before, during(60, links, { ...cluster, state: 'DELETING' }), during(40, links, 'gone')],
      firing: [],
    },
    {
      name: `${alert}: the cluster goes`,
      phases: [before, told, during(10, links, 'gone')],
      firing: [fires(gone)],
    },
  ];
}

/** A list cannot be read for an hour: what was told stays. */
function blind({ alert, severity, wait, good, bad, bridged = 0 }: ClusterAlert, of: 'clusters' | 'links'): Told {
  const [links, cluster] = bad;
  const dark = of === 'clusters' ? during(60, links, 'timeout') : during(60, 'timeout', cluster);
  return {
    shows: { [alert]: ['source blind'] },
    name: `${alert}: the list of ${of} cannot be read`,
    phases: [during(10, ...good), during(wait + 5, ...bad), dark, during(10, ...good)],
    firing: [onOrders(alert, severity, 10 + wait, 75 + wait + bridged), pollFailing(25 + wait, 75 + wait)],
  };
}

/** A list cannot be read for an hour while it only waits: it is told once it is seen again, an evaluation after that. */
function blindBefore({ alert, severity, wait, good, bad }: ClusterAlert, of: 'clusters' | 'links'): Told {
  const [links, cluster] = bad;
  const dark = of === 'clusters' ? during(60, links, 'timeout') : during(60, 'timeout', cluster);
  const from = 10 + wait - 1;
  // That a string went stands in the list of clusters alone.
  const seen = alert === 'ConnectionStringLost' && of === 'links';
  return {
    name: `${alert}: the list of ${of} cannot be read while it only waits`,
    phases: [during(10, ...good), during(wait - 1, ...bad), dark, during(5, ...bad)],
    firing: [pollFailing(from + 10, from + 60), onOrders(alert, severity, seen ? from + 1 : from + 61)],
  };
}

const alerts: readonly ClusterAlert[] = [
  // A region is added, the string goes, and no link changes.
  { alert: 'ConnectionStringLost', severity: 'critical', wait: 10, good: [oneOfTwo, inEast], bad: [oneOfTwo, without] },
  {
    alert: 'RegionWithoutEndpoint',
    severity: 'warning',
    wait: 30,
    good: [oneOfTwo, inEast],
    bad: [oneOfTwo, withString],
    bridged: 1,
  },
  {
    ...{ alert: 'ConnectionStringMissing', severity: 'warning', wait: 30 },
    ...{ good: [both, { ...without, state: 'UPDATING' }], bad: [both, without] },
  },
];

/** What leads to each alert, for who reads its text. */
export const clusterPhases = Object.fromEntries(
  alerts.map(({ alert, wait, good, bad }) => {
    const [links, cluster] = bad;
    const managed = { pending: 0, failed: 'vpce-1 is gone. {{ Make }} the "string" anew.' };
    const ends = [bad, ...(cluster.strings.length === 0 ? [[links, { ...cluster, managed }] as const] : [])];
    return [alert, ends.map((end) => [during(10, ...good), during(wait + 5, ...end)])];
  }),
);

export const clusterTold: readonly Told[] = [
  ...alerts.flatMap((alert) => [
    ...storiesOf(alert),
    ...(['clusters', 'links'] as const).flatMap((list) => [blind(alert, list), blindBefore(alert, list)]),
  ]),
  {
    name: 'a link comes up and Atlas takes its time to give the string',
    phases: [
      during(10, oneOfTwo, without),
      during(25, both, { ...without, state: 'UPDATING' }),
      during(40, both, withString),
    ],
    firing: [],
  },
  {
    name: 'two pods disagree: one has seen the string already',
    phases: [
      during(10, both, withString),
      during(60, both, without, {
        pods: ['a', 'b'],
        pollsOf: { b: { 'payments/AWS': both, 'payments/clusters': { clusters: [withString] } } },
      }),
    ],
    firing: [],
  },
  {
    name: 'Atlas is making a managed string in place of the one that went: it is on its way, and then it is not',
    phases: [
      during(10, both, withString),
      during(60, both, { ...without, managed: { pending: 1, failed: null } }),
      during(15, both, { ...without, managed: { pending: 0, failed: 'vpce-1 is gone' } }),
    ],
    firing: [onOrders('ConnectionStringLost', 'critical', 80)],
  },
  {
    name: 'Atlas is making the first managed string, and could not',
    phases: [
      during(60, both, { ...without, managed: { pending: 1, failed: null } }),
      during(35, both, { ...without, managed: { pending: 0, failed: 'vpce-1 is gone' } }),
    ],
    firing: [onOrders('ConnectionStringMissing', 'warning', 90)],
  },
  {
    name: 'no region of the cluster has a link: nobody meant it to be private',
    phases: [during(90, [linkIn('EU_WEST_1', 'c3')], without)],
    firing: [],
  },
];
