/**
 * How long each panel and annotation of the overview takes over 24 hours, with everything broken all the time: the records that
 * it reads of the day before are made up and written as blocks, the rest is scraped and evaluated for some minutes.
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { filledIn, readDashboards } from '../test/support/dashboards.ts';
import { estateOf, serveEstate, watchRules } from '../test/support/rule-estate.ts';
import { organization, projectId, target } from '../test/support/rule-story.ts';
import type { Size } from './exporter.ts';
import { median, rounded } from './figures.ts';
import { newestPrometheus, startPrometheus } from './prometheus.ts';

const interval = 30;
const day = 86_400;
const block = 7_200;
/** A panel as wide as a large screen has a point a minute, unless it says that it has fewer. */
const finest = 60;
const bar = 2;

/** A record of the day before: its series, and whether there is a sample at an evaluation. */
interface Past {
  readonly name: string;
  readonly series: readonly string[];
  readonly value: number;
  /** Of how many evaluations one has a sample. */
  readonly every: number;
}

function pastOf({ projects, providers }: Size): readonly Past[] {
  const text = (labels: Readonly<Record<string, string>>) =>
    Object.entries({ ...target, ...labels })
      .map(([label, value]) => `${label}="${value}"`)
      .join(',');
  const lists = Array.from({ length: projects }, (_, index) => `p${index}`).flatMap((word) =>
    providers.map((cloud) => ({ atlas_project_id: projectId(word), kind: 'cluster', cloud_provider: cloud, word })),
  );
  const named = (further: Readonly<Record<string, string>> = {}) =>
    lists.map(({ word, ...list }) => text({ ...list, project_name: word, org_id: organization, ...further }));
  const ofClouds = (further: Readonly<Record<string, string>>) =>
    providers.map((cloud) => text({ kind: 'cluster', cloud_provider: cloud, ...further }));
  const down = lists.filter((_, index) => index % 3 === 0).map(({ word: _, ...list }) => list);
  const record = (name: string, series: readonly string[], value = 3, every = 1): Past => ({
    ...{ name: `mongodb_atlas:${name}`, series, value, every },
  });
  return [
    record('not_ready:count', named()),
    record('errors:count', named({ error_class: 'not_found' })),
    record(
      'source_down:age',
      down.map((list) => text({ ...list, credential: 'main', reason: 'timeout' })),
      600,
    ),
    record('sources_up:sum', ofClouds({}), projects),
    record('connections:sum', [...ofClouds({ status: 'FAILED' }), ...ofClouds({ status: 'AVAILABLE' })], 1_000),
    // Each list changes every ten minutes.
    record('statuses_entered:sum', [...named({ status: 'FAILED' }), ...named({ status: 'AVAILABLE' })], 1, 20),
    record('message_changes:sum', [...named({ change: 'set' }), ...named({ change: 'changed' })], 1, 20),
    record('removals:count', named(), 1, 100),
  ];
}

/** Writes the day before as blocks: of one block at a time, because promtool reads a whole file for each block of it. */
async function writeDay(promtool: string, past: readonly Past[], folder: string, blocks: string): Promise<number> {
  const now = Math.floor(Date.now() / 1_000 / interval) * interval;
  const file = join(folder, 'day.txt');
  let samples = 0;
  for (let from = Math.ceil((now - day) / block) * block - block; from < now; from += block) {
    const times: number[] = [];
    for (let at = Math.max(from, now - day); at < Math.min(from + block, now); at += interval) times.push(at);
    if (times.length === 0) continue;
    const out = createWriteStream(file);
    for (const { name, series, value, every } of past) {
      out.write(`# TYPE ${name} gauge\n`);
      for (const [index, labels] of series.entries()) {
        const told = times.filter((at) => (at / interval + index) % every === 0);
        samples += told.length;
        if (!out.write(told.map((at) => `${name}{${labels}} ${value} ${at}\n`).join(''))) {
          await new Promise((resolve) => out.once('drain', resolve));
        }
      }
    }
    out.end('# EOF\n');
    await finished(out);
    const made = spawnSync(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', '-q', file, blocks]);
    if (made.status !== 0) throw new Error(`promtool makes no block: ${made.stderr}`);
  }
  return samples;
}

interface Question {
  readonly title: string;
  readonly expr: string;
  /** Seconds between two points; null for a question of a moment. */
  readonly step: number | null;
}

function questions(): readonly Question[] {
  const { panels = [], annotations } = readDashboards()['overview.json'] ?? {};
  return [
    ...panels.flatMap(({ title, targets = [], maxDataPoints = Number.POSITIVE_INFINITY }) =>
      targets.map(({ expr, instant, refId }) => ({
        ...{ title: `${title}, ${refId}`, expr },
        step: instant === true ? null : Math.max(finest, day / maxDataPoints),
      })),
    ),
    ...(annotations?.list ?? []).flatMap(({ name, expr }) =>
      expr === undefined ? [] : [{ title: `annotation ${name}`, expr, step: finest }],
    ),
  ].map(({ expr, ...question }) => {
    const ranges = { rate: '2m', interval: `${question.step ?? finest}s`, range: `${day}s` };
    return { ...question, expr: filledIn(expr, ranges) };
  });
}

/** The seconds that an answer takes, and how many series it has. */
async function ask(url: string, { expr, step }: Question): Promise<readonly [seconds: number, series: number]> {
  const end = Math.floor(Date.now() / 1_000);
  const range = step === null ? {} : { start: `${end - day}`, end: `${end}`, step: `${step}` };
  const began = performance.now();
  const answer = await fetch(`${url}/api/v1/query${step === null ? '' : '_range'}`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr, ...range }),
  });
  const { data, error } = (await answer.json()) as { data?: { result: readonly unknown[] }; error?: string };
  if (!data) throw new Error(`${error}: ${expr}`);
  return [(performance.now() - began) / 1_000, data.result.length];
}

/** Prints a table. */
export async function measureOverview(size: Size, say: (words: string) => void): Promise<void> {
  const { version, programs } = newestPrometheus();
  const folder = mkdtempSync(join(tmpdir(), 'bench-overview-'));
  const blocks = join(folder, 'blocks');
  try {
    say(`${size.name}: writing a day`);
    const samples = await writeDay(programs.promtool, pastOf(size), folder, blocks);
    await using served = await serveEstate(await estateOf(size.projects, size.connections));
    served.show('broken');
    await using prometheus = await startPrometheus({
      ...{ program: programs.prometheus, folder: join(folder, 'prometheus'), target: served.address, interval, blocks },
    });
    say(`${size.name}: six evaluations, then the overview`);
    await watchRules(prometheus.url, 6);
    console.log(
      `\nThe overview over 24 hours, ${size.projects} projects, ${samples} samples of records, a point a minute`,
    );
    console.log(
      `(Prometheus ${version.version}, everything broken; median of 3)\n\n| panel | seconds | series |\n| --- | --- | --- |`,
    );
    for (const question of questions()) {
      const answers = [];
      for (let round = 0; round < 3; round++) answers.push(await ask(prometheus.url, question));
      const seconds = median(answers.map(([one]) => one));
      const mark = seconds >= bar ? ` (over ${bar})` : '';
      console.log(`| ${question.title} | ${rounded(seconds)}${mark} | ${answers[0]?.[1]} |`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
