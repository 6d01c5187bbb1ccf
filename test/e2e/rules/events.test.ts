/** Alerts on what happened: gone, deleted, another message, a project that left. */
import { expect, test } from 'vitest';
import { testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { endpointRemoval, messages, projects, removal } from './stories/events.ts';

test.concurrent.each([
  ['connections that go', removal],
  ['interface endpoints that go', endpointRemoval],
  ['messages that change', messages],
  ['projects that leave', projects],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});
