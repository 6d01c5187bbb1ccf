/** Alerts on connections of every kind: on each word that Atlas documents, and on its answers in their real shape. */
import { expect, test } from 'vitest';
import type { Connection } from '../../../src/domain/snapshot.ts';
import {
  type CloudProvider,
  type ConnectionKind,
  connectionClass,
  connectionKinds,
  connectionStatuses,
  listsOf,
  OTHER,
  stuckAfterMs,
} from '../../../src/domain/status.ts';
import { readFrom, recorded } from '../../atlas/fixtures.ts';
import { aConnection, aSource } from '../../support/builders.ts';
import { type Firing, testStories } from '../../support/promtool.ts';
import { onConnection, pollFailing, type Told, toStories } from '../../support/rule-behaviours.ts';
import { projectId, target } from '../../support/rule-story.ts';

const others = connectionKinds.filter((kind) => kind !== 'cluster');
const sourceOf = (kind: ConnectionKind) =>
  aSource({
    projectId: projectId('payments'),
    kind,
    cloudProvider: (listsOf(kind).at(-1) ?? '') as CloudProvider | '',
  });
const readyWord = (kind: ConnectionKind) =>
  connectionStatuses(kind).find((status) => connectionClass(kind, 'v2', status, 0) === 'ready') ?? '';

/** All labels of an alert on a connection of the kind. Prometheus drops an empty label. */
function alertOn(kind: ConnectionKind, alertname: string, severity: string, connectionId = 'c1') {
  const { cloud_provider: _, ...labels } = onConnection(alertname, severity);
  const { cloudProvider } = sourceOf(kind);
  const cloud = cloudProvider === '' ? {} : { cloud_provider: cloudProvider };
  return { ...labels, ...cloud, kind, connection_id: connectionId };
}

function unknownStatus(kind: ConnectionKind, from: number): Firing {
  const { alertname, severity, ...rest } = alertOn(kind, 'UnknownStatus', 'warning');
  const cloud = 'cloud_provider' in rest ? { cloud_provider: rest.cloud_provider } : {};
  return { labels: { alertname, severity, ...target, kind, ...cloud }, from };
}

/** What fires on a connection that is in the status for 130 minutes, and was never seen otherwise. */
function firingOf(kind: ConnectionKind, status: string): readonly Firing[] {
  const stuckFrom = stuckAfterMs(kind) / 60_000 + 6;
  switch (connectionClass(kind, 'v2', status, 0)) {
    case 'failed':
      return [{ labels: alertOn(kind, 'Failed', 'critical'), from: 2 }];
    case 'needs_user':
      return [{ labels: alertOn(kind, 'WaitingForUser', 'warning'), from: 30 }];
    case 'progressing':
      return [{ labels: alertOn(kind, 'Stuck', 'warning'), from: stuckFrom }];
    case 'deleting':
      return [{ labels: alertOn(kind, 'Stuck', 'warning'), from: 126 }];
    case 'unknown':
      return [unknownStatus(kind, 5)];
    case 'ready':
      return [];
  }
}

test.concurrent.each(others)('%s: each of its words', async (kind) => {
  const told = connectionStatuses(kind).map(
    (status): Told => ({
      name: `${kind} ${status}`,
      phases: [
        {
          minutes: 130,
          polls: { 'payments/AWS': [aConnection('c1', { status: status === OTHER ? 'MELTING' : status })] },
        },
      ],
      firing: firingOf(kind, status),
    }),
  );
  expect(await testStories(await toStories(told, { 'payments/AWS': sourceOf(kind) }))).toBe('');
});

test.concurrent.each(others)('%s: it is lost, reports an error, and goes', async (kind) => {
  const well = aConnection('c1', { status: readyWord(kind) });
  const progressing = connectionStatuses(kind).find((word) => connectionClass(kind, 'v2', word, 0) === 'progressing');
  const poll = (...connections: readonly Connection[]) => ({ 'payments/AWS': connections });
  const told: readonly Told[] = [
    {
      name: `${kind} lost`,
      phases: [
        { minutes: 10, polls: poll(well) },
        { minutes: 10, polls: poll({ ...well, status: progressing ?? '' }) },
        { minutes: 10, polls: poll(well) },
      ],
      firing: [{ labels: alertOn(kind, 'AvailabilityLost', 'critical'), from: 13 }],
    },
    {
      name: `${kind} error`,
      phases: [
        { minutes: 10, polls: poll(well) },
        { minutes: 20, polls: poll({ ...well, errorMessage: 'The namespace was not found.' }) },
        { minutes: 10, polls: poll(well) },
      ],
      firing: [{ labels: alertOn(kind, 'ErrorPresent', 'warning'), from: 15, until: 30 }],
    },
    {
      name: `${kind} gone`,
      phases: [
        { minutes: 10, polls: poll(well) },
        { minutes: 10, polls: poll() },
      ],
      firing: [{ labels: alertOn(kind, 'Removed', 'critical'), from: 11 }],
    },
  ];
  expect(await testStories(await toStories(told, { 'payments/AWS': sourceOf(kind) }))).toBe('');
});

test.concurrent.each([
  ['data federation', 'data_federation', [['Failed', 'critical', 2, 'vpce-0a1b2c3d4e5f60722']]],
  ['streams', 'streams', [['Failed', 'critical', 2, '66e1d2e3f405162738495d91']]],
  [
    'encryption at rest',
    'encryption_at_rest',
    [
      ['WaitingForUser', 'warning', 30, '66f1d2e3f405162738495ea1'],
      ['ErrorPresent', 'warning', 5, '66f1d2e3f405162738495ea2'],
    ],
  ],
  ['backup', 'backup', [['Failed', 'critical', 2, '66f1d2e3f405162738495ea3']]],
] as const)('%s in its real shape', async (name, kind, alerts) => {
  const found = recorded.find((entry) => entry.name === name);
  if (!found) throw new Error(`No fixture ${name}`);
  const { connections } = await readFrom(found.source, found.list, found.details);
  const unknown = connections.some(({ status }) => status === OTHER);
  const told: Told = {
    name,
    phases: [{ minutes: 40, polls: { 'payments/AWS': connections } }],
    firing: [
      ...alerts.map(([alertname, severity, from, id]) => ({ labels: alertOn(kind, alertname, severity, id), from })),
      ...(unknown ? [unknownStatus(kind, 5)] : []),
    ],
  };
  const source = { ...sourceOf(kind), cloudProvider: found.source.cloudProvider };
  expect(await testStories(await toStories([told], { 'payments/AWS': source }))).toBe('');
});

test.concurrent('a key that may not read what wants an owner is one alert of the project, and hides no other', async () => {
  const [key, lake] = [sourceOf('encryption_at_rest'), sourceOf('data_federation')];
  const failed = [aConnection('c1', { status: 'FAILED' })];
  const told: Told = {
    name: 'owner',
    phases: [
      {
        minutes: 40,
        polls: { 'payments/AWS': [], 'payments/AZURE': [], 'payments/key': 'forbidden', 'payments/lake': failed },
      },
    ],
    firing: [pollFailing(10), { labels: alertOn('data_federation', 'Failed', 'critical'), from: 2 }],
  };
  expect(await testStories(await toStories([told], { 'payments/key': key, 'payments/lake': lake }))).toBe('');
});
