/** Alerts that read one gauge of the exporter: its state, its config, its organizations and its tokens. */
import { expect, test } from 'vitest';
import { aSource } from '../../support/builders.ts';
import { testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { projectId } from '../../support/rule-story.ts';
import { limits, organizationDown, ownAlerts, ownTold, secrets, tokens } from './stories/own.ts';

test.concurrent.each(Object.entries(ownAlerts))('%s', async (name, alert) => {
  expect(await testStories(await toStories(ownTold(name, alert)))).toBe('');
});

test.concurrent('an organization whose projects are down anyway', async () => {
  expect(await testStories(await toStories(organizationDown))).toBe('');
});

test.concurrent('a token is not renewed', async () => {
  const source = aSource({ projectId: projectId('payments'), credential: 'robot' });
  expect(await testStories(await toStories(tokens, { 'payments/AWS': source }))).toBe('');
});

test.concurrent('a secret ends', async () => {
  expect(await testStories(await toStories(secrets))).toBe('');
});

test.concurrent('a limit is near', async () => {
  expect(await testStories(await toStories(limits))).toBe('');
});
