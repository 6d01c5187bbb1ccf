/** Alerts on the exporter: whether it is there, and what it reaches of Atlas. */
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { aSource } from '../../support/builders.ts';
import { promtool, testStories } from '../../support/promtool.ts';
import { toStories } from '../../support/rule-behaviours.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { projectId } from '../../support/rule-story.ts';
import { atlas, failing, fires, four, limited, refused, rejected, standing } from './stories/exporter.ts';
import { absent, shards } from './stories/presence.ts';

test.concurrent.each([
  ['the exporter is absent', absent],
  ['polls of a project fail', failing],
  ['Atlas cannot be reached', atlas],
  ['a credential is refused or limited', refused],
  ['the poller stands still', standing],
  ['a shard is missing', shards],
])('%s', async (_name, told) => {
  expect(await testStories(await toStories(told))).toBe('');
});

test.concurrent('by credential: one is rejected, the other is not', async () => {
  const source = aSource({ projectId: projectId('alpha'), credential: 'robot' });
  const told = [
    {
      name: 'robot',
      phases: [four(10), four(30, 'unauthorized', 'rate_limited')],
      firing: [fires({ ...rejected, credential: 'robot' }, 15), fires(limited, 20)],
    },
  ];
  expect(await testStories(await toStories(told, { 'alpha/AWS': source }))).toBe('');
});

test.concurrent('an exporter that was never scraped at all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const firing = 'ALERTS{alertname="AtlasPrivateEndpointExporterAbsent",alertstate="firing",severity="critical"}';
  const ask = (minute: number, ...labels: readonly string[]) => ({
    expr: 'ALERTS{alertstate="firing"}',
    eval_time: `${minute}m`,
    exp_samples: labels.map((told) => ({ labels: told, value: 1 })),
  });
  const tests = [{ interval: '1m', input_series: [], promql_expr_test: [ask(4), ask(5, firing), ask(30, firing)] }];
  writeFileSync(path, stringify({ rule_files: ruleFiles, evaluation_interval: '1m', tests }));
  expect(await promtool('test', 'rules', path)).toMatchObject({ code: 0 });
  await rm(folder, { recursive: true });
});
