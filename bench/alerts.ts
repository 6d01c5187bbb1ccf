/**
 * `npm run bench:alerts`: what the rules and the overview cost a real Prometheus, at S and at M: while all is well, while everything
 * is broken (each connection as an alert of its own, which is the dearest, and all as one for many, which is how it comes), and
 * once everything is gone. Then how long each panel and annotation of the overview takes over 24 hours at M. Takes an hour.
 *
 * Usage: node bench/alerts.ts [--sizes S,M] [--interval 30] [--evaluations 4] [--ways 'all as one'] [--only rules|overview]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type Cost,
  countAlerts,
  estateOf,
  estatePhases,
  serveEstate,
  watchRules,
} from '../test/support/rule-estate.ts';
import { type Size, sizes } from './exporter.ts';
import { exponent, median, rounded } from './figures.ts';
import { measureOverview } from './overview.ts';
import { newestPrometheus, startPrometheus } from './prometheus.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: 'S,M' },
    interval: { type: 'string', default: '30' },
    evaluations: { type: 'string', default: '4' },
    ways: { type: 'string', default: 'all as one,each by itself' },
    only: { type: 'string' },
  },
});
const interval = Number(values.interval);
const evaluations = Number(values.evaluations);
const wanted = sizes.filter(({ name }) => values.sizes.split(',').includes(name));
const { version, programs } = newestPrometheus();
const say = (words: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${words}`);

/** Connections that break at once are many from this number on. */
const alone = 1_000_000;
const ways = { 'all as one': 5, 'each by itself': alone } as const;
type Way = keyof typeof ways;

/** One row for each phase: what its groups took, once what it changes was told. */
async function measure(size: Size, way: Way): Promise<readonly (readonly [phase: string, cost: Cost])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-alerts-'));
  try {
    await using served = await serveEstate(await estateOf(size.projects, size.connections));
    await using prometheus = await startPrometheus({
      ...{ program: programs.prometheus, folder, target: served.address, interval },
      thresholds: { failedSeconds: interval, eventSeconds: interval, manyConnections: ways[way] },
    });
    const rows: (readonly [string, Cost])[] = [];
    for (const phase of estatePhases) {
      served.show(phase);
      say(`${size.name}, ${way}: ${phase}`);
      const each = size.projects * size.connections;
      const told = { well: 0, broken: way === 'all as one' ? 3 : each, gone: way === 'all as one' ? 3 : each }[phase];
      await untilTold(prometheus.url, told);
      const cost = await watchRules(prometheus.url, evaluations);
      say(
        `${cost.alerts} alerts, the slowest group takes ${rounded(slowest(cost))} s, all ${rounded(cost.cpu)} s of CPU`,
      );
      // What is not told costs nothing.
      if (cost.alerts !== told) throw new Error(`${cost.alerts} alerts and not ${told}`);
      rows.push([phase, cost]);
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits for what a phase changes, and says every minute how far it is. Throws an Error when it does not come. */
async function untilTold(url: string, told: number): Promise<void> {
  // The first evaluations find nothing that they could hold.
  await watchRules(url, 2);
  let alerts = Number.NaN;
  for (let tries = 1; tries <= 15 * 6; tries++) {
    alerts = await countAlerts(url);
    if (alerts === told) return;
    if (tries % 6 === 0) say(`${alerts} of ${told} alerts after ${tries / 6} min`);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
  }
  const { groups } = await watchRules(url, 1);
  const slow = [...groups].map(([group, times]) => `${group} ${rounded(median(times))} s`).join(', ');
  throw new Error(`${alerts} alerts and not ${told} after a quarter of an hour; groups take: ${slow}`);
}

const slowest = ({ groups }: Cost) => Math.max(...[...groups.values()].map(median));

async function measureRules(): Promise<void> {
  const storms: (readonly [alerts: number, seconds: number])[] = [];
  for (const size of wanted) {
    for (const way of (Object.keys(ways) as readonly Way[]).filter((name) => values.ways.split(',').includes(name))) {
      const rows = await measure(size, way);
      const groups = [...(rows[0]?.[1].groups.keys() ?? [])].sort();
      console.log(`\n${size.name} (${size.projects} projects), ${way}: seconds of an evaluation, median (longest)\n`);
      console.log(`| group | ${rows.map(([phase, { alerts }]) => `${phase}, ${alerts} alerts`).join(' | ')} |`);
      console.log(`| --- |${' --- |'.repeat(rows.length)}`);
      for (const group of groups) {
        const cells = rows.map(([, cost]) => {
          const times = cost.groups.get(group) ?? [];
          return `${rounded(median(times))} (${rounded(Math.max(...times))})`;
        });
        console.log(`| ${group.replace('atlas-private-endpoint-', '')} | ${cells.join(' | ')} |`);
      }
      console.log(`| all, with a scrape: CPU | ${rows.map(([, { cpu }]) => rounded(cpu)).join(' | ')} |`);
      const [, broken] = rows.find(([phase]) => phase === 'broken') ?? [];
      if (broken && way === 'each by itself') storms.push([broken.alerts, slowest(broken)]);
    }
  }
  if (storms.length > 1)
    console.log(`\nThe slowest group grows with the alerts to the power of ${rounded(exponent(storms))}`);
}

console.log(`Prometheus ${version.version}, ${cpus().length} × ${cpus()[0]?.model}, an evaluation every ${interval} s`);
if (values.only !== 'overview') await measureRules();
const largest = wanted.at(-1);
if (values.only !== 'rules' && largest) await measureOverview(largest, say);
