/**
 * When each source is due: one cron task for each distinct schedule; a tick walks the sources of that schedule by their
 * offsets, so that a thousand projects do not ask in the same second.
 */

import { hash } from 'node:crypto';
import type { Clock } from '../domain/time.ts';
import { gapsOf, startTicking } from './cron.ts';

export interface ScheduledEntry {
  readonly key: string;
  /** Cron expression. */
  readonly schedule: string;
  /** Called at the source's offset after each tick. Must not throw. */
  readonly due: () => void;
}

export interface Scheduler extends Disposable {
  /** Replaces what is scheduled. A schedule that stays goes on ticking undisturbed. */
  plan(entries: readonly ScheduledEntry[], options: { readonly timezone: string; readonly spreadMs: number }): void;
  /** Calls those once, each at its offset from now, as if every schedule had just ticked; the first real tick takes over. */
  begin(keys: ReadonlySet<string>): void;
  /** How late its most overdue tick is, in ms; 0 when none is. */
  lateMs(): number;
  /** Ms until a source is due by that schedule, its offset included; null when it is not planned. */
  msToNext(key: string, schedule: string): number | null;
}

interface Due {
  readonly key: string;
  readonly offsetMs: number;
  readonly due: () => void;
}

interface Group extends Disposable {
  /** Replaces who is due after the next tick; a walk that has begun ends with those it began with. */
  arrange(members: readonly ScheduledEntry[], spreadMs: number): void;
  begin(keys: ReadonlySet<string>): void;
  lateMs(): number;
  msToNext(key: string): number | null;
}

/** A jump of the wall clock by more than this starts the cron tasks anew: they sleep until a time that no longer is. */
const jumpMs = 5_000;
const watchEveryMs = 10_000;

/** The place of a source within the spread: stable over restarts and reloads. */
export function offsetOf(key: string, spreadMs: number): number {
  return spreadMs <= 0 ? 0 : Number.parseInt(hash('sha256', key).slice(0, 12), 16) % spreadMs;
}

export function createScheduler(clock: Clock): Scheduler {
  const groups = new Map<string, Group>();
  let planned: {
    readonly entries: readonly ScheduledEntry[];
    readonly timezone: string;
    readonly spreadMs: number;
  } | null = null;
  let skew = clock.wall() - clock.monotonic();
  const watch = setInterval(() => {
    const now = clock.wall() - clock.monotonic();
    const jumped = Math.abs(now - skew) > jumpMs;
    skew = now;
    if (jumped) restart();
  }, watchEveryMs);
  watch.unref();

  const stopAll = () => {
    for (const group of groups.values()) group[Symbol.dispose]();
    groups.clear();
  };
  const restart = () => {
    stopAll();
    if (planned) arrange(planned);
  };
  const arrange = ({ entries, timezone, spreadMs }: NonNullable<typeof planned>) => {
    const bySchedule = Map.groupBy(entries, ({ schedule }) => `${timezone} ${schedule}`);
    for (const [name, group] of groups) {
      if (bySchedule.has(name)) continue;
      group[Symbol.dispose]();
      groups.delete(name);
    }
    for (const [name, members] of bySchedule) {
      const schedule = members[0]?.schedule ?? '';
      const group = groups.get(name) ?? createGroup(schedule, timezone, clock);
      group.arrange(members, Math.min(spreadMs, gapsOf(schedule).shortestMs));
      groups.set(name, group);
    }
  };

  return {
    plan(entries, options) {
      planned = { entries, ...options };
      arrange(planned);
    },
    begin(keys) {
      for (const group of groups.values()) group.begin(keys);
    },
    lateMs: () => [...groups.values()].reduce((late, group) => Math.max(late, group.lateMs()), 0),
    msToNext(key, schedule) {
      return (planned && groups.get(`${planned.timezone} ${schedule}`)?.msToNext(key)) ?? null;
    },
    [Symbol.dispose]() {
      clearInterval(watch);
      stopAll();
    },
  };
}

/** One cron task and the walk after each of its ticks. */
function createGroup(schedule: string, timezone: string, clock: Clock): Group {
  let dues: readonly Due[] = [];
  let offsets: ReadonlyMap<string, number> = new Map();
  let walked: readonly Due[] = [];
  let position = 0;
  let timer: NodeJS.Timeout | undefined;
  let tickedAt = clock.monotonic();
  let spread = 0;
  /** Who is walked before the first tick; null from then on, when everybody is. */
  let begun: ReadonlySet<string> | null = new Set();

  const start = (members: readonly Due[]) => {
    clearTimeout(timer);
    walked = members;
    position = 0;
    tickedAt = clock.monotonic();
    walk();
  };
  /** Calls whatever is due by now and sleeps until the next one is. */
  const walk = () => {
    const elapsed = clock.monotonic() - tickedAt;
    for (; (walked[position]?.offsetMs ?? Number.POSITIVE_INFINITY) <= elapsed; position++) walked[position]?.due();
    const next = walked[position];
    if (next) timer = setTimeout(walk, next.offsetMs - elapsed);
  };
  const ticking = startTicking(schedule, timezone, () => {
    // Those that the last tick's walk had not come to when this one came are due all the same.
    if (begun === null) for (const { due } of walked.slice(position)) due();
    begun = null;
    nextTickAt = clock.monotonic() + ticking.msToNext();
    start(dues);
  });
  let nextTickAt = tickedAt + ticking.msToNext();

  return {
    arrange(members, spreadMs) {
      const known = spreadMs === spread ? offsets : new Map<string, number>();
      spread = spreadMs;
      dues = members
        .map(({ key, due }) => ({ key, due, offsetMs: known.get(key) ?? offsetOf(key, spreadMs) }))
        .sort((a, b) => a.offsetMs - b.offsetMs);
      offsets = new Map(dues.map(({ key, offsetMs }) => [key, offsetMs]));
    },
    begin(keys) {
      if (begun === null) return;
      begun = keys;
      start(dues.filter(({ key }) => keys.has(key)));
    },
    lateMs: () => Math.max(0, clock.monotonic() - nextTickAt),
    msToNext(key) {
      const offsetMs = offsets.get(key);
      if (offsetMs === undefined) return null;
      const sinceTick = clock.monotonic() - tickedAt;
      return (begun?.has(key) ?? true) && position < walked.length && offsetMs > sinceTick
        ? offsetMs - sinceTick
        : Math.max(0, nextTickAt - clock.monotonic()) + offsetMs;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      ticking[Symbol.dispose]();
    },
  };
}
