/** One cause is one alert, nothing ends by itself, and nothing is told that was only waiting. */
import { expect, test } from 'vitest';
import { aSource } from '../../support/builders.ts';
import { testOrder, testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { groupOrder } from '../../support/rule-files.ts';
import { projectId } from '../../support/rule-story.ts';
import * as causes from './stories/causes.ts';
import * as events from './stories/events.ts';
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

test.concurrent('what cannot be read keeps its alert, is told itself, and hides nothing beside it', async () => {
  expect(await testStories(await toStories(holds.unreadable))).toBe('');
});

test.concurrent.each([
  ['what is held', [...holds.presence, ...holds.pending, ...holds.names, ...causes.smallEstates]],
  ['what went', [...events.removal, ...holds.deletions]],
  ['what changed', events.messages],
])('groups in the wrong order tell the same, though later: %s', async (_name, told) => {
  expect(await testOrder(await toStories(told), groupOrder.toReversed())).toBe('');
});
