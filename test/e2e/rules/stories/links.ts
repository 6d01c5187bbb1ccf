/** Alerts on what is announced of links, or not as it should be, though their statuses are well. */
import type { Connection } from '../../../../src/domain/snapshot.ts';
import { aCluster, aConnection, anInterfaceEndpoint } from '../../../support/builders.ts';
import {
  type Behaviour,
  exporterAbsent,
  inPayments,
  type Told,
  unreachable,
} from '../../../support/rule-behaviours.ts';
import { gap, type Phase } from '../../../support/rule-story.ts';

const day = 24 * 60;

const group = (failed: number) =>
  aConnection('c1', {
    cloudProvider: 'GCP',
    interfaceEndpoints: [anInterfaceEndpoint('grp', { members: { AVAILABLE: 2, FAILED: failed } }, 'GCP')],
  });
const google = (overrides: Partial<Connection> = {}) => ({ ...group(0), ...overrides });
const amazon = (...ids: readonly string[]) =>
  aConnection('c1', { interfaceEndpoints: ids.map((id) => anInterfaceEndpoint(id)) });

/** Minutes in which the project has this one link; null for none. */
function during(minutes: number, link: Connection | null, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  const list = `payments/${link?.cloudProvider ?? 'AWS'}`;
  return { minutes, polls: { [list]: link ? [link] : [] }, ...rest };
}

interface LinkAlert {
  readonly alert: 'MemberFailed' | 'NothingAttached' | 'Sunset';
  readonly labels: Readonly<Record<string, string>>;
  /** How long it lasts until it is told, in minutes. */
  readonly wait: number;
  /** null: the link is not there yet, because what it loses would be told. */
  readonly good: Connection | null;
  readonly bad: Connection;
  /** How it is once it is mended: as when it was good, unless told. */
  readonly mended?: Connection;
  readonly rest?: Omit<Phase, 'minutes' | 'polls'>;
}

const onLink = { ...inPayments, kind: 'cluster', connection_id: 'c1' };

/** With a day taken as half an hour: see `quickRules`. */
const alerts: readonly LinkAlert[] = [
  {
    alert: 'MemberFailed',
    labels: { severity: 'warning', ...onLink, cloud_provider: 'GCP', interface_endpoint_id: 'grp' },
    wait: 5,
    good: group(0),
    bad: group(1),
  },
  {
    alert: 'NothingAttached',
    labels: { severity: 'info', ...onLink, cloud_provider: 'AWS' },
    wait: 30,
    good: null,
    bad: amazon(),
    mended: amazon('vpce-1'),
  },
  {
    alert: 'Sunset',
    labels: { severity: 'warning', ...inPayments },
    wait: 5,
    good: google(),
    bad: google({ sunset: 'gcp_not_port_mapped' }),
    rest: { sunset: 60 * day },
  },
];

function storiesOf({ alert, labels, wait, good, bad, rest, mended = good ?? bad }: LinkAlert): readonly Told[] {
  const shows = (...shown: readonly Behaviour[]) => ({ shows: { [alert]: shown } });
  const fires = (until?: number) => ({
    labels: { alertname: `AtlasPrivateEndpoint${alert}`, ...labels },
    from: 10 + wait,
    ...(until === undefined ? {} : { until }),
  });
  const before = during(10, good, rest);
  const told = during(wait + 5, bad, rest);
  const end = 10 + wait + 5;
  const [list = ''] = Object.keys(before.polls);
  const dark: Phase = { minutes: 60, polls: { [list]: 'timeout' }, ...rest };
  const pending = [before, during(wait - 1, bad, rest)];
  return [
    {
      ...shows('fires', 'clears'),
      name: `${alert}: fires and clears`,
      phases: [before, told, during(10, mended, rest)],
      firing: [fires(end)],
    },
    {
      ...shows('ignores a blip'),
      name: `${alert}: ignores what does not last`,
      phases: [...pending, during(40, mended, rest)],
      firing: [],
    },
    {
      ...shows('only waiting'),
      name: `${alert}: the exporter goes while it only waits`,
      phases: [...pending, gap(wait + 30)],
      firing: [exporterAbsent(10 + wait - 1 + 5)],
    },
    {
      ...shows('series missing'),
      name: `${alert}: is not scraped for a while`,
      phases: [before, told, { ...told, minutes: 2, unscraped: true }, told],
      firing: [fires()],
    },
    {
      ...shows('pod replaced'),
      name: `${alert}: another pod goes on, with and without what was stored`,
      phases: [before, told, { ...told, pods: ['b'] }, { ...told, pods: ['c'], lost: true }],
      firing: [fires()],
    },
    {
      ...shows('source blind'),
      name: `${alert}: the list cannot be read`,
      phases: [before, told, dark, during(10, mended, rest)],
      firing: [fires(end + 60), unreachable(end + 5, end + 60)],
    },
  ];
}

const unreadable = aCluster('orders', { unreadable: 'Not what Atlas documents' });
const ofClusters = (minutes: number, ...clusters: readonly ReturnType<typeof aCluster>[]): Phase => ({
  minutes,
  polls: { 'payments/clusters': { clusters } },
});
const mode = (minutes: number, isOn: boolean | null, rest: Partial<Phase> = {}): Phase => ({
  ...during(minutes, amazon('vpce-1')),
  ...(isOn === null ? {} : { regionalMode: { payments: isOn } }),
  ...rest,
});
const flipped = { alertname: 'AtlasPrivateEndpointRegionalModeChanged', severity: 'info', ...inPayments };
const sunsetAs = (severity: string) => ({ alertname: 'AtlasPrivateEndpointSunset', severity, ...inPayments });
const legacy = google({ sunset: 'gcp_not_port_mapped' });

/** What leads to each alert, for who reads its text. */
export const linkPhases = {
  MemberFailed: [[during(20, group(1))]],
  NothingAttached: [[during(40, amazon())]],
  Sunset: [[during(20, legacy, { sunset: 60 * day })], [during(20, legacy, { sunset: -5 })]],
  RegionalModeChanged: [[mode(10, false), mode(10, true)]],
};

export const linkTold: readonly Told[] = [
  ...alerts.flatMap(storiesOf),
  {
    name: 'a group that failed is no second alert on its members',
    phases: [
      during(10, group(0)),
      during(20, {
        ...group(3),
        interfaceEndpoints: [anInterfaceEndpoint('grp', { status: 'FAILED', members: { FAILED: 3 } }, 'GCP')],
      }),
    ],
    firing: [
      {
        labels: {
          ...{ alertname: 'AtlasPrivateEndpointFailed', severity: 'critical', ...onLink },
          ...{ cloud_provider: 'GCP', interface_endpoint_id: 'grp' },
        },
        from: 12,
      },
    ],
  },
  {
    name: 'the nearer the date the worse, one alert at a time',
    phases: [during(30, legacy, { sunset: 14 * day + 20 })],
    firing: [
      { labels: sunsetAs('warning'), from: 5, until: 21 },
      { labels: sunsetAs('critical'), from: 21 },
    ],
  },
  {
    name: 'half a year before it begins',
    phases: [during(30, legacy, { sunset: 180 * day + 10 })],
    firing: [{ labels: sunsetAs('info'), from: 11 }],
  },
  {
    name: 'after the date it goes on',
    phases: [during(30, legacy, { sunset: 10 })],
    firing: [{ labels: sunsetAs('critical'), from: 5 }],
  },
  {
    shows: { RegionalModeChanged: ['fires', 'clears', 'series missing', 'pod replaced'] },
    name: 'regional mode is turned on; another pod that looks it up later tells nothing new',
    phases: [
      mode(10, null),
      mode(10, false),
      mode(20, true),
      mode(2, true, { unscraped: true }),
      mode(5, null, { pods: ['b'] }),
      mode(60, true, { pods: ['b'] }),
    ],
    firing: [{ labels: flipped, from: 20, until: 80 }],
  },
  {
    shows: { Unreadable: ['fires'] },
    name: 'clusters that cannot be read are counted, for a project',
    phases: [ofClusters(10, aCluster('orders')), ofClusters(15, unreadable), ofClusters(10, aCluster('orders'))],
    firing: [
      {
        labels: {
          ...{ alertname: 'AtlasPrivateEndpointUnreadable', severity: 'warning', ...inPayments },
          kind: 'connection_strings',
        },
        from: 20,
        until: 25,
      },
    ],
  },
];
