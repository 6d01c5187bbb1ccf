/** What the documentation tells people to paste: it is understood, and does what is said of it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { aConnection } from '../../support/builders.ts';
import { startAlertmanager } from '../../support/prometheus.ts';
import { promtool, runProgram, toNotation } from '../../support/promtool.ts';
import { programsOf, thisPrometheus } from '../../support/provided.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { gap, type Phase, startMinute, tell } from '../../support/rule-story.ts';

const docs = new URL('../../../docs/', import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-docs-'));
});
afterAll(() => rm(folder, { recursive: true }));

function blocks(file: string, language: string): readonly string[] {
  const text = readFileSync(join(docs, file), 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);
}

test('promtool finds nothing to say about the rules', async () => {
  const { code, output } = await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFiles);
  expect([code, output.match(/SUCCESS: \d+ rules found/g)?.length]).toEqual([0, ruleFiles.length]);
});

test('every query in the documentation can be parsed', async () => {
  const files = ['alerts.md', ...readdirSync(join(docs, 'runbooks')).map((name) => `runbooks/${name}`)];
  const queries = files.flatMap((file) => blocks(file, 'promql').flatMap((block) => block.split('\n\n')));
  const rules = queries.map((expr, index) => ({ record: `docs:query_${index}`, expr }));
  const path = join(folder, 'queries.yaml');
  writeFileSync(path, stringify({ groups: [{ name: 'docs', rules }] }));
  const { code, output } = await promtool('check', 'rules', path);
  expect([code, output]).toEqual([0, expect.stringContaining(`SUCCESS: ${queries.length} rules found`)]);
  expect(queries.length).toBeGreaterThan(25);
});

test('every command in the runbooks is a command to the shell', async () => {
  const commands = readdirSync(join(docs, 'runbooks')).flatMap((name) => blocks(`runbooks/${name}`, 'sh'));
  const path = join(folder, 'commands.sh');
  writeFileSync(path, commands.join('\n'));
  expect(await runProgram('bash', '-n', path)).toEqual({ code: 0, output: '' });
  expect(commands.length).toBeGreaterThan(20);
});

const alertmanagerFile = new URL('../../../config/alertmanager.example.yaml', import.meta.url).pathname;

test("Alertmanager accepts the example's config, and finds the receivers", async () => {
  const { amtool } = programsOf(thisPrometheus());
  expect(await runProgram(amtool, 'check-config', alertmanagerFile)).toEqual({
    code: 0,
    output: expect.stringContaining('1 inhibit rules'),
  });
  const receiver = async (...labels: readonly string[]) =>
    (await runProgram(amtool, 'config', 'routes', 'test', `--config.file=${alertmanagerFile}`, ...labels)).output.split(
      '\n',
    )[0];
  expect(await receiver('alertname=AtlasPrivateEndpointFailed', 'severity=critical')).toBe('platform');
  expect(await receiver('alertname=AtlasPrivateEndpointDeleted', 'severity=info', 'team=payments')).toBe('chat');
  expect(await receiver('alertname=AtlasPrivateEndpointFailed', 'severity=critical', 'team=payments')).toBe('payments');
  expect(await receiver('alertname=Watchdog', 'severity=info')).toBe('platform');
});

test("Alertmanager with the example's config holds back notes of the same exporter alone, and nothing that pages", async () => {
  const config = readFileSync(alertmanagerFile, 'utf8');
  await using alertmanager = await startAlertmanager({ folder: join(folder, 'am'), config });
  const alert = (alertname: string, severity: string, labels: Readonly<Record<string, string>>) => ({
    labels: { alertname: `AtlasPrivateEndpoint${alertname}`, severity, atlas_project_id: 'p1', job: 'a', ...labels },
  });
  const inhibited = [alert('Deleted', 'info', { cluster: 'east', connection_id: 'c1' })];
  const told = [
    alert('ApiUnreachable', 'critical', { cluster: 'east' }),
    alert('Failed', 'critical', { cluster: 'east', connection_id: 'c2' }),
    alert('ErrorPresent', 'warning', { cluster: 'east', connection_id: 'c3' }),
    // Of another Kubernetes, and of another exporter.
    alert('Deleted', 'info', { cluster: 'west', connection_id: 'c1' }),
    alert('Deleted', 'info', { cluster: 'east', job: 'b', connection_id: 'c1' }),
  ];
  const body = JSON.stringify([...inhibited, ...told]);
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(`${alertmanager.url}/api/v2/alerts`, { method: 'POST', headers, body })).ok).toBe(true);
  const state = async () => {
    const answer = await fetch(`${alertmanager.url}/api/v2/alerts`);
    const alerts = (await answer.json()) as { labels: unknown; status: { inhibitedBy: string[] } }[];
    const held = alerts.filter(({ status }) => status.inhibitedBy.length > 0).map(({ labels }) => ({ labels }));
    return { count: alerts.length, held: held.map((one) => JSON.stringify(sorted(one.labels))).sort() };
  };
  await expect.poll(state, { timeout: 90_000, interval: 500 }).toEqual({
    count: inhibited.length + told.length,
    held: inhibited.map(({ labels }) => JSON.stringify(sorted(labels))).sort(),
  });
});

function sorted(labels: unknown) {
  return Object.entries(labels as Record<string, string>).toSorted();
}

test('the command that adds links to the plain rules adds them, and the one that adds a label of projects too', async () => {
  const [links = '', team = ''] = blocks('alerts.md', 'sh');
  const root = join(docs, '..');
  const copy = join(folder, 'copy');
  await runProgram('cp', '-r', join(root, 'helm'), copy);
  const run = (block: string) =>
    runProgram(
      'bash',
      '-ec',
      block.replaceAll('helm/atlas-private-endpoint-exporter', join(copy, 'atlas-private-endpoint-exporter')),
    );
  expect(await run(links)).toEqual({ code: 0, output: '' });
  const rules = join(copy, 'atlas-private-endpoint-exporter/files/rules');
  const linked = join(rules, 'with-links.yaml');
  expect((await promtool('check', 'rules', linked)).code).toBe(0);
  expect(readFileSync(linked, 'utf8')).toContain(
    'runbook_url: https://exporter.example/help/AtlasPrivateEndpointFailed',
  );
  expect(await run(team)).toEqual({ code: 0, output: '' });
  expect((await promtool('check', 'rules', join(rules, 'troubles.yaml'))).code).toBe(0);
  expect(readFileSync(join(rules, 'troubles.yaml'), 'utf8')).toContain('group_left (project_name, org_id, team)');
});

test('"How do I know that it stopped seeing?" is answered with nothing while all is well, and else with what is blind', async () => {
  const queries = blocks('runbooks/stopped-seeing.md', 'promql');
  const well: Phase = { minutes: 10, polls: { 'payments/AWS': [aConnection('c1')], 'shop/AWS': [] } };
  const down: Phase = { minutes: 30, polls: { ...well.polls, 'shop/AWS': 'timeout' } };
  const shard: Phase = { ...well, own: { shard_ordinal: 0, total_shards: 2 } };
  /** How many answers each of the queries has. */
  const answers = async (...phases: readonly Phase[]) => {
    const series = await tell(phases);
    const minutes = phases.reduce((sum, phase) => sum + phase.minutes, 0);
    const path = join(folder, 'answers.yaml');
    const tests = queries.map((expr) => ({
      interval: '1m',
      input_series: [...series].map(([name, values]) => ({ series: name, values: toNotation(values) })),
      promql_expr_test: [{ expr: `count(${expr}) or vector(0)`, eval_time: `${startMinute + minutes - 1}m` }],
    }));
    writeFileSync(path, stringify({ evaluation_interval: '1m', tests }));
    const { output } = await promtool('test', 'rules', path);
    return [...output.matchAll(/got: \{\} (\S+)/g)].map(([, count]) => Number(count));
  };
  expect(queries).toHaveLength(3);
  expect(await answers(well)).toEqual([0, 0, 0]);
  expect(await answers(well, gap(10))).toEqual([1, 0, 0]);
  expect(await answers(shard)).toEqual([1, 0, 0]);
  expect(await answers(well, down)).toEqual([0, 1, 1]);
  expect(await answers(well, { ...down, polls: { ...well.polls, 'shop/AWS': null } })).toEqual([0, 0, 1]);
});
