/** Alerts on links whose statuses are well: what is announced of them, and what is not as it should be. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testStories } from '../../support/promtool.ts';
import { quickRules } from '../../support/quick-rules.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { alertFiles } from '../../support/rule-files.ts';
import { clusterSources } from './stories/clusters.ts';
import { linkTold } from './stories/links.ts';

test('members that failed, links without an endpoint, ends that Atlas announced, regional mode', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'links-'));
  try {
    expect(await testStories(await toStories(linkTold, clusterSources), quickRules(alertFiles, folder))).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
}, 300_000);
