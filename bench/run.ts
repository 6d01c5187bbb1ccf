/**
 * `npm run bench`: everything that docs/performance.md says, measured in one run. Needs Debian's nginx; takes
 * about 25 minutes. Prints one table, and writes bench/results.json.
 *
 * Usage: node bench/run.ts [--sizes S,M,L] [--rounds 7] [--kinds cluster,connection_strings]
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import {
  allPolled,
  type Probed,
  residentBytes,
  type Size,
  sizes,
  startExporter,
  startSimulator,
  text,
} from './exporter.ts';
import { exponent, median, rounded } from './figures.ts';
import { comparePolls } from './poll.ts';
import { createStage, type Stage } from './processes.ts';
import { busyScrapes, type Compared, checkBusy, compareQuiet, naiveScrapes, toLatency } from './scrape.ts';
import { type Results, table } from './table.ts';

const options = { sizes: { type: 'string' }, rounds: { type: 'string' }, kinds: { type: 'string' } } as const;
const { values } = parseArgs({ options });
const wanted = values.sizes?.split(',') ?? sizes.map(({ name }) => name);
const kinds = values.kinds?.split(',');
const rounds = Number(values.rounds ?? 7);
const busySeconds = 65;

if (spawnSync('nginx', ['-v']).error) {
  console.error('nginx is not there: apt-get install --no-install-recommends nginx-light');
  process.exit(1);
}

const say = (words: string) => console.error(`${new Date().toISOString().slice(11, 19)} ${words}`);
const polls = (shown: string) => Number(/^mongodb_atlas_exporter_polls_total (\d+)/m.exec(shown)?.[1] ?? 0);

async function bench(stage: Stage, size: Size): Promise<Results> {
  say(`${size.name}: polling an empty state full`);
  const simulator = await startSimulator(stage, size);
  const busy = await startExporter(stage, size, simulator.found, 'every minute');
  const startEmptyMs = busy.firstScrapeMs;
  const before = await allPolled(busy, size);

  say(`${size.name}: ${busySeconds} s of polls with a scrape a second, from the next minute on`);
  await new Promise((resolve) => setTimeout(resolve, 60_000 - (Date.now() % 60_000)));
  await busy.ask('reset');
  const busyTaken = await busyScrapes(busy, busySeconds);
  const loop = (await busy.ask('read')) as Probed;
  const resident = residentBytes(busy);
  checkBusy(size, polls(await text(busy.url, 'identity')) - polls(before));
  const residentPlain = residentBytes(busy);
  await busy.stop();

  say(`${size.name}: starts from the restored state`);
  const restored: number[] = [];
  for (let round = 1; round < rounds; round++) {
    const started = await startExporter(stage, size, simulator.found, 'never');
    restored.push(started.firstScrapeMs);
    await started.stop();
  }
  const quiet = await startExporter(stage, size, simulator.found, 'never');
  restored.push(quiet.firstScrapeMs);
  const shown = await text(quiet.url);

  say(`${size.name}: polls beside a bare loop`);
  const projects = [...new Set(shown.match(/(?<=atlas_project_id=")[0-9a-f]{24}/g))].slice(0, 300);
  const poll = await comparePolls(simulator.found, projects, rounds);

  say(`${size.name}: quiet scrapes beside nginx`);
  const scrapes = await compareQuiet(stage, size, quiet, rounds);
  await quiet.stop();
  await simulator.stop();

  say(`${size.name}: prom-client with the same series`);
  const naive = await naiveScrapes(stage, shown, rounds);
  const alone = (form: 'plain' | 'gzip') => scrapes.find(({ what }) => what === `${form}, 1 at a time`)?.ours;
  const beside = (what: string, ours: Compared['ours'] | undefined, theirs: readonly number[]): readonly Compared[] =>
    ours ? [{ what, ours, theirs: toLatency(theirs), beside: 'prom-client' }] : [];
  return {
    size: size.name,
    series: shown.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
    bytes: Buffer.byteLength(shown),
    scrapes: [
      ...scrapes,
      ...beside('plain, quiet', alone('plain'), naive.plain),
      ...beside('gzip, quiet', alone('gzip'), naive.gzip),
      ...beside('gzip, busy', toLatency(busyTaken), naive.gzip),
    ],
    poll,
    loop,
    residentBytes: resident,
    residentPlainBytes: residentPlain,
    startEmptyMs,
    startRestoredMs: median(restored),
  };
}

/** What a Node that does nothing holds. */
async function idleBytes(stage: Stage): Promise<number> {
  const idle = await stage.start(process.execPath, ['-e', 'console.log("idle"); setInterval(() => {}, 1000)'], /idle/);
  const resident = residentBytes(idle);
  await idle.stop();
  return resident;
}

await using stage = createStage();
const idle = await idleBytes(stage);
const results: Results[] = [];
for (const size of sizes.filter(({ name }) => wanted.includes(name))) {
  results.push(await bench(stage, kinds ? { ...size, kinds } : size));
}
const growth = Object.fromEntries(
  Object.entries({
    'quiet scrape, plain': ({ scrapes }: Results) =>
      scrapes.find(({ what }) => what === 'plain, 1 at a time')?.ours.p50,
    'quiet scrape, gzip': ({ scrapes }: Results) => scrapes.find(({ what }) => what === 'gzip, 1 at a time')?.ours.p50,
    'busy scrape, gzip': ({ scrapes }: Results) => scrapes.find(({ what }) => what === 'gzip, busy')?.ours.p50,
    'memory above idle': ({ residentBytes: bytes }: Results) => bytes - idle,
    'start, restored': ({ startRestoredMs }: Results) => startRestoredMs,
    'CPU of a poll': ({ poll }: Results) => poll.ours.cpuMs,
  }).map(([name, value]) => [
    name,
    rounded(exponent(results.map((result) => [result.series, value(result) ?? Number.NaN]))),
  ]),
);
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
console.log(table({ machine, rounds, idleBytes: idle, results, growth }));
writeFileSync(
  new URL('results.json', import.meta.url),
  `${JSON.stringify({ machine, rounds, idleBytes: idle, results, growth }, null, 2)}\n`,
);
