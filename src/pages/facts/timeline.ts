/** The timeline of a connection: its past, worked out from the kept changes, within a stretch of time. */
import type { ErrorChange } from '../../domain/change.ts';
import { errorChangeOf, type RecordedChange } from '../../domain/change-log.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Stretches that a visitor can choose, ending now. */
export const ranges = [
  { name: '5m', words: '5 minutes', ms: 5 * minute },
  { name: '15m', words: '15 minutes', ms: 15 * minute },
  { name: '1h', words: 'hour', ms: hour },
  { name: '6h', words: '6 hours', ms: 6 * hour },
  { name: '24h', words: '24 hours', ms: day },
  { name: '7d', words: '7 days', ms: 7 * day },
  { name: '30d', words: '30 days', ms: 30 * day },
  { name: '1y', words: 'year', ms: 365 * day },
] as const;
const longest = ranges[7];
export type Range = (typeof ranges)[number]['name'];

export interface Stretch {
  readonly name: Range;
  readonly words: string;
  readonly from: number;
  readonly to: number;
}

export interface Segment {
  readonly from: number;
  readonly to: number;
  /** null while the element did not exist. */
  readonly status: string | null;
  /** Whether only the end of the segment is known: the status may have begun later than `from`. */
  readonly presumed: boolean;
}

/** One connection or interface endpoint over time. */
export interface TimelineLane {
  /** Segments in the order of time. There is no gap between them. */
  readonly segments: readonly Segment[];
  /** The times with an error message. */
  readonly errors: readonly { readonly from: number; readonly to: number }[];
  /** The times in which nobody looked, or Atlas could not be read. */
  readonly unseen: readonly { readonly from: number; readonly to: number }[];
  readonly marks: readonly { readonly at: number; readonly change: ErrorChange }[];
}

/** The number of newest changes that the automatic stretch shows when nothing is broken. */
const enough = 30;

/**
 * The stretch of a range. `auto` is the shortest one that shows the newest failure and as much of the time before it. When
 * nothing is broken, it is the shortest one that shows the newest changes.
 */
export function stretchFor(
  asked: Range | 'auto',
  brokenSince: readonly number[],
  changes: readonly RecordedChange[],
  now: number,
): Stretch {
  const wanted = ranges.find(({ name, ms }) =>
    asked === 'auto' ? ms > reach(brokenSince, changes, now) : name === asked,
  );
  const { name, words, ms } = wanted ?? longest;
  return { name, words, from: now - ms, to: now };
}

function reach(brokenSince: readonly number[], changes: readonly RecordedChange[], now: number): number {
  if (brokenSince.length > 0) return 2 * (now - Math.max(...brokenSince));
  const newest = changes.map(({ at }) => at).sort((a, b) => b - a);
  const oldest = newest[Math.min(enough, newest.length) - 1];
  return oldest === undefined ? day - 1 : now - oldest;
}

/** The present of an element. */
export interface Present {
  readonly status: string;
  /** When the exporter first saw the status. */
  readonly since: number | null;
  /** When it was first seen, where nobody looked before; null where it was looked at before this status. */
  readonly firstLook: number | null;
  /** The last good poll; null while what it told is as good as now. */
  readonly lastSeen: number | null;
  readonly errorMessage: string | null;
}

/**
 * The past of one element, from its present and its own changes, the oldest first. Before its first change the status is the
 * one that this change came from, presumed. Without a change the present status reaches back to the time it was first seen.
 */
export function toLane(present: Present, changes: readonly RecordedChange[], { from, to }: Stretch): TimelineLane {
  const segments: Segment[] = [];
  const errors: TimelineLane['errors'][number][] = [];
  let end = to;
  let status: string | null = present.status;
  let errorEnd = to;
  let error = present.errorMessage !== null;

  const close = (start: number, presumed = false) => {
    if (start < end) segments.unshift({ from: Math.max(start, from), to: end, status, presumed });
    end = start;
  };
  const closeError = (start: number) => {
    if (error && start < errorEnd) errors.unshift({ from: Math.max(start, from), to: errorEnd });
    errorEnd = start;
  };
  for (const change of changes.toReversed()) {
    if (change.at < from) break;
    if (change.type === 'error_message') {
      closeError(change.at);
      error = change.from !== null;
    } else {
      close(change.at);
      status = change.from;
    }
  }
  const first = changes.length === 0 ? (present.since ?? to) : from;
  const presumed = changes.length > 0 && changes.every(({ at }) => at >= from);
  close(Math.max(first, from), presumed);
  closeError(Math.max(first, from));
  const marks = changes.flatMap((entry) => {
    const change = errorChangeOf(entry);
    return change !== null && entry.at >= from ? [{ at: entry.at, change }] : [];
  });
  const looked = changes.length === 0 ? present.firstLook : null;
  const gaps = [
    ...(looked === null ? [] : [{ from, to: looked }]),
    ...changes.map(({ at, not_before }) => ({ from: not_before ?? at, to: at })),
    ...(present.lastSeen === null ? [] : [{ from: present.lastSeen, to }]),
  ];
  const unseen = gaps.map((gap) => ({ from: Math.max(gap.from, from), to: Math.min(gap.to, to) }));
  return { segments, errors, marks, unseen: unseen.filter((gap) => gap.from < gap.to) };
}
