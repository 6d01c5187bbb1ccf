/** What every alert on the state of a connection or interface endpoint owes its readers, told as stories. */
import type { Source } from '../../src/domain/source.ts';
import type { Poll } from './builders.ts';
import type { Firing, Story } from './promtool.ts';
import { gap, organization, type Phase, projectId, target, tell } from './rule-story.ts';

export interface StateAlert {
  /** All of the alert. */
  readonly labels: Readonly<Record<string, string>>;
  /** The one source, if it is not the usual one. */
  readonly source?: Source;
  readonly good: Poll;
  readonly bad: Poll;
  /** How it is once it is mended: as when it was good, unless told. */
  readonly mended?: Poll;
  /** How many minutes after it began to be bad the alert fires. */
  readonly after: number;
  /** The longest that it may be bad without an alert, in minutes. */
  readonly blip: number;
  /** For how many minutes it has to be well until the alert ends. */
  readonly hold?: number;
  /** It is an alert only because it was good before. */
  readonly neverBorn?: true;
  /** How the end of it is told. */
  readonly gone?: Readonly<Record<string, string>>;
}

/** What every alert owes, each with a story that shows it or a reason why there is nothing to show. */
export const behaviours = [
  'fires',
  'ignores a blip',
  'clears',
  'series missing',
  'pod replaced',
  'counter restored',
  'source blind',
  /** What only waits to be told is not told because nobody looks any more. */
  'only waiting',
] as const;
export type Behaviour = (typeof behaviours)[number];

export type Told = Omit<Story, 'series' | 'minutes'> & {
  readonly phases: readonly Phase[];
  /** By alert, without `AtlasPrivateEndpoint`: what of it this story shows. */
  readonly shows?: Readonly<Record<string, readonly Behaviour[]>>;
};

export const inPayments = { ...target, atlas_project_id: projectId('payments'), org_id: organization };

/** All labels of an alert on the connection of these stories, or on an interface endpoint of it. */
export function onConnection(alertname: string, severity: string, interfaceEndpoint?: string) {
  return {
    ...{ alertname: `AtlasPrivateEndpoint${alertname}`, severity, ...inPayments },
    ...{ kind: 'cluster', cloud_provider: 'AWS', connection_id: 'c1' },
    ...(interfaceEndpoint === undefined ? {} : { interface_endpoint_id: interfaceEndpoint }),
  };
}

/** All labels of the alert on what cannot be read among the connections of these stories. */
export const unreadableAlert = {
  ...{ alertname: 'AtlasPrivateEndpointUnreadable', severity: 'warning', ...inPayments },
  ...{ kind: 'cluster', cloud_provider: 'AWS' },
};

/** What fires besides, when nothing can be polled for want of an answer. */
export function unreachable(from: number, until?: number): Firing {
  const labels = { alertname: 'AtlasPrivateEndpointApiUnreachable', severity: 'critical', ...target };
  return { labels, from, ...(until === undefined ? {} : { until }) };
}

/** What fires besides, when the project cannot be polled, and others can. */
export function pollFailing(from: number, until?: number): Firing {
  const labels = { alertname: 'AtlasPrivateEndpointPollFailing', severity: 'warning', ...inPayments };
  return { labels, from, ...(until === undefined ? {} : { until }) };
}

/** What fires besides, when nobody is scraped. */
export function exporterAbsent(from: number, until?: number): Firing {
  const labels = { alertname: 'AtlasPrivateEndpointExporterAbsent', severity: 'critical', ...target };
  return { labels, from, ...(until === undefined ? {} : { until }) };
}

/** `sources`: those that are not the usual ones. */
export function toStories(
  told: readonly Told[],
  sources?: Readonly<Record<string, Source>>,
): Promise<readonly Story[]> {
  return Promise.all(
    told.map(async ({ phases, name, firing }) => ({
      ...{ name, firing },
      series: await tell(phases, sources),
      minutes: phases.reduce((sum, { minutes }) => sum + minutes, 0),
    })),
  );
}

/** Ten good minutes, then what each story is about. */
export function stateTold(alert: StateAlert): readonly Told[] {
  const { labels, after, blip, hold = 0 } = alert;
  const shows = (...shown: readonly Behaviour[]) => ({
    shows: { [(labels['alertname'] ?? '').replace('AtlasPrivateEndpoint', '')]: shown },
  });
  const good = { 'payments/AWS': alert.good };
  const bad = { 'payments/AWS': alert.bad };
  const mended = { 'payments/AWS': alert.mended ?? alert.good };
  const down = { 'payments/AWS': 'timeout' } as const;
  const fires = (from: number, until?: number): Firing => ({ labels, from, ...(until === undefined ? {} : { until }) });
  const from = 10 + after;
  const broken: readonly Phase[] = [
    { minutes: 10, polls: good },
    { minutes: after + 5, polls: bad },
  ];
  const end = from + 5;

  return [
    {
      ...shows('fires', 'clears'),
      name: 'fires and clears',
      phases: [...broken, { minutes: 20, polls: mended }],
      firing: [fires(from, end + hold)],
    },
    {
      ...shows('ignores a blip'),
      name: 'ignores a blip',
      phases: [
        { minutes: 10, polls: good },
        { minutes: blip, polls: bad },
        { minutes: 40, polls: mended },
      ],
      firing: [],
    },
    {
      name: 'born so',
      phases: [{ minutes: after + 5, polls: bad }],
      firing: alert.neverBorn ? [] : [fires(after)],
    },
    {
      ...shows('series missing'),
      name: 'its series are missing',
      phases: [
        { minutes: 20, polls: { 'payments/AWS': [] } },
        { minutes: 4, polls: down },
      ],
      firing: [],
    },
    {
      ...shows('pod replaced', 'counter restored'),
      name: 'the pod is replaced',
      phases: [
        ...broken,
        gap(2),
        { minutes: 3, polls: bad, pods: ['b'] },
        { minutes: 3, polls: bad, pods: ['b', 'c'] },
        { minutes: 10, polls: bad, pods: ['c'] },
      ],
      firing: [fires(from)],
    },
    {
      name: 'the pod is replaced by one with another name for the project',
      phases: [
        ...broken,
        { minutes: 2, polls: bad, pods: ['a', 'b'], names: { a: { payments: 'old' } } },
        { minutes: 3, polls: bad, pods: ['b'] },
      ],
      firing: [fires(from)],
    },
    {
      name: 'the pod is replaced by one that lost its state',
      phases: [...broken, gap(2), { minutes: 5, polls: bad, pods: ['b'], lost: true }],
      firing: [fires(from)],
    },
    {
      name: 'a good pod is replaced, also without its state',
      phases: [
        { minutes: 10, polls: good },
        gap(2),
        { minutes: 10, polls: good, pods: ['b'] },
        { minutes: 10, polls: good, pods: ['c'], lost: true },
      ],
      firing: [],
    },
    {
      ...shows('source blind'),
      name: 'the source is blind',
      phases: [...broken, { minutes: 75, polls: down }, { minutes: 15, polls: mended }],
      // Nothing was seen of it for longer than it is held.
      firing: [fires(from, end + 75), unreachable(end + 5, end + 75)],
    },
    {
      name: 'a good source is blind, and then bad',
      phases: [
        { minutes: 10, polls: good },
        { minutes: 40, polls: down },
        { minutes: after + 1, polls: bad },
      ],
      firing: [unreachable(15, 50), fires(50 + after)],
    },
    {
      name: 'it was bad, then good, then blind',
      phases: [...broken, { minutes: 15, polls: mended }, { minutes: 40, polls: down }],
      firing: [fires(from, end + hold), unreachable(end + 20)],
    },
    {
      name: 'the exporter is gone',
      phases: [...broken, gap(70), { minutes: 5, polls: bad, pods: ['b'] }],
      firing: [fires(from), exporterAbsent(end + 5, end + 70)],
    },
    {
      ...shows('only waiting'),
      name: 'the exporter goes while it only waits',
      phases: [{ minutes: 10, polls: good }, { minutes: 1, polls: bad }, gap(after + 30)],
      firing: [exporterAbsent(16)],
    },
    {
      name: 'it is gone for good',
      phases: [...broken, { minutes: 10, polls: { 'payments/AWS': [] } }],
      firing: [fires(from, end), { labels: alert.gone ?? onConnection('Removed', 'critical'), from: end + 1 }],
    },
    {
      name: 'its project is no longer watched',
      phases: [...broken, { minutes: 30, polls: { 'other/AWS': [] } }],
      firing: [fires(from, end + 2)],
    },
  ];
}
