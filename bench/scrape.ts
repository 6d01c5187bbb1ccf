/** Scrapes: ours beside nginx with the same bytes and beside prom-client, by turns in one run. */
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type Exporter, linkSourcesOf, type Size } from './exporter.ts';
import { median, percentile } from './figures.ts';
import { type Latency, measure } from './load.ts';
import { startNginx } from './nginx.ts';
import type { Stage } from './processes.ts';

export interface Compared {
  readonly what: string;
  /** Medians over the rounds. */
  readonly ours: Latency;
  readonly theirs: Latency;
  readonly beside: 'nginx' | 'prom-client';
}

const zippedHeaders = { 'Accept-Encoding': 'gzip' };
/** Never so short that chance decides the median. */
const secondsOfRound = 3;
const zippedHeader = 'Accept-Encoding: gzip';

/** A quiet exporter: nothing is polled, and its own families are rendered again once a second as ever. */
export async function compareQuiet(
  stage: Stage,
  size: Size,
  exporter: Exporter,
  rounds: number,
): Promise<readonly Compared[]> {
  const plain = await bytes(exporter.url, {});
  const nginx = await startNginx(stage, plain, await bytes(exporter.url, zippedHeaders));
  // So that both are as they are for months: the code compiled, the file in memory.
  const warmUp = { header: zippedHeader, connections: 40, seconds: 10 };
  for (const url of [exporter.url, nginx.zipped]) await measure({ ...warmUp, url });
  const compared: Compared[] = [];
  for (const form of ['plain', 'gzip'] as const) {
    for (const connections of [1, 40, 1000]) {
      // A thousand times 137 MB is a minute each time: left out, and docs/performance.md says so.
      if (connections === 1000 && form === 'plain' && size.name === 'L') continue;
      const load = { connections, seconds: secondsOfRound };
      const [ours, theirs]: [Latency[], Latency[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        ours.push(await measure({ ...load, url: exporter.url, header: form === 'gzip' ? zippedHeader : '' }));
        theirs.push(await measure({ ...load, url: form === 'gzip' ? nginx.zipped : nginx.plain, header: '' }));
      }
      compared.push({
        what: `${form}, ${connections} at a time`,
        ours: medians(ours),
        theirs: medians(theirs),
        beside: 'nginx',
      });
    }
  }
  await nginx.stop();
  return compared;
}

/** prom-client holds the same series; whatever a scrape costs it costs each time, so seven of them are enough. */
export async function naiveScrapes(stage: Stage, shown: string, rounds: number) {
  const file = join(stage.folder, 'shown.txt');
  writeFileSync(file, shown);
  const naive = await stage.start(
    process.execPath,
    [new URL('naive.ts', import.meta.url).pathname, file],
    /listening on (\S+)/,
  );
  await bytes(naive.found, {});
  const plain = await scrapes(naive.found, {}, rounds);
  const gzip = await scrapes(naive.found, zippedHeaders, rounds);
  await naive.stop();
  return { plain, gzip };
}

/** One scrape a second for a minute while every source is polled: each finds success times that moved. */
export async function busyScrapes(exporter: Exporter, seconds: number): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const [ms = Number.NaN] = await scrapes(exporter.url, zippedHeaders, 1);
    taken.push(ms);
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, 1_000 - ms)));
  }
  return taken;
}

export function toLatency(taken: readonly number[]): Latency {
  return { p50: median(taken), p99: percentile(taken, 0.99) };
}

async function scrapes(url: string, headers: Readonly<Record<string, string>>, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    await bytes(url, headers);
    taken.push(performance.now() - start);
  }
  return taken;
}

/** As they come: fetch would decompress, which is no cost of a scrape. */
function bytes(url: string, headers: Readonly<Record<string, string>>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false }, async (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url}: ${answer.statusCode}`));
      resolve(Buffer.concat(await answer.toArray()));
    })
      .on('error', reject)
      .end();
  });
}

function medians(rounds: readonly Latency[]): Latency {
  const of = (figure: keyof Latency) => median(rounds.map((round) => round[figure] ?? Number.NaN));
  return { p50: of('p50'), p99: of('p99'), perSecond: of('perSecond') };
}

/** Every list of connections polled within a minute, or the busy scrapes were none. */
export function checkBusy(size: Size, polls: number): void {
  if (polls < linkSourcesOf(size)) throw new Error(`${size.name}: only ${polls} polls while it was busy`);
}
