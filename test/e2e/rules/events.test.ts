/** Alerts on what happened: gone, deleted, another message, a project that left. */
import { expect, test } from 'vitest';
import { aConnection, anId, aSource } from '../../support/builders.ts';
import { testStories } from '../../support/promtool.ts';
import { onConnection, toStories } from '../../support/rule-behaviours.ts';
import { projectId } from '../../support/rule-story.ts';
import { endpointRemoval, messages, projects, removal } from './stories/events.ts';

test.concurrent.each([
  ['connections that go', removal],
  ['interface endpoints that go', endpointRemoval],
  ['messages that change', messages],
  ['projects that leave', projects],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('an interface endpoint of v1.0 goes, and its connection is ready no more', async () => {
  const endpointRemoved = onConnection('Removed', 'critical', 'vpce-1');
  const v1 = (minutes: number, ...ids: readonly string[]) => ({
    minutes,
    polls: {
      'payments/AWS': [
        aConnection('c1', { status: 'WAITING_FOR_USER', interfaceEndpoints: ids.map((id) => anId(id)) }),
      ],
    },
  });
  const stories = await toStories(
    [
      {
        name: 'the last one',
        phases: [v1(10, 'vpce-1'), v1(40)],
        firing: [
          { labels: endpointRemoved, from: 11 },
          { labels: onConnection('AvailabilityLost', 'critical'), from: 13 },
        ],
      },
      {
        name: 'one of two',
        phases: [v1(10, 'vpce-1', 'vpce-2'), v1(40, 'vpce-2')],
        firing: [{ labels: endpointRemoved, from: 11 }],
      },
    ],
    { 'payments/AWS': aSource({ projectId: projectId('payments'), api: 'v1.0' }) },
  );
  expect(await testStories(stories)).toBe('');
});
