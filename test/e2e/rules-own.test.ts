/** Alerts that read one gauge of the exporter: its state, its config, its organizations and its tokens. */
import { expect, test } from 'vitest';
import { aSource, type Poll } from '../support/builders.ts';
import { type Firing, testStories } from '../support/promtool.ts';
import { type Told, toStories } from '../support/rule-behaviours.ts';
import { type Own, organization, type Phase, projectId, target } from '../support/rule-story.ts';

const words = ['alpha', 'beta', 'gamma', 'payments'];

/** What the polls of four projects come to, in the order of their names. */
function four(minutes: number, ...polls: readonly (Poll | null)[]): Phase {
  return { minutes, polls: Object.fromEntries(words.map((word, index) => [`${word}/AWS`, polls[index] ?? []])) };
}
function one(minutes: number, poll: Poll | null, rest: Omit<Phase, 'minutes' | 'polls'> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, ...rest };
}
function gap(minutes: number): Phase {
  return { minutes, polls: {}, pods: [] };
}
function fires(alert: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  return { labels: alert, from, ...(until === undefined ? {} : { until }) };
}
function onTarget(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}) {
  return { alertname: `AtlasPrivateEndpoint${alertname}`, severity, ...target, ...labels };
}

const all = <T>(poll: T): readonly T[] => [poll, poll, poll, poll];
const rejected = onTarget('CredentialsRejected', 'critical', { credential: 'main', reason: 'unauthorized' });

interface OwnAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly good: Own;
  readonly bad: Own;
  readonly missing: Own;
  readonly after: number;
  readonly down?: 'timeout' | 'unauthorized';
}

const ofOrganization = (value: number): Own => ({ discovery_up: [{ labels: { org_id: organization }, value }] });
const tokenUntil = (until: number, perMinute: number): Own => ({
  token_expiry_timestamp_seconds: [{ labels: { credential: 'robot' }, value: 60 * (70 + until) }],
  api_requests_total: (minute) => [{ labels: { operation: 'token', code: '500' }, value: minute * perMinute }],
});

const ownAlerts: Readonly<Record<string, OwnAlert>> = {
  'state cannot be saved': {
    labels: onTarget('StateNotSaved', 'warning'),
    good: {},
    bad: { state_last_save_successful: 0 },
    missing: { state_last_save_successful: null },
    after: 10,
  },
  'a config is not accepted': {
    labels: onTarget('ConfigReloadFailed', 'warning'),
    good: {},
    bad: { config_last_reload_successful: 0 },
    missing: { config_last_reload_successful: null },
    after: 5,
  },
  'an organization cannot be listed': {
    labels: onTarget('DiscoveryFailing', 'warning', { org_id: organization }),
    good: ofOrganization(1),
    bad: ofOrganization(0),
    missing: {},
    after: 30,
  },
};

test.concurrent.each(Object.entries(ownAlerts))('%s', async (_name, { labels, good, bad, missing, after }) => {
  const from = 10 + after;
  const told: readonly Told[] = [
    {
      name: 'fires and clears',
      phases: [one(10, [], { own: good }), one(after + 5, [], { own: bad }), one(10, [], { own: good })],
      firing: [fires(labels, from, from + 5)],
    },
    {
      name: 'a blip',
      phases: [one(10, [], { own: good }), one(after, [], { own: bad }), one(10, [], { own: good })],
      firing: [],
    },
    { name: 'its series are missing', phases: [one(60, [], { own: missing })], firing: [] },
    {
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
  ];
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('an organization whose projects are down anyway', async () => {
  const own = ofOrganization(0);
  const told = [
    {
      name: 'down',
      phases: [four(10), { ...four(60, ...all('unauthorized' as const)), own }],
      firing: [fires(rejected, 15)],
    },
  ];
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('a token is not renewed', async () => {
  const labels = onTarget('TokenExpiring', 'warning', { credential: 'robot' });
  const told: readonly Told[] = [
    { name: 'runs out', phases: [one(60, [], { own: tokenUntil(50, 1) })], firing: [fires(labels, 41)] },
    { name: 'not used for a while', phases: [one(60, [], { own: tokenUntil(50, 0) })], firing: [] },
    {
      name: 'a blip',
      phases: [one(39, [], { own: tokenUntil(50, 1) }), one(60, [], { own: tokenUntil(150, 0) })],
      firing: [],
    },
    {
      name: 'the polls fail already',
      phases: [one(30, [], { own: tokenUntil(50, 1) }), one(30, 'unauthorized', { own: tokenUntil(50, 1) })],
      firing: [fires({ ...rejected, credential: 'robot' }, 35)],
    },
    { name: 'its series are missing', phases: [one(60, [])], firing: [] },
  ];
  const source = aSource({ projectId: projectId('payments'), credential: 'robot' });
  expect(await testStories(await toStories(told, { 'payments/AWS': source }))).toBe('');
});
