/** Both halves together: what Atlas says, and what a real prober finds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effects } from '../../../src/simulator/faults.ts';
import { questions } from '../../support/dashboards.ts';
import type { Notice } from '../../support/prometheus.ts';
import { atTheEnd, type Expected, type Situation } from './situations.ts';
import { openStage, overrides, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(ms: number, holds: () => Promise<boolean> | boolean): Promise<boolean> {
  for (const end = Date.now() + ms; Date.now() < end; await wait(200)) if (await holds()) return true;
  return holds();
}

const isOf = ({ labels }: Notice, { projects }: Situation) =>
  projects.some(({ id }) => id === labels['atlas_project_id']);

function fits({ labels, annotations }: Notice, { alert, severity, labels: wanted, text = '' }: Expected): boolean {
  return (
    labels['alertname'] === `AtlasPrivateEndpoint${alert}` &&
    labels['severity'] === severity &&
    Object.entries(wanted).every(([label, value]) => labels[label] === value) &&
    (annotations['description'] ?? '').includes(text)
  );
}

interface ActiveTarget {
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}
async function activeTargets(): Promise<readonly ActiveTarget[]> {
  const answer = await fetch(`${stage.prometheus.url}/api/v1/targets?state=active`);
  const { data } = (await answer.json()) as { data: { activeTargets: ActiveTarget[] } };
  return data.activeTargets.filter(({ labels }) => /^atlas-reachability-/.test(labels['job'] ?? ''));
}
const count = async (expression: string) => (await stage.prometheus.query(`count(${expression})`))[0]?.value ?? 0;

/** How often Prometheus was given no list, by its own count. */
async function failedLists(): Promise<number> {
  const page = await (await fetch(`${stage.prometheus.url}/metrics`)).text();
  return [...page.matchAll(/^prometheus_sd_http_failures_total\S* (\d+)$/gm)].reduce(
    (sum, [, n]) => sum + Number(n),
    0,
  );
}

/** Eight projects and eight of the shards, with three nodes each. */
const hosts = 48;

test('Prometheus has every target with all of its labels, from one exporter and from four shards', async () => {
  expect(await until(30_000, async () => (await activeTargets()).length === 2 * hosts)).toBe(true);
  const targets = await activeTargets();
  for (const { labels, discoveredLabels } of targets) {
    const clusterWide = /^c-two$/.test(labels['cluster_name'] ?? '');
    const behind = clusterWide ? [] : ['atlas_region', 'cloud_provider', 'interface_endpoint_id'];
    expect(Object.keys(labels).sort()).toEqual(
      ['atlas_project_id', ...behind, 'cluster_name', 'instance', 'job', 'prober'].sort(),
    );
    expect(labels['prober']).toBe(stage.prober);
    expect(labels['instance']).toMatch(/^pl-0-c-\w+\.\w+\.mongodb\.net:102[456]$/);
    expect(discoveredLabels).toMatchObject({
      __meta_url: expect.stringMatching(/\/api\/v1\/targets$/),
      __meta_mongodb_atlas_project_name: expect.stringMatching(/^\w+$/),
      __meta_mongodb_atlas_connection_string_type: 'MONGOD',
    });
  }
  const urls = new Set(targets.map(({ discoveredLabels }) => discoveredLabels['__meta_url']));
  console.log(`${targets.length} targets of ${urls.size} lists; one of them: ${JSON.stringify(targets[0]?.labels)}`);
  expect(urls.size).toBeGreaterThan(3);
});

test('nine situations: the webhook hears exactly what it should', async () => {
  const { situations, notices, prometheus } = stage;
  const allWell = () => count('mongodb_atlas:probe_all:min == 1').then((found) => found === hosts);
  expect(await until(60_000, allWell)).toBe(true);
  await wait(4_000);
  expect(notices).toEqual([]);

  const struckAt = new Map<Situation, number>();
  for (const situation of situations) {
    await situation.strike();
    struckAt.set(situation, Date.now());
  }
  const missing = () =>
    situations.flatMap((situation) =>
      situation.expected
        .filter((entry) => !notices.some((notice) => isOf(notice, situation) && fits(notice, entry)))
        .map(({ alert }) => `${situation.name}: ${alert}`),
    );
  await until(60_000, () => missing().length === 0);
  expect(missing()).toEqual([]);
  await wait(6_000);

  const heard = (situation: Situation) =>
    notices.filter((notice) => isOf(notice, situation)).map(({ status, labels }) => `${status} ${labels['alertname']}`);
  const wanted = ({ expected }: Situation) => expected.map(({ alert }) => `firing AtlasPrivateEndpoint${alert}`);
  console.log(table(situations, notices, struckAt, (one) => `${heard(one).sort()}` === `${wanted(one).sort()}`));
  expect(situations.map((one) => [one.name, heard(one).sort()])).toEqual(
    situations.map((one) => [one.name, wanted(one).sort()]),
  );
  expect(notices.filter((notice) => !situations.some((situation) => isOf(notice, situation)))).toEqual([]);
  expect(notices.filter(({ annotations }) => /error expanding|<no value>/.test(JSON.stringify(annotations)))).toEqual(
    [],
  );
  expect(await prometheus.ruleErrors()).toEqual([]);
  // The lists of the shards never took a target from one another.
  expect(await count('count_over_time(probe_success[20s]) < 8')).toBe(0);
}, 180_000);

test('the dashboards have both halves in one row', async () => {
  const asked = questions().filter(({ expr }) => expr.includes('probe_success'));
  expect(asked.length).toBe(8);
  const rowOf = async (cluster: string) => {
    const values = await Promise.all(
      asked
        .filter(({ where }) => where.startsWith('overview.json'))
        .map(async ({ expr }) => {
          const found = await stage.prometheus.query(expr);
          return found.find(({ labels }) => labels['cluster_name'] === cluster)?.value;
        }),
    );
    return [cluster, ...values];
  };
  // What Atlas says, how many do not answer, TLS of how many fails, and how many there are.
  expect(await Promise.all(['c-well', 'c-closed', 'c-nameless', 'c-other', 'c-failed', 'c-two'].map(rowOf))).toEqual([
    ['c-well', 1, 0, 0, 3],
    ['c-closed', 1, 1, 0, 3],
    ['c-nameless', 1, 3, 0, 3],
    ['c-other', 1, 0, 3, 3],
    ['c-failed', 0, 0, 0, 3],
    ['c-two', 1, 1, 0, 3],
  ]);
});

test('an exporter that begins anew answers 503, Prometheus keeps the list; what goes in Atlas goes there', async () => {
  const { fleet } = stage;
  const ofFleet = 'probe_success{cluster_name="c-well"}';
  expect(await count(ofFleet)).toBe(6);
  const slow = fleet.faults.add(effects.delay(6_000), ({ operation }) => operation === 'v2.clusters');
  const before = await failedLists();
  const url = await stage.beginAnew();
  expect((await fetch(`${url}/api/v1/targets`)).status).toBe(503);
  await wait(4_000);
  expect(await failedLists()).toBeGreaterThan(before);
  expect(await count(ofFleet)).toBe(6);
  slow.end();
  const [well] = stage.situations[0]?.projects ?? [];
  const [cluster] = well?.clusters ?? [];
  if (!cluster) throw new Error('No cluster');
  fleet.world.removeCluster(cluster);
  expect(await until(60_000, async () => (await count(ofFleet)) === 0)).toBe(true);
});

test(`${atTheEnd}: it is told that nothing is probed, once for each exporter`, async () => {
  await stage.stopProber();
  const told = () =>
    stage.notices
      .filter(({ labels }) => labels['alertname'] === 'AtlasPrivateEndpointNotProbed')
      .map(({ status, labels }) => `${status} ${labels['job']}`)
      .sort();
  await until(30_000, () => told().length === 2);
  expect(told()).toEqual(['firing exporter', 'firing shards']);
});

function table(
  situations: readonly Situation[],
  notices: readonly Notice[],
  struckAt: ReadonlyMap<Situation, number>,
  isExact: (situation: Situation) => boolean,
): string {
  const rows = situations.map((situation) => {
    const { name, expected } = situation;
    const times = expected.map((entry) => {
      const notice = notices.find((one) => isOf(one, situation) && fits(one, entry));
      return `${(((notice?.receivedAt ?? Number.NaN) - (struckAt.get(situation) ?? Number.NaN)) / 1000).toFixed(1)} s`;
    });
    const alerts = expected.map(({ alert, severity }) => `${alert} (${severity})`).join(', ') || 'none';
    return `${isExact(situation) ? 'exact' : 'WRONG'}  ${name.padEnd(40)} ${alerts.padEnd(56)} ${times.join(', ')}`;
  });
  const head = `${situations.filter(isExact).length} of ${situations.length} exact; times from the situation to the webhook`;
  return [`${head}, with probes of 2 s, evaluations of 1 s and \`for: ${overrides.holdFor.otherwise}\``, ...rows].join(
    '\n',
  );
}
