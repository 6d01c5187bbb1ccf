/** What polls write into the log: a failure when it begins, changes or goes on for an hour; a recovery; never a flood. */

import type { RecordedChange } from '../domain/change-log.ts';
import type { Failure, FailureReason } from '../domain/failure.ts';
import type { Log } from '../domain/log.ts';
import type { PollOutcome } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';

export interface PollLog {
  polled(source: Source, outcome: PollOutcome, seconds: number): void;
  changed(change: RecordedChange): void;
  /** Sources that are no longer watched: one that comes back is told of as if it were new. */
  forget(sources: readonly Source[]): void;
  /** Writes the counts that a minute gathered; to be called once a minute. */
  flush(): void;
}

/** In ms. */
const repeatAfter = { sameDetail: 60 * 60 * 1000, otherDetail: 60 * 1000, otherReason: 0 } as const;
/** More sources than this with one reason within a minute are one line with a count. */
const linesAMinute = 20;

export function createPollLog(log: Log, clock: Clock): PollLog {
  /** What was last told of each source that fails. */
  const failing = new Map<string, { readonly failure: Failure; readonly toldAt: number }>();
  const failures = createFlood((fields) => log.warn(fields, 'Polls of further sources failed'));
  const recoveries = createFlood((fields) => log.info(fields, 'Polls of further sources recovered'));

  return {
    polled(source, outcome, seconds) {
      const before = failing.get(source.key);
      if (outcome.ok) {
        log.debug({ ...place(source), seconds }, 'Polled');
        if (!before) return;
        failing.delete(source.key);
        const { reason } = before.failure;
        if (recoveries.admits(reason)) log.info({ ...place(source), reason }, 'Poll recovered');
        return;
      }
      const { failure } = outcome;
      const now = clock.monotonic();
      if (before && now - before.toldAt < waitMs(before.failure, failure)) return;
      failing.set(source.key, { failure, toldAt: now });
      if (failures.admits(failure.reason)) log.warn({ ...place(source), ...failure }, 'Poll failed');
    },
    changed({ at, ...change }) {
      log.info({ ...change, at: new Date(at).toISOString() }, messages[change.type]);
    },
    forget(sources) {
      for (const { key } of sources) failing.delete(key);
    },
    flush() {
      failures.flush();
      recoveries.flush();
    },
  };
}

/** How long after the last line about a source another failure of it is worth a line, in ms. */
function waitMs(told: Failure, { reason, detail }: Failure): number {
  if (told.reason !== reason) return repeatAfter.otherReason;
  return told.detail === detail ? repeatAfter.sameDetail : repeatAfter.otherDetail;
}

/** A flood of lines with one reason: the first ones pass, the others are counted and told as a number each minute. */
function createFlood(tell: (fields: { reason: FailureReason; sources: number }) => void) {
  const lines = new Map<FailureReason, number>();
  return {
    admits(reason: FailureReason): boolean {
      const count = (lines.get(reason) ?? 0) + 1;
      lines.set(reason, count);
      return count <= linesAMinute;
    },
    flush() {
      for (const [reason, count] of lines) if (count > linesAMinute) tell({ reason, sources: count - linesAMinute });
      lines.clear();
    },
  };
}

const messages = {
  added: 'Added',
  removed: 'Removed',
  status: 'Status changed',
  error_message: 'Error message changed',
} as const satisfies Record<RecordedChange['type'], string>;

function place({ projectId, kind, cloudProvider, credential }: Source) {
  return { atlas_project_id: projectId, kind, cloud_provider: cloudProvider, credential };
}
