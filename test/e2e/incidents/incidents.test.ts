import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { questions } from '../../support/dashboards.ts';
import type { Notice } from '../../support/prometheus.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { readRules } from '../../support/rule-overrides.ts';
import { ofClusters } from './clusters.ts';
import { type Expected, elsewhere, type Incident, inFleet } from './incidents.ts';
import { convertedJob, converts, furnish, overrides, type Running } from './stage.ts';

let stage: Awaited<ReturnType<typeof furnish>>;
let running: Running;
let incidents: readonly Incident[];

beforeAll(async () => {
  stage = await furnish();
  incidents = [...inFleet(stage.stage), ...elsewhere(stage.stage), ...ofClusters(stage.stage)];
  running = await stage.start();
});
afterAll(() => stage[Symbol.asyncDispose]());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function fits({ labels, annotations }: Notice, { alert, severity, labels: wanted, text = '' }: Expected): boolean {
  return (
    labels['alertname'] === `AtlasPrivateEndpoint${alert}` &&
    labels['severity'] === severity &&
    Object.entries(wanted).every(([label, value]) => labels[label] === value) &&
    (wanted['connection_id'] === undefined || labels['interface_endpoint_id'] === wanted['interface_endpoint_id']) &&
    (annotations['description'] ?? '').includes(text)
  );
}

function isOf({ labels }: Notice, { job, project }: Incident): boolean {
  return labels['job'] === job && (project === undefined || labels['atlas_project_id'] === project);
}

/** What is still missing, in words. */
function missing(notices: readonly Notice[], incident: Incident, expected: readonly Expected[]): readonly string[] {
  return expected
    .filter((entry) => !notices.some((notice) => isOf(notice, incident) && fits(notice, entry)))
    .map(({ alert, labels }) => `${incident.name}: ${alert} ${JSON.stringify(labels)}`);
}

async function until(ms: number, stillMissing: () => readonly string[]): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (stillMissing().length === 0) return;
    await wait(100);
  }
}

test('twenty-one incidents: the webhook hears exactly what it should', async () => {
  const { notices, notifications, prometheus } = running;
  const missingBefore = () => incidents.flatMap((incident) => missing(notices, incident, incident.before ?? []));
  await until(90_000, missingBefore);
  expect(missingBefore()).toEqual([]);
  // Everything that is well was seen well.
  await wait(3_000);

  const rungBefore = notifications.length;
  const struckAt = new Map<Incident, number>();
  for (const incident of incidents) {
    await incident.strike();
    struckAt.set(incident, Date.now());
  }
  const stillMissing = () => incidents.flatMap((incident) => missing(notices, incident, incident.expected));
  await until(90_000, stillMissing);
  expect(stillMissing()).toEqual([]);

  // Blind: the series of the outage go within a minute, its alert stays.
  const gone = async () =>
    (await prometheus.query('mongodb_atlas_private_endpoint_connection_ready{job="outage"}')).length === 0;
  for (let tries = 0; tries < 75 && !(await gone()); tries++) await wait(1_000);
  expect(await gone()).toBe(true);
  await wait(10_000);

  const heard = (incident: Incident) =>
    notices.filter((notice) => isOf(notice, incident)).map(({ status, labels }) => `${status} ${labels['alertname']}`);
  const wanted = ({ before = [], expected }: Incident) =>
    [...before, ...expected].map(({ alert }) => `firing AtlasPrivateEndpoint${alert}`);
  const exact = incidents.map((incident) => ({
    incident,
    ok: `${heard(incident).sort()}` === `${wanted(incident).sort()}`,
  }));
  console.log(table(exact, notices, struckAt));
  expect(Object.fromEntries(incidents.map((incident) => [incident.name, heard(incident).sort()]))).toEqual(
    Object.fromEntries(incidents.map((incident) => [incident.name, wanted(incident).sort()])),
  );
  // A pager rings once for a cause, however many connections it breaks.
  const rung = ({ job, project }: Incident) =>
    notifications
      .slice(rungBefore)
      .filter(({ groupLabels }) => groupLabels['job'] === job)
      .filter(({ groupLabels }) => project === undefined || groupLabels['atlas_project_id'] === project).length;
  expect(incidents.map((incident) => [incident.name, rung(incident)])).toEqual(
    incidents.map(({ name, expected, rings = expected.length }) => [name, rings]),
  );
  const receivers = new Set(notices.map(({ labels, receiver }) => `${labels['severity']} to ${receiver}`));
  expect([...receivers].sort()).toEqual(['critical to platform', 'info to chat', 'warning to platform']);
  expect(notices.filter((notice) => !incidents.some((incident) => isOf(notice, incident)))).toEqual([]);
  expect(notices.filter(({ annotations }) => /error expanding|<no value>/.test(JSON.stringify(annotations)))).toEqual(
    [],
  );
  expect(await prometheus.ruleErrors()).toEqual([]);
}, 240_000);

/** What docs/alerts.md says of each alert: the incidents that tell it, those in which it has to be silent, or why none. */
function toldBy(): ReadonlyMap<string, { readonly told: readonly string[]; readonly silent: readonly string[] }> {
  const rows = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8').matchAll(
    /^\| \[AtlasPrivateEndpoint(\w+)\].* \| (.+) \|$/gm,
  );
  return new Map(
    [...rows].map(([, alert = '', cell = '']) => {
      if (/^(rule tests only|nine situations): .{15,}/.test(cell)) return [alert, { told: [], silent: [] }];
      const entries = cell.split('; ');
      const silent = entries.filter((entry) => entry.endsWith(' (silent)'));
      const bare = (all: readonly string[]) => all.map((entry) => entry.replace(/ \(.*\)$/, '')).sort();
      return [alert, { told: bare(entries.filter((entry) => !silent.includes(entry))), silent: bare(silent) }];
    }),
  );
}

test('each alert is told by the incidents that its documentation names, or there is a reason', () => {
  const names = incidents.map(({ name }) => name);
  for (const [alert, { told, silent }] of toldBy()) {
    const telling = incidents.filter(({ before = [], expected }) =>
      [...before, ...expected].some((entry) => entry.alert === alert),
    );
    expect([alert, told]).toEqual([alert, telling.map(({ name }) => name).sort()]);
    expect([alert, silent.filter((name) => told.includes(name) || !names.includes(name))]).toEqual([alert, []]);
  }
  const alerts = ruleFiles.flatMap((file) =>
    readRules(file).groups.flatMap(({ rules }) => rules.flatMap(({ alert = [] }) => alert)),
  );
  expect([...toldBy().keys()].sort()).toEqual(
    [...new Set(alerts.map((alert) => alert.replace('AtlasPrivateEndpoint', '')))].sort(),
  );
});

test('every question of the dashboards has an answer while all this goes on', async () => {
  // Nothing is probed here: test/e2e/reachability asks the rest.
  const asked = questions().filter(({ expr }) => !expr.includes('probe_success'));
  const answers = await Promise.all(
    asked.map(async ({ where, expr }) => ({ where, found: (await running.prometheus.query(expr)).length })),
  );
  expect(answers.filter(({ found }) => found === 0)).toEqual([]);
  console.log(`${asked.length} questions, ${answers.reduce((sum, { found }) => sum + found, 0)} series`);
});

/** Everything that asks for a quantile: two panels, and the runbook of data that is stale. */
function quantiles(): readonly string[] {
  const runbook = new URL('../../../docs/runbooks/AtlasPrivateEndpointDataStale.md', import.meta.url);
  const blocks = [...readFileSync(runbook, 'utf8').matchAll(/^```promql\n(.*?)^```$/gms)];
  const all = [...questions().map(({ expr }) => expr), ...blocks.flatMap(([, block = '']) => block.split('\n\n'))];
  return [...new Set(all.filter((expr) => expr.includes('histogram_quantile')))];
}

test('quantiles are found in classic histograms, and in native ones that Prometheus made of them', async () => {
  const buckets = await running.prometheus.query('count by (job) ({__name__=~"mongodb_atlas_exporter_.+_bucket"})');
  const classic = buckets.map(({ labels }) => labels['job']);
  expect(classic).toContain('mass');
  expect(classic.includes(convertedJob)).toBe(!converts());
  const asked = quantiles();
  expect(asked.length).toBeGreaterThan(3);
  for (const job of [convertedJob, 'mass']) {
    const of = (expr: string) => expr.replace(/(mongodb_atlas_exporter_\w+)(?:\{[^}]*\})?/g, `$1{job="${job}"}`);
    for (const expr of asked) {
      const found = await running.prometheus.query(of(expr).replaceAll(/\[\w+\]/g, '[1m]'));
      expect([job, expr, found.filter(({ value }) => value > 0).length]).not.toEqual([job, expr, 0]);
    }
  }
});

function table(
  exact: readonly { readonly incident: Incident; readonly ok: boolean }[],
  notices: readonly Notice[],
  struckAt: ReadonlyMap<Incident, number>,
): string {
  const rows = exact.map(({ incident, ok }) => {
    const { name, expected } = incident;
    const received = expected.map((entry) => notices.find((notice) => isOf(notice, incident) && fits(notice, entry)));
    const seconds = received.map((notice) => {
      const ms = (notice?.receivedAt ?? Number.NaN) - (struckAt.get(incident) ?? Number.NaN);
      return `${(ms / 1000).toFixed(1)} s`;
    });
    const alerts = expected.map(({ alert, severity }) => `${alert} (${severity})`).join(', ') || 'none';
    return `${ok ? 'exact' : 'WRONG'}  ${name.padEnd(46)} ${alerts.padEnd(32)} ${seconds.join(', ')}`;
  });
  const head = `${exact.filter(({ ok }) => ok).length} of ${exact.length} exact; times from the incident to the webhook`;
  return [`${head}, with scrapes and evaluations of 1 s and \`for: ${overrides.holdFor.otherwise}\``, ...rows].join(
    '\n',
  );
}
