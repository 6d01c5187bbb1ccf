/**
 * Prometheus 3 asks for metrics in one of several formats, and names are escaped in one of several ways. Whatever it asks
 * for, it stores the same samples: those of the exporter's own text.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { type ParsedFamily, seriesOf } from '../../support/exposition-parser.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { prometheuses } from '../../support/prometheuses.ts';
import { until } from '../../support/wait.ts';

const protocols = [
  'PrometheusProto',
  'OpenMetricsText2.0.0',
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];
const escapings = ['allow-utf-8', 'underscores', 'dots', 'values'];
const jobs = protocols.flatMap((protocol) =>
  escapings.map((escaping) => ({
    name: `${protocol} ${escaping}`,
    rest: { scrape_protocols: [protocol], metric_name_escaping_scheme: escaping },
  })),
);
const newest = prometheuses.find(({ name }) => name === 'prometheus-3');

let folder: string;
let simulator: Simulator;
let exporter: Daemon;
let prometheus: Prometheus;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'protocols-'));
  simulator = createSimulator({ seed: 5 });
  await simulator.start();
  const project = simulator.world.addProject({ name: 'päyments "1"\\n' });
  const connection = simulator.world.addConnection(project);
  simulator.world.attach(connection);
  simulator.world.setErrorMessage(
    simulator.world.addConnection(project, { status: 'FAILED' }),
    'Not "found"\nor \\gone',
  );
  // One poll at the start, and none that would change a sample between two scrapes.
  const rest = 'poll: {schedule: "0 0 0 1 1 *", fastSchedule: false}\nmetrics: {staleAfter: 30d}';
  exporter = await startDaemon(simulatorConfig(simulator.url, [project.id], rest));
  await exporter.until('a poll', async () => (await exporter.series())['mongodb_atlas_exporter_polls_total']);
  prometheus = await startPrometheus({
    folder: join(folder, 'prometheus'),
    jobs: jobs.map((job) => ({ ...job, targets: [new URL(exporter.url).host] })),
    features: ['openmetrics2'],
    ...(newest ? { version: newest } : {}),
  });
});
afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await exporter?.[Symbol.asyncDispose]();
  await simulator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** What the exporter itself does changes with each scrape: of these only the names and labels are compared. */
const moves = /^(process_|nodejs_|mongodb_atlas_exporter_(?!source_|projects|build_info))/;

/** What Prometheus itself adds, the type and unit where that feature is on. */
const added = new Set(['__name__', '__type__', '__unit__', 'job', 'instance']);

/** As Prometheus stores them: an empty label is no label. */
function seriesOfExporter(families: readonly ParsedFamily[]): readonly (readonly [string, number])[] {
  return families
    .flatMap(({ samples }) => samples)
    .map(({ name, labels, value }) => {
      const filled = Object.entries(labels).filter(([, text]) => text !== '');
      return [seriesOf(name, Object.fromEntries(filled)), value] as const;
    });
}

test.each(jobs)('$name', async ({ name }) => {
  const job = JSON.stringify(name);
  await until('a scrape', async () => (await prometheus.query(`up{job=${job}}`)).some(({ value }) => value === 1));
  const wanted = seriesOfExporter(await exporter.metrics());
  const samples = await prometheus.query(`{job=${job}, __name__!~"up|scrape_.*"}`);
  const stored = samples.map(({ labels, value }) => [
    seriesOf(
      labels['__name__'] ?? '',
      Object.fromEntries(Object.entries(labels).filter(([label]) => !added.has(label))),
    ),
    value,
  ]) as [string, number][];
  const still = (all: readonly (readonly [string, number])[]) =>
    Object.fromEntries(all.filter(([series]) => !moves.test(series)));
  expect(still(stored)).toEqual(still(wanted));
  expect(Object.keys(still(stored)).length).toBeGreaterThan(60);
  const names = (all: readonly (readonly [string, number])[]) => all.map(([series]) => series).toSorted();
  expect(names(stored).filter((series) => !names(wanted).includes(series))).toEqual([]);
});
