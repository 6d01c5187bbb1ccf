/** One cause is one alert, nothing ends by itself, and nothing is told that was only waiting. */
import { expect, test } from 'vitest';
import { aConnection, aSource } from '../../support/builders.ts';
import { testOrder, testStories } from '../../support/promtool.ts';
import { onConnection, toStories } from '../../support/rule-behaviours.ts';
import { groupOrder } from '../../support/rule-files.ts';
import { projectId, startMinute, target } from '../../support/rule-story.ts';
import * as causes from './stories/causes.ts';
import * as events from './stories/events.ts';
import { fires, one } from './stories/exporter.ts';
import * as holds from './stories/holds.ts';

test.concurrent('one cause in twenty projects', async () => {
  const stories = await Promise.all([
    toStories([...causes.failingLists, ...causes.shardsBlind, ...causes.smallEstates, ...causes.clouds]),
    toStories(causes.ownerKinds, causes.ownerSources),
    toStories(causes.credentials, causes.credentialSources),
  ]);
  expect(await testStories(stories.flat())).toBe('');
});

test.concurrent('what is held, what waits, what comes and goes', async () => {
  const v1 = { 'payments/AWS': aSource({ projectId: projectId('payments'), api: 'v1.0' }) };
  const stories = await Promise.all([
    toStories([...holds.presence, ...holds.pending, ...holds.comesAndGoes, ...holds.listings, ...holds.replicas]),
    toStories([...holds.deletions, ...holds.names]),
    toStories(holds.older, v1),
  ]);
  expect(await testStories(stories.flat())).toBe('');
});

test.concurrent('more than a day', { timeout: 600_000 }, async () => {
  expect(await testStories(await toStories(holds.days))).toBe('');
});

test.concurrent('an element that cannot be read keeps its alert, and is told itself', async () => {
  const failed = [aConnection('c1', { status: 'FAILED' })];
  const [story] = await toStories([
    {
      name: 'unreadable',
      phases: [one(10, failed), one(60, failed), one(10, [aConnection('c1')])],
      firing: [
        // It was seen to fail an hour before it is seen to be well: nothing is held for that.
        fires(onConnection('Failed', 'critical'), 2, 70),
        fires(
          {
            ...{ alertname: 'AtlasPrivateEndpointUnreadable', severity: 'warning', ...target },
            ...{ atlas_project_id: projectId('payments'), org_id: '5a1b2c3d4e5f60718293a4b5' },
            ...{ kind: 'cluster', cloud_provider: 'AWS' },
          },
          20,
          70,
        ),
      ],
    },
  ]);
  if (!story) throw new Error('No story');
  const series = holds.unreadable(story.series, startMinute + 10, startMinute + 70);
  expect(await testStories([{ ...story, series }])).toBe('');
});

test.concurrent.each([
  ['what is held', [...holds.presence, ...holds.pending, ...holds.names, ...causes.smallEstates]],
  ['what went', [...events.removal, ...holds.deletions]],
  ['what changed', events.messages],
])('groups in the wrong order tell the same, though later: %s', async (_name, told) => {
  expect(await testOrder(await toStories(told), groupOrder.toReversed())).toBe('');
});
