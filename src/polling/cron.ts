/** node-cron, kept in one place: what a schedule means; and what ticks by it. */
import { createTask, parse, validateDetailed } from 'node-cron';

const secondMs = 1000;
const dayMs = 24 * 60 * 60 * secondMs;

/** The number of values of each field. Days have no such number. */
const lengths = { second: 60, minute: 60, hour: 24, month: 12 } as const;
const fieldNames = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;

/** What each nickname stands for, as in crontab(5). */
const nicknames: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

/** An expression in fields: every function here begins with it, so that a nickname means the same to all of them. */
function toFields(expression: string): string {
  const words = expression.trim();
  const nickname = words.toLowerCase();
  return Object.hasOwn(nicknames, nickname) ? (nicknames[nickname] ?? words) : words;
}

/** Problems by time zone and expression. Ten thousand projects have a handful of schedules. */
const knownProblems = new Map<string, string | null>();

/**
 * What is wrong with a cron expression (6 fields, seconds first, 5, or a nickname such as `@hourly`) or its time zone, in
 * words that say what to do; null when nothing is. A step that does not divide its field is refused: cron has no
 * intervals, so a step of 45 seconds would fire after 45 and after 15 seconds by turns. So is a schedule whose next run or
 * whose gaps cannot be worked out: the daemon works out both.
 */
export function checkSchedule(expression: string, timezone: string): string | null {
  const key = `${timezone} ${expression}`;
  const known = knownProblems.get(key);
  if (known !== undefined) return known;
  const problem = findProblem(expression, timezone);
  knownProblems.set(key, problem);
  return problem;
}

function findProblem(expression: string, timezone: string): string | null {
  const { valid, errors } = validateDetailed(toFields(expression));
  if (!valid) {
    const told = errors
      .map(({ field, message }) => (field === 'expression' ? message : `${field}: ${message}`))
      .join('; ');
    return `'${expression}' is no cron expression (${told}); write 6 fields, seconds first, or 5, as in '0 */5 * * * *'`;
  }
  if (!isTimeZone(timezone)) return `'${timezone}' is no time zone; write one as 'UTC' or 'Europe/Berlin'`;
  return unevenStep(expression) ?? neverRuns(expression, timezone);
}

function neverRuns(expression: string, timezone: string): string | null {
  const problem = (zone: string) =>
    `'${expression}' never runs in the time zone '${zone}'; write days, months and hours that occur together`;
  try {
    gapsOf(expression);
  } catch {
    return problem('UTC');
  }
  using schedule = openSchedule(expression, timezone);
  return schedule.nextRun() === Number.POSITIVE_INFINITY ? problem(timezone) : null;
}

function unevenStep(expression: string): string | null {
  const parts = toFields(expression).split(/\s+/);
  const names = fieldNames.slice(-parts.length);
  for (const [index, name] of names.entries()) {
    if (name === 'dayOfMonth' || name === 'dayOfWeek') continue;
    const step = /^\*\/(\d+)$/.exec(parts[index] ?? '')?.[1];
    const length = lengths[name];
    if (step === undefined || length % Number(step) === 0) continue;
    const even = Array.from({ length }, (_, n) => n + 1).filter((n) => length % n === 0 && n > 1 && n < length);
    return `the step '*/${step}' of '${expression}' does not divide ${length} ${name}s, so it would not be even; use one of ${even.join(', ')}`;
  }
  return null;
}

function isTimeZone(timezone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}

export interface Gaps {
  readonly shortestMs: number;
  readonly longestMs: number;
}

const knownGaps = new Map<string, Gaps>();

/** The shortest and the longest time between two runs of a valid schedule. Changes of summer time are left out. */
export function gapsOf(expression: string): Gaps {
  const gaps = knownGaps.get(expression) ?? findGaps(expression);
  // Gaps are kept: a process has a handful of schedules, and asks for each source.
  knownGaps.set(expression, gaps);
  return gaps;
}

function findGaps(expression: string): Gaps {
  const times = timesOfDay(expression);
  const first = times[0] ?? 0;
  const last = times.at(-1) ?? 0;
  const within = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const overNight = dayGaps(expression, first).map((gap) => gap - (last - first));
  const all = [...within, ...overNight];
  return { shortestMs: min(all), longestMs: all.reduce((a, b) => Math.max(a, b), 0) };
}

/** The number of times that a valid schedule runs in an hour, on the average of the days on which it runs. */
export function runsPerHour(expression: string): number {
  return timesOfDay(expression).length / 24;
}

function timesOfDay(expression: string): readonly number[] {
  const { second, minute, hour } = parse(toFields(expression));
  const times = hour.flatMap((h) => minute.flatMap((m) => second.map((s) => ((h * 60 + m) * 60 + s) * secondMs)));
  // A field may name a value twice, as in `3,3`.
  return [...new Set(times)].sort((a, b) => a - b);
}

/** The gaps between the days of a schedule, in ms: of a year, or of 20 runs where it runs seldom. */
function dayGaps(expression: string, firstTime: number): readonly number[] {
  const days = toFields(expression).split(/\s+/).slice(-3).join(' ');
  if (days === '* * *') return [dayMs];
  const at = new Date(firstTime).toISOString();
  const once = `${Number(at.slice(17, 19))} ${Number(at.slice(14, 16))} ${Number(at.slice(11, 13))} ${days}`;
  const task = createTask(once, () => {}, { timezone: 'UTC' });
  const nextRuns = (count: number) => task.getNextRuns(count).map((date) => date.getTime());
  const few = nextRuns(20);
  const runs = (few.at(-1) ?? 0) - (few[0] ?? 0) > 366 * dayMs ? few : nextRuns(367);
  void task.destroy();
  return runs.slice(1).map((run, index) => run - (runs[index] ?? 0));
}

function min(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

export interface Ticking extends Disposable {
  /** Ms until the next tick. */
  msToNext(): number;
}

/** The longest sleep of a timer. Node's timers hold no longer than 24 days, and the clock may be set meanwhile. */
const longestSleepMs = dayMs;

/**
 * Calls `tick` by a valid schedule until it is disposed. A tick that comes late still comes, once. The timer is not
 * node-cron's own: after the clock was put forward, that goes through every run that it missed, which takes minutes for
 * some years. The clock is the system's, because node-cron finds the next run by that.
 */
export function startTicking(expression: string, timezone: string, tick: () => void): Ticking {
  const schedule = openSchedule(expression, timezone);
  const { nextRun } = schedule;
  let timer: NodeJS.Timeout | undefined;
  const arm = (dueAt: number) => {
    timer = setTimeout(
      () => {
        if (Date.now() >= dueAt) {
          arm(nextRun());
          tick();
          return;
        }
        // The timer woke too early, or the clock was put back. The run that is waited for may pass while the next one is
        // worked out, and is not left out for that.
        arm(Math.min(dueAt, nextRun()));
      },
      // The run may have become due while it was worked out.
      Math.max(0, Math.min(dueAt - Date.now(), longestSleepMs)),
    );
  };
  arm(nextRun());
  return {
    msToNext: () => Math.max(0, nextRun() - Date.now()),
    [Symbol.dispose]() {
      clearTimeout(timer);
      schedule[Symbol.dispose]();
    },
  };
}

/**
 * The zone that a schedule is worked out in. One that names no hours and no days runs alike in every zone, and in UTC no
 * change of clocks holds it up: in a zone with summer time node-cron leaves out the hour that comes twice.
 */
function zoneOf(expression: string, timezone: string): string {
  const [hour, ...days] = toFields(expression).split(/\s+/).slice(-4);
  const isEvery = (field: string | undefined) => field === '*' || field === '*/1';
  return isEvery(hour) && days.every(isEvery) ? 'UTC' : timezone;
}

interface Schedule extends Disposable {
  /** Wall ms of the next run; infinite when there is none within the years that node-cron looks ahead. */
  nextRun(): number;
}

function openSchedule(expression: string, timezone: string): Schedule {
  const task = createTask(toFields(expression), () => {}, { timezone: zoneOf(expression, timezone) });
  return {
    nextRun() {
      try {
        return task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY;
      } catch {
        // node-cron throws where it finds no run, such as in an hour that summer time leaves out on each day that is named.
        return Number.POSITIVE_INFINITY;
      }
    },
    [Symbol.dispose]: () => void task.destroy(),
  };
}
