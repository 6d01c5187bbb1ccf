/** Alerts on the private connection strings of clusters. */
import { expect, test } from 'vitest';
import { testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { clusterSources, clusterTold } from './stories/clusters.ts';

test('strings that are lost or missing, and regions that lack an endpoint', async () => {
  expect(await testStories(await toStories(clusterTold, clusterSources))).toBe('');
}, 300_000);
