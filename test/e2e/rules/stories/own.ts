/** Alerts that read one gauge of the exporter: its state, its config, its organizations and its tokens. */
import {
  type Behaviour,
  exporterAbsent,
  inPayments,
  pollFailing,
  type Told,
} from '../../../support/rule-behaviours.ts';
import { gap, type Own, organization } from '../../../support/rule-story.ts';
import { all, fires, four, one, onTarget, rejected } from './exporter.ts';

interface OwnAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly good: Own;
  readonly bad: Own;
  readonly missing: Own;
  readonly after: number;
}

const ofOrganization = (value: number): Own => ({ discovery_up: [{ labels: { org_id: organization }, value }] });
/** A token that ends in this minute of the story, and how many requests for another one fail in a minute. */
const tokenUntil = (until: number, perMinute: number): Own => ({
  token_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 60 * (70 + until) }],
  api_requests_total: (minute) => [{ labels: { operation: 'token', code: '500' }, value: minute * perMinute }],
});
/** A process that never got a token. */
const noToken: Own = {
  token_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 0 }],
  api_requests_total: (minute) => [{ labels: { operation: 'token', code: '500' }, value: minute }],
};

export const ownAlerts: Readonly<Record<string, OwnAlert>> = {
  StateNotSaved: {
    labels: onTarget('StateNotSaved', 'warning'),
    good: {},
    bad: { state_last_save_successful: 0 },
    missing: { state_last_save_successful: null },
    after: 10,
  },
  ConfigReloadFailed: {
    labels: onTarget('ConfigReloadFailed', 'warning'),
    good: {},
    bad: { config_last_reload_successful: 0 },
    missing: { config_last_reload_successful: null },
    after: 5,
  },
  DiscoveryFailing: {
    labels: onTarget('DiscoveryFailing', 'warning', { org_id: organization }),
    good: ofOrganization(1),
    bad: ofOrganization(0),
    missing: {},
    after: 30,
  },
};

/** A secret that ends in this minute of the story. */
const secretUntil = (minute: number): Own => ({
  secret_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 60 * (70 + minute) }],
});
const day = 24 * 60;
const ofSecret = (severity: string) => onTarget('SecretExpires', severity, { credential: 'robot' });
export const secrets: readonly Told[] = [
  ...ownTold('SecretExpires', {
    labels: ofSecret('warning'),
    good: secretUntil(20 * day),
    bad: secretUntil(7 * day),
    missing: {},
    after: 0,
  }),
  {
    name: 'from a warning to critical, and over its end',
    phases: [one(90, [], { own: secretUntil(2 * day + 30) })],
    firing: [fires(ofSecret('warning'), 0, 31), fires(ofSecret('critical'), 31)],
  },
  {
    name: 'it has ended',
    phases: [one(20, [], { own: secretUntil(-5) })],
    firing: [fires(ofSecret('critical'), 0)],
  },
  {
    name: 'stays while nobody is scraped, and over a pod that has not asked yet',
    phases: [one(30, [], { own: secretUntil(7 * day) }), gap(90), one(10, [], { pods: ['b'] })],
    firing: [fires(ofSecret('warning'), 0, 120), exporterAbsent(35, 120)],
  },
  {
    name: 'a pod that has not asked yet',
    phases: [
      one(30, [], { own: secretUntil(7 * day) }),
      one(10, [], { pods: ['b'] }),
      one(9, [], { own: secretUntil(7 * day), pods: ['b'] }),
    ],
    firing: [fires(ofSecret('warning'), 0)],
  },
];

const used = (payments: number) => ({ limitUsage: { payments } });
const near = (from: number, until?: number) =>
  fires({ ...onTarget('LimitNear', 'warning'), ...inPayments, limit: 'nodes_per_private_link_region' }, from, until);
const shows = (...shown: readonly Behaviour[]) => ({ shows: { LimitNear: shown } });
export const limits: readonly Told[] = [
  {
    ...shows('fires', 'clears'),
    name: 'nine tenths are used, and then less',
    phases: [one(10, [], used(44)), one(20, [], used(45)), one(10, [], used(44))],
    firing: [near(20, 30)],
  },
  {
    ...shows('ignores a blip'),
    name: 'a blip',
    phases: [one(10, [], used(44)), one(10, [], used(50)), one(10, [], used(44))],
    firing: [],
  },
  {
    ...shows('only waiting'),
    name: 'the exporter goes while it only waits',
    phases: [one(10, [], used(44)), one(9, [], used(50)), gap(40)],
    firing: [exporterAbsent(24)],
  },
  { ...shows('series missing'), name: 'its series are missing', phases: [one(40, [])], firing: [] },
  {
    ...shows('pod replaced'),
    name: 'the pod is replaced by one that has not asked yet',
    phases: [one(25, [], used(50)), gap(2), one(10, [], { pods: ['b'] }), one(10, [], { ...used(50), pods: ['b'] })],
    firing: [near(10)],
  },
  {
    ...shows('source blind'),
    name: 'the project cannot be polled',
    phases: [one(15, [], used(50)), one(40, 'project_not_found', used(50))],
    firing: [near(10), pollFailing(25)],
  },
  {
    name: 'nobody is scraped',
    phases: [one(30, [], used(50)), gap(90), one(10, [], used(50))],
    firing: [near(10), exporterAbsent(35, 120)],
  },
];

export function ownTold(alert: string, { labels, good, bad, missing, after }: OwnAlert): readonly Told[] {
  const from = 10 + after;
  const waiting: readonly Told[] = [
    {
      shows: { [alert]: ['ignores a blip'] },
      name: 'a blip',
      phases: [one(10, [], { own: good }), one(after, [], { own: bad }), one(10, [], { own: good })],
      firing: [],
    },
    {
      shows: { [alert]: ['only waiting'] },
      name: 'the exporter goes while it only waits',
      phases: [one(10, [], { own: good }), one(after - 1, [], { own: bad }), gap(after + 30)],
      firing: [exporterAbsent(from + 4)],
    },
  ];
  return [
    {
      shows: { [alert]: ['fires', 'clears'] },
      name: 'fires and clears',
      phases: [one(10, [], { own: good }), one(after + 5, [], { own: bad }), one(10, [], { own: good })],
      firing: [fires(labels, from, from + 5)],
    },
    ...(after === 0 ? [] : waiting),
    {
      shows: { [alert]: ['series missing'] },
      name: 'its series are missing',
      phases: [one(60, [], { own: missing })],
      firing: [],
    },
    {
      shows: { [alert]: ['pod replaced'] },
      name: 'the pod is replaced',
      phases: [
        one(10, [], { own: good }),
        one(after + 5, [], { own: bad }),
        gap(2),
        one(10, [], { own: bad, pods: ['b'] }),
        gap(2),
        one(10, [], { own: good, pods: ['c'], lost: true }),
      ],
      firing: [fires(labels, from, from + 19)],
    },
    {
      shows: { [alert]: ['source blind'] },
      name: 'one of its sources is blind',
      phases: [
        { ...four(10), own: good },
        { ...four(after + 5), own: bad },
        { ...four(40, [], [], [], 'timeout'), own: bad },
      ],
      firing: [fires(labels, from), pollFailing(from + 15)],
    },
  ];
}

export const organizationDown: readonly Told[] = [
  {
    name: 'an organization whose projects are down anyway',
    phases: [four(10), { ...four(60, ...all('unauthorized' as const)), own: ofOrganization(0) }],
    firing: [fires(rejected, 15)],
  },
];

const expiring = onTarget('TokenExpiring', 'warning', { credential: 'robot' });
const robotRejected = { ...rejected, credential: 'robot' };
/** Of a source that is read with the credential `robot`. */
export const tokens: readonly Told[] = [
  {
    shows: { TokenExpiring: ['fires'] },
    name: 'runs out',
    phases: [one(60, [], { own: tokenUntil(50, 1) })],
    firing: [fires(expiring, 41)],
  },
  { name: 'not used for a while', phases: [one(60, [], { own: tokenUntil(50, 0) })], firing: [] },
  {
    shows: { TokenExpiring: ['clears'] },
    name: 'renewed at last',
    phases: [one(45, [], { own: tokenUntil(50, 1) }), one(30, [], { own: tokenUntil(150, 0) })],
    firing: [fires(expiring, 41, 45)],
  },
  {
    shows: { TokenExpiring: ['ignores a blip'] },
    name: 'a blip',
    phases: [one(39, [], { own: tokenUntil(50, 1) }), one(60, [], { own: tokenUntil(150, 0) })],
    firing: [],
  },
  {
    shows: { TokenExpiring: ['only waiting'] },
    name: 'the exporter goes while it only waits',
    phases: [one(39, [], { own: tokenUntil(50, 1) }), gap(30)],
    firing: [exporterAbsent(44)],
  },
  {
    shows: { TokenExpiring: ['source blind'] },
    name: 'the polls fail already',
    phases: [one(30, [], { own: tokenUntil(50, 1) }), one(30, 'unauthorized', { own: tokenUntil(50, 1) })],
    firing: [fires(robotRejected, 35)],
  },
  {
    shows: { TokenExpiring: ['pod replaced', 'counter restored'] },
    name: 'the pod is replaced: the new one has no token, and its counter begins anew',
    phases: [one(45, [], { own: tokenUntil(50, 1) }), gap(2), one(20, 'unauthorized', { own: noToken, pods: ['b'] })],
    firing: [fires(expiring, 41, 45), fires(robotRejected, 52)],
  },
  { shows: { TokenExpiring: ['series missing'] }, name: 'its series are missing', phases: [one(60, [])], firing: [] },
];
