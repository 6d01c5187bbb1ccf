/** promtool of the Prometheus that the suite runs on: checks rule files and runs stories through them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { stringify } from 'yaml';
import { programsOf, thisPrometheus } from './provided.ts';
import { alertFiles, groupOrder } from './rule-files.ts';
import { type Series, startMinute, target } from './rule-story.ts';

/** An alert that fires from one minute of its story up to another one, that one not included. */
export interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly from: number;
  readonly until?: number;
}

export interface Story {
  readonly name: string;
  readonly minutes: number;
  readonly series: Series;
  /** All that fires, nothing else does at any minute. */
  readonly firing: readonly Firing[];
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** promtool gives up a question that takes it long by the clock: more of it at once than cores, and some would. */
const promtools = new PQueue({ concurrency: availableParallelism() });

export function promtool(...args: readonly string[]): Promise<Ended> {
  const prometheus = thisPrometheus();
  const features = prometheus.promtoolFeatures.map((feature) => `--enable-feature=${feature}`);
  // It collects its garbage less often, which takes a fifth less time.
  const env = { ...process.env, GOGC: '400' };
  return promtools.add(() => runProgramIn(env, programsOf(prometheus).promtool, ...features, ...args));
}

/** Runs a program to its end; a failure is part of the answer. */
export function runProgram(program: string, ...args: readonly string[]): Promise<Ended> {
  return runProgramIn(process.env, program, ...args);
}

function runProgramIn(env: NodeJS.ProcessEnv, program: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024, env }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

/**
 * Runs stories through the rules and says how they differ; '' when they do not. Stories that are asked for at about the same
 * time share a Prometheus, because most of the time goes into evaluating rules, be there series or not: each has a job,
 * projects and an organization of its own.
 */
export function testStories(stories: readonly Story[], files: readonly string[] = alertFiles): Promise<string> {
  return ask(stories, toQuestions, files, groupOrder);
}

/**
 * The same with groups in another order, in which what one reads of another is an evaluation old. Alerts may come some
 * minutes later then: it is asked which of them fire at all, and no other does.
 */
export function testOrder(stories: readonly Story[], order: readonly string[]): Promise<string> {
  const toQuestion = (story: Story, index: number) => {
    const told = new Set(story.firing.map(({ labels }) => ownLabels(toSelector(labels), story, index)));
    const at = `ALERTS{alertstate="firing",job=${jobOf(story, index)}}`;
    return [
      {
        expr: `count_over_time(${at}[${60 * story.minutes - 30}s:1m]) > bool 0`,
        eval_time: `${startMinute + story.minutes - 1}m`,
        exp_samples: [...told].map((labels) => ({ labels, value: 1 })),
      },
    ];
  };
  return ask(stories, toQuestion, alertFiles, order);
}

interface Asked {
  readonly story: Story;
  readonly toQuestions: (story: Story, index: number) => readonly object[];
  readonly answer: (differs: string) => void;
  readonly fail: (error: unknown) => void;
}
interface Batch {
  readonly files: readonly string[];
  readonly order: readonly string[];
  readonly asked: Asked[];
  readonly due: NodeJS.Timeout;
}

/** How long is waited for more stories, which are made by the same thread. */
const togetherMs = 1_000;
/** A story is asked with others up to this many minutes: what ended long ago is still held, and would be evaluated. */
const lengths = [45, 100, 200, 400];
const batches = new Map<string, Batch>();

async function ask(
  stories: readonly Story[],
  toQuestions: Asked['toQuestions'],
  files: readonly string[],
  order: readonly string[],
): Promise<string> {
  const answers = stories.map(
    (story) =>
      new Promise<string>((answer, fail) => {
        const length = lengths.find((minutes) => story.minutes <= minutes) ?? null;
        const key = JSON.stringify([files, order, length]);
        const batch = batches.get(key) ?? { files, order, asked: [], due: setTimeout(() => flush(key), togetherMs) };
        batches.set(key, batch);
        batch.asked.push({ story, toQuestions, answer, fail });
        batch.due.refresh();
      }),
  );
  return [...new Set(await Promise.all(answers))].join('');
}

async function flush(key: string): Promise<void> {
  const batch = batches.get(key);
  batches.delete(key);
  if (!batch) return;
  try {
    const { code, output } = await run(batch);
    const [, ...differences] = output.split(/^(?= {4}expr: )/m);
    const told = batch.asked.map(({ story }, index) =>
      differences.filter((difference) => difference.includes(JSON.stringify(jobOf(story, index)).slice(1, -1))),
    );
    // What is of no story, such as a rule that cannot be evaluated, is of all.
    const common = code !== 0 && told.flat().length !== differences.length + Number(differences.length === 0);
    for (const [index, { answer }] of batch.asked.entries()) {
      const own = told[index] ?? [];
      if (common) answer(output);
      else answer(own.length === 0 ? '' : ['FAILED:\n', ...own].join(''));
    }
  } catch (error) {
    for (const { fail } of batch.asked) fail(error);
  }
}

async function run({ files, order, asked }: Batch): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const test = {
    rule_files: files,
    evaluation_interval: '1m',
    group_eval_order: order,
    tests: [
      {
        interval: '1m',
        input_series: asked.flatMap(({ story }, index) =>
          [...story.series].map(([series, values]) => ({
            series: ownLabels(series, story, index),
            values: toNotation(values),
          })),
        ),
        promql_expr_test: asked.flatMap(({ story, toQuestions }, index) => toQuestions(story, index)),
      },
    ],
  };
  try {
    await writeFile(path, stringify(test));
    return await promtool('test', 'rules', path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the rules make of series: each question, of an expression at a minute of the story, with its answer. */
export async function askRules(
  series: Series,
  questions: readonly (readonly [expr: string, minute: number])[],
  options: { readonly files: readonly string[]; readonly seconds: number },
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const every = `${options.seconds}s`;
  const test = {
    rule_files: options.files,
    evaluation_interval: every,
    group_eval_order: [...groupOrder, 'atlas-private-endpoint-views'],
    tests: [
      {
        interval: '1m',
        input_series: [...series].map(([name, values]) => ({ series: name, values: toNotation(values) })),
        // What nobody answers differs from every answer.
        promql_expr_test: questions.map(([expr, minute]) => ({
          ...{ expr, eval_time: `${startMinute + minute}m` },
          exp_samples: [{ labels: '{unexpected="yes"}', value: 0 }],
        })),
      },
    ],
  };
  try {
    await writeFile(path, stringify(test));
    const { output } = await promtool('test', 'rules', path);
    const answers = [...output.matchAll(/^ {8}got: ?(.*)$/gm)].map(([, answer = '']) => answer);
    if (answers.length !== questions.length) throw new Error(output);
    return answers;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** When each alert fired first and last, and for how many minutes. */
function toQuestions(story: Story, index: number) {
  const { minutes, firing } = story;
  const at = `ALERTS{alertstate="firing",job=${jobOf(story, index)}}`;
  const range = `[${60 * minutes - 30}s:1m]`;
  const questions: Record<string, (spans: readonly Span[]) => number> = {
    [`min_over_time(timestamp(${at})${range})`]: (spans) =>
      60 * (startMinute + Math.min(...spans.map(({ from }) => from))),
    [`max_over_time(timestamp(${at})${range})`]: (spans) =>
      60 * (startMinute + Math.max(...spans.map(({ until }) => until)) - 1),
    [`count_over_time(${at}${range})`]: (spans) => spans.reduce((sum, { from, until }) => sum + until - from, 0),
  };
  const spans = Map.groupBy(
    firing.map(({ labels, from, until = minutes }) => ({ selector: toSelector(labels), from, until })),
    ({ selector }) => ownLabels(selector, story, index),
  );
  return Object.entries(questions).map(([expr, answer]) => ({
    expr,
    eval_time: `${startMinute + minutes - 1}m`,
    exp_samples: [...spans].map(([labels, spans]) => ({ labels, value: answer(spans) })),
  }));
}

interface Span {
  readonly from: number;
  readonly until: number;
}

/** What is marked stale is what ends, as Prometheus does when a target or a series of it is gone. */
export function toNotation(values: readonly (number | null)[]): string {
  return values.map((value, index) => value ?? (index > 0 && values[index - 1] !== null ? 'stale' : '_')).join(' ');
}

function toSelector(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `{alertstate="firing",${pairs.join(',')}}`;
}

/** The story's name with its number becomes its job; the number goes into the ids of projects and organizations, too. */
function ownLabels(series: string, story: Story, index: number): string {
  const digits = index.toString(16).padStart(4, '0');
  return series
    .replace(`job="${target.job}"`, `job=${jobOf(story, index)}`)
    .replace(/(atlas_project_id|org_id)="(.{20}).{4}"/g, `$1="$2${digits}"`);
}

/** In quotes. */
function jobOf({ name }: Story, index: number): string {
  return JSON.stringify(`${name} #${index}`);
}
