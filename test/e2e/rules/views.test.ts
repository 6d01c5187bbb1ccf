/** What the records of the dashboards count, and that each change is counted once whatever the interval is. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aConnection, anInterfaceEndpoint } from '../../support/builders.ts';
import { questions } from '../../support/dashboards.ts';
import { askRules } from '../../support/promtool.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { readRules, writeRules } from '../../support/rule-overrides.ts';
import { type Phase, tell } from '../../support/rule-story.ts';

const one = (status: string, errorMessage: string | null = null) =>
  aConnection('c1', {
    ...{ status, errorMessage },
    interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: status === 'FAILED' ? 'REJECTED' : 'AVAILABLE' })],
  });
const other = (errorMessage: string | null) => aConnection('c2', { errorMessage });
const onAzure = [aConnection('c3', { status: 'INITIATING', cloudProvider: 'AZURE' })];
const during = (minutes: number, aws: readonly ReturnType<typeof aConnection>[], rest: Partial<Phase> = {}): Phase => ({
  ...{ minutes, polls: { 'payments/AWS': aws, 'shop/AZURE': onAzure } },
  ...rest,
});
const both = { pods: ['a', 'b'] };
const gone = 'The link was not found.';
/** Two pods see all of it: nothing is counted twice. */
const story = [
  during(5, [one('AVAILABLE'), other(null)], both),
  during(5, [one('FAILED'), other(gone)], both),
  during(5, [one('AVAILABLE'), other('It timed out.')], both),
  during(5, [one('AVAILABLE')], both),
  { ...during(5, [one('AVAILABLE')], both), polls: { 'payments/AWS': [one('AVAILABLE')], 'shop/AZURE': 'timeout' } },
] as const;
const total = (record: string, by: string) =>
  `sum by (${by}) (sum_over_time(mongodb_atlas:${record}{project_name!="",org_id!=""}[24m]))`;

/** By record: the question, at which minute, and all of its answer. */
const counted: readonly (readonly [expr: string, minute: number, answer: string])[] = [
  [
    'sum by (cloud_provider, status) (mongodb_atlas:connections:sum)',
    7,
    '{cloud_provider="AWS", status="AVAILABLE"} 1E+00, {cloud_provider="AWS", status="FAILED"} 1E+00, {cloud_provider="AZURE", status="INITIATING"} 1E+00',
  ],
  [
    'sum by (cloud_provider) (mongodb_atlas:sources_up:sum)',
    22,
    '{cloud_provider="AWS"} 1E+00, {cloud_provider="AZURE"} 0E+00',
  ],
  [
    'sum by (project_name, cloud_provider) (mongodb_atlas:not_ready:count)',
    7,
    '{cloud_provider="AWS", project_name="payments"} 2E+00, {cloud_provider="AZURE", project_name="shop"} 1E+00',
  ],
  [
    'sum by (project_name, error_class) (mongodb_atlas:errors:count)',
    7,
    '{error_class="not_found", project_name="payments"} 1E+00',
  ],
  [
    total('statuses_entered:sum', 'cloud_provider, status'),
    24,
    '{cloud_provider="AWS", status="AVAILABLE"} 2E+00, {cloud_provider="AWS", status="FAILED"} 1E+00, {cloud_provider="AWS", status="REJECTED"} 1E+00',
  ],
  [total('message_changes:sum', 'change'), 24, '{change="changed"} 1E+00, {change="set"} 1E+00'],
  [
    total('removals:count', 'project_name, cloud_provider'),
    24,
    '{cloud_provider="AWS", project_name="payments"} 1E+00',
  ],
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-views-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('each of them is told here', () => {
  const made = readRules(ruleFiles.find((file) => file.endsWith('views.yaml')) ?? '').groups.flatMap(({ rules }) =>
    rules.map(({ record = '' }) => record),
  );
  expect(made.filter((record) => !counted.some(([expr]) => expr.includes(record)))).toEqual([]);
  expect(made.length).toBe(counted.length);
});

test.each([15, 60])('evaluated every %i seconds', async (seconds) => {
  const interval = `${seconds}s`;
  const own = await mkdtemp(join(folder, `${seconds}-`));
  const files = writeRules(own, { holdFor: { otherwise: '1m' }, thresholds: {}, interval });
  const answers = await askRules(
    await tell(story),
    counted.map(([expr, minute]) => [expr, minute]),
    { files, seconds },
  );
  const sorted = (answer: string) => answer.split(/, (?=\{)/).sort();
  expect(answers.map((answer, index) => [counted[index]?.[0], sorted(answer)])).toEqual(
    counted.map(([expr, , answer]) => [expr, sorted(answer)]),
  );
});

test('what is broken has one row for each, with its status, and its message where it has one', async () => {
  const asked = questions().find(({ where }) => where === 'overview.json, What is broken now, A')?.expr ?? '';
  const [answer = ''] = await askRules(await tell(story), [[asked, 7]], { files: ruleFiles, seconds: 60 });
  const rows = answer.split(/, (?=\{)/).map((row) => row.replace(/atlas_project_id="\w+", /, '').replace(/\} .*/, '}'));
  expect(rows.sort()).toEqual([
    '{cloud_provider="AWS", connection_id="c1", interface_endpoint_id="vpce-1", kind="cluster", project_name="payments", status="REJECTED"}',
    '{cloud_provider="AWS", connection_id="c1", kind="cluster", project_name="payments", status="FAILED"}',
    '{cloud_provider="AWS", connection_id="c2", error_message="The link was not found.", kind="cluster", project_name="payments", status="AVAILABLE"}',
    '{cloud_provider="AZURE", connection_id="c3", kind="cluster", project_name="shop", status="INITIATING"}',
  ]);
});
