import { expect, test } from 'vitest';
import type { ProjectStatus } from '../../../src/domain/view.ts';
import { headlineOf } from '../../../src/pages/facts/headline.ts';
import { toRows } from '../../../src/pages/facts/standing.ts';
import { survey } from '../../../src/pages/facts/survey.ts';
import { aConnection, type Poll } from '../../support/builders.ts';
import { aProject, aView } from '../view.ts';

const good = [aConnection('a1'), aConnection('a2')];
const failed = [aConnection('a1', { status: 'FAILED' }), aConnection('a2')];
const waiting = [aConnection('a1', { status: 'WAITING_FOR_USER' })];

test.each<[string, Poll[][], string, string]>([
  ['nothing to watch', [], 'warn', 'Nothing is watched'],
  ['not polled yet', [[], []], 'none', 'Waiting for the first poll'],
  ['all is well', [[good], [good]], 'good', 'All well: 4 connections in 2 projects'],
  ['nothing there', [[[]]], 'none', 'No private endpoint connections in 1 project'],
  ['one failed', [[good], [failed]], 'bad', '1 connection of 4 is broken'],
  [
    'a message and a failure',
    [[[aConnection('b', { errorMessage: 'No' })]], [failed]],
    'bad',
    '2 connections of 3 are broken',
  ],
  ['one waits', [[good], [waiting]], 'warn', '1 connection of 3 needs a look'],
  ['one cannot be read', [[good, 'timeout'], [good]], 'warn', 'Some sources cannot be read'],
  ['nothing can be read', [[good, 'timeout'], ['tls']], 'bad', 'Blind: Atlas cannot be read'],
  ['one failed, one cannot be read', [[failed], ['tls']], 'bad', '1 connection of 2 is broken'],
])('%s', async (_, stories, tone, title) => {
  const projects = stories.map(
    (polls, index): ProjectStatus => aProject({ id: `${index}`.padStart(24, '0') }, ...polls),
  );
  const view = aView(projects);
  expect(headlineOf(survey(view, await toRows(view)))).toMatchObject({ tone, title });
});

test('what cannot be read and what waits is told beside it', async () => {
  const view = aView([aProject({}, failed), aProject({}, good, 'timeout'), aProject({})]);
  const { lines } = headlineOf(survey(view, await toRows(view)));
  expect(lines).toEqual([
    '1 of 3 sources cannot be read: what they show is old',
    '1 of 3 sources still wait for their first poll',
  ]);
});

test('the worst stands first, and of equals the newest', async () => {
  const polls = [
    [
      aConnection('a'),
      aConnection('b', { status: 'FAILED' }),
      aConnection('c'),
      aConnection('d', { status: 'PAUSED' }),
    ],
    [
      aConnection('a'),
      aConnection('b', { status: 'FAILED' }),
      aConnection('c', { status: 'FAILED' }),
      aConnection('d', { status: 'PAUSED' }),
    ],
  ];
  const view = aView([aProject({}, ...polls)]);
  const { worst } = survey(view, await toRows(view));
  expect(worst.map(({ connection }) => connection.id)).toEqual(['c', 'b', 'd', 'a']);
});

test('projects that cannot be read stand first, then those that wait, then by name', async () => {
  const view = aView([
    aProject({ name: 'b' }, good),
    aProject({ name: 'a' }, good),
    aProject({ name: 'z' }, good, 'network'),
    aProject({ name: 'y' }),
  ]);
  expect(survey(view, []).projects.map(({ name }) => name)).toEqual(['z', 'y', 'a', 'b']);
});

test('where nothing is there it is told what was looked for', async () => {
  const view = aView([aProject({}, []), aProject({ source: { cloudProvider: 'GCP' } }, [])]);
  const headline = headlineOf(survey(view, await toRows(view)));
  expect(headline).toMatchObject({ short: 'No connections' });
  expect(headline.lines[0]).toMatch(/^Looked for cluster \(AWS, GCP\) in 2 projects: /);
});
