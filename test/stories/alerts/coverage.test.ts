/** Every alert shows all that an alert owes, in a rule test, or says why there is nothing to show. */
import { expect, test } from 'vitest';
import * as causes from '../../e2e/rules/stories/causes.ts';
import { clusterTold } from '../../e2e/rules/stories/clusters.ts';
import * as events from '../../e2e/rules/stories/events.ts';
import * as exporter from '../../e2e/rules/stories/exporter.ts';
import * as holds from '../../e2e/rules/stories/holds.ts';
import { linkTold } from '../../e2e/rules/stories/links.ts';
import { limits, organizationDown, ownAlerts, ownTold, secrets, tokens } from '../../e2e/rules/stories/own.ts';
import { absent, shards } from '../../e2e/rules/stories/presence.ts';
import { reachabilityTold } from '../../e2e/rules/stories/reachability.ts';
import { stateAlerts } from '../../e2e/rules/stories/state.ts';
import { type Behaviour, behaviours, stateTold, type Told } from '../../support/rule-behaviours.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { readRules } from '../../support/rule-overrides.ts';

const rules = ruleFiles.map(readRules).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert.replace('AtlasPrivateEndpoint', '')]));

const told: readonly Told[] = [
  ...[events.removal, events.endpointRemoval, events.messages, events.projects],
  ...[exporter.failing, exporter.atlas, exporter.refused, exporter.standing, absent, shards],
  ...[tokens, secrets, limits, organizationDown],
  ...[causes.clouds, holds.comesAndGoes, holds.listings, holds.replicas],
  ...Object.entries(ownAlerts).map(([name, alert]) => ownTold(name, alert)),
  ...Object.values(stateAlerts).map(stateTold),
  clusterTold,
  linkTold,
  reachabilityTold,
].flat();

const ofTrouble = 'It counts what the alerts on one connection are made of, which show it';
const ofEvent = 'It tells that something happened, which is so whether anybody looks or not';
const ofDate = 'It waits for nothing: a date does not come and go';
const noCounter = 'Neither it nor the records it reads look at a counter or at the time of a change';
/** Why there is no story of it. */
const reasons: Readonly<Record<string, Partial<Record<Behaviour, string>>>> = {
  ExporterAbsent: { 'counter restored': noCounter, 'only waiting': 'It is about nothing else' },
  ShardMissing: { 'counter restored': noCounter },
  ApiUnreachable: { 'counter restored': noCounter },
  CredentialsRejected: { 'counter restored': noCounter },
  IpAccessList: { 'counter restored': noCounter },
  RateLimited: { 'counter restored': noCounter },
  PollFailing: { 'counter restored': noCounter },
  DataStale: { 'counter restored': noCounter },
  DiscoveryFailing: { 'counter restored': noCounter },
  LimitNear: { 'counter restored': noCounter },
  SecretExpires: { 'counter restored': noCounter, 'ignores a blip': ofDate, 'only waiting': ofDate },
  Removed: { 'only waiting': ofEvent },
  Deleted: { 'only waiting': ofEvent },
  ErrorMessageChanged: { 'only waiting': ofEvent },
  NotProbed: { 'only waiting': 'That nobody probes Prometheus sees without the exporter' },
  StateNotSaved: { 'counter restored': noCounter },
  ConfigReloadFailed: { 'counter restored': noCounter },
  ManyBroken: { 'series missing': ofTrouble, 'source blind': ofTrouble, 'counter restored': noCounter },
  ReplicaBlind: {
    'source blind': 'It is about nothing else',
    'series missing': 'With no series there is nothing to count',
    'pod replaced': 'It is about the pods that there are now',
    'counter restored': noCounter,
  },
  MemberFailed: { 'counter restored': noCounter },
  NothingAttached: { 'counter restored': noCounter },
  Sunset: { 'counter restored': noCounter },
  RegionalModeChanged: {
    'ignores a blip': 'It tells that something happened: turning it back is another flip',
    'source blind': 'A look-up is no source',
    'counter restored': noCounter,
    'only waiting': ofEvent,
  },
  ProjectsLost: {
    'ignores a blip': 'The exporter itself waits for two complete listings before it says that projects left',
    'pod replaced': 'The same record and the same way as those of held sources',
    'source blind': 'A listing is no source',
    'counter restored': noCounter,
    'only waiting': ofEvent,
  },
  Flapping: {
    'counter restored': 'A counter that begins anew looks like fewer changes, never like more',
    'series missing': 'With no series there is nothing to count',
    'source blind': 'What cannot be seen stays, as of every record that is held',
    'pod replaced': 'Counters are taken as the highest of all pods',
    'only waiting': ofEvent,
  },
  ProjectRemoved: {
    'ignores a blip': 'The exporter itself waits for two complete listings before it says that a project left',
    'counter restored': noCounter,
    'source blind': 'A project that is not watched has no source',
    'only waiting': ofEvent,
  },
};

const shown = told.flatMap((story) =>
  Object.entries(story.shows ?? {}).flatMap(([alert, all]) => all.map((behaviour) => ({ alert, behaviour, story }))),
);

/** What a story must be like to show something; the rest is for its reader to judge. */
const marks: Readonly<Record<Behaviour, (story: Told, firing: Told['firing']) => boolean>> = {
  fires: (_story, firing) => firing.length > 0,
  'ignores a blip': (_story, firing) => firing.length === 0,
  clears: (_story, firing) => firing.some(({ until }) => until !== undefined),
  'series missing': () => true,
  'pod replaced': ({ phases }) => new Set(phases.flatMap(({ pods = ['a'] }) => pods)).size > 1,
  'counter restored': ({ phases }, firing) =>
    new Set(phases.flatMap(({ pods = ['a'] }) => pods)).size > 1 &&
    !phases.some(({ lost }) => lost) &&
    firing.length < 2,
  'source blind': ({ phases }) =>
    phases.some(({ polls }) => Object.values(polls).some((poll) => typeof poll === 'string')),
  'only waiting': ({ phases }, firing) => firing.length === 0 && phases.at(-1)?.pods?.length === 0,
};

test.each(alerts)('%s', (alert) => {
  const missing = behaviours.filter(
    (behaviour) =>
      reasons[alert]?.[behaviour] === undefined &&
      !shown.some((entry) => entry.alert === alert && entry.behaviour === behaviour),
  );
  expect(missing).toEqual([]);
});

test('a story that is said to show something is like that', () => {
  const wrong = shown.filter(({ alert, behaviour, story }) => {
    const firing = story.firing.filter(({ labels }) => labels['alertname'] === `AtlasPrivateEndpoint${alert}`);
    return !marks[behaviour](story, firing);
  });
  expect(wrong.map(({ alert, behaviour, story }) => `${alert}, ${behaviour}: ${story.name}`)).toEqual([]);
});

test('nothing is shown of alerts that there are not, and no reason is given for what is shown', () => {
  expect(Object.keys(reasons).filter((alert) => !alerts.includes(alert))).toEqual([]);
  expect(shown.filter(({ alert }) => !alerts.includes(alert)).map(({ alert }) => alert)).toEqual([]);
  const both = shown.filter(({ alert, behaviour }) => reasons[alert]?.[behaviour] !== undefined);
  expect(both.map(({ alert, behaviour }) => `${alert}: ${behaviour}`)).toEqual([]);
});

/** The expression of a rule, and of the records that it reads, and so on. */
function readBy(name: string, seen = new Set<string>()): string {
  if (seen.has(name)) return '';
  seen.add(name);
  const own = rules.filter(({ alert, record }) => (alert ?? record) === name).map(({ expr }) => expr);
  const records = own.join('\n').match(/mongodb_atlas:[\w:]+/g) ?? [];
  return [...own, ...records.map((record) => readBy(record, seen))].join('\n');
}

test('alerts that are said to read no counter read none', () => {
  const counters = /\w+_total\b|\w+_last_change_\w+/g;
  const said = Object.keys(reasons).filter((alert) => reasons[alert]?.['counter restored'] === noCounter);
  const read = said.map((alert) => [alert, readBy(`AtlasPrivateEndpoint${alert}`).match(counters) ?? []]);
  expect(read).toEqual(said.map((alert) => [alert, []]));
  expect(readBy('AtlasPrivateEndpointRemoved')).toMatch(counters);
});
