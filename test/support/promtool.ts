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
  return promtools.add(() => runProgram(programsOf(prometheus).promtool, ...features, ...args));
}

/** Runs a program to its end; a failure is part of the answer. */
export function runProgram(program: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}

/**
 * Runs stories through the rules and says how they differ; '' when they do not. They share one Prometheus, because most
 * of the time goes into evaluating rules: each has a job, projects and an organization of its own.
 */
export function testStories(stories: readonly Story[], files: readonly string[] = alertFiles): Promise<string> {
  return ask(stories, stories.flatMap(toQuestions), files, groupOrder);
}

/**
 * The same with groups in another order, in which what one reads of another is an evaluation old. Alerts may come some
 * minutes later then: it is asked which of them fire at all, and no other does.
 */
export function testOrder(stories: readonly Story[], order: readonly string[]): Promise<string> {
  const questions = stories.map((story, index) => {
    const told = new Set(story.firing.map(({ labels }) => ownLabels(toSelector(labels), story, index)));
    const at = `ALERTS{alertstate="firing",job=${JSON.stringify(story.name)}}`;
    return {
      expr: `count_over_time(${at}[${60 * story.minutes - 30}s:1m]) > bool 0`,
      eval_time: `${startMinute + story.minutes - 1}m`,
      exp_samples: [...told].map((labels) => ({ labels, value: 1 })),
    };
  });
  return ask(stories, questions, alertFiles, order);
}

async function ask(
  stories: readonly Story[],
  questions: readonly object[],
  files: readonly string[],
  order: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'promtool-'));
  const path = join(folder, 'test.yaml');
  const test = {
    rule_files: files,
    evaluation_interval: '1m',
    group_eval_order: order,
    tests: [
      {
        interval: '1m',
        input_series: stories.flatMap((story, index) =>
          [...story.series].map(([series, values]) => ({
            series: ownLabels(series, story, index),
            values: toNotation(values),
          })),
        ),
        promql_expr_test: questions,
      },
    ],
  };
  try {
    await writeFile(path, stringify(test));
    const { code, output } = await promtool('test', 'rules', path);
    return code === 0 ? '' : output;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** When each alert fired first and last, and for how many minutes. */
function toQuestions(story: Story, index: number) {
  const { minutes, firing } = story;
  const at = `ALERTS{alertstate="firing",job=${JSON.stringify(story.name)}}`;
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

/** The story's name becomes its job; its number goes into the ids of projects and organizations. */
function ownLabels(series: string, { name }: Story, index: number): string {
  const digits = index.toString(16).padStart(4, '0');
  return series
    .replace(`job="${target.job}"`, `job=${JSON.stringify(name)}`)
    .replace(/(atlas_project_id|org_id)="(.{20}).{4}"/g, `$1="$2${digits}"`);
}
