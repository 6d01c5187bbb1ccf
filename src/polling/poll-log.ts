/** What polls write into the log: a failure when it begins, changes or goes on for an hour; a recovery; never a flood. */

import type { RecordedChange } from '../domain/change-log.ts';
import type { FailureReason } from '../domain/failure.ts';
import type { PollOutcome } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';

type Write = (fields: Readonly<Record<string, unknown>>, message: string) => void;

export interface Log {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
}

export interface PollLog {
  polled(source: Source, outcome: PollOutcome, seconds: number): void;
  changed(change: RecordedChange): void;
  /** Forgets sources that are no longer watched. */
  forget(sources: readonly Source[]): void;
  /** Writes the counts that a minute gathered; to be called once a minute. */
  flush(): void;
}

const repeatAfterMs = 60 * 60 * 1000;
/** More sources than this with one reason within a minute are one line with a count. */
const linesAMinute = 20;

export function createPollLog(log: Log, clock: Clock): PollLog {
  const failing = new Map<string, { reason: FailureReason; toldAt: number }>();
  const failures = createFlood((fields) => log.warn(fields, 'Polls of further sources failed'));
  const recoveries = createFlood((fields) => log.info(fields, 'Polls of further sources recovered'));

  return {
    polled(source, outcome, seconds) {
      const before = failing.get(source.key);
      if (outcome.ok) {
        log.debug({ ...place(source), seconds }, 'Polled');
        if (!before) return;
        failing.delete(source.key);
        if (recoveries.admits(before.reason)) log.info({ ...place(source), reason: before.reason }, 'Poll recovered');
        return;
      }
      const { reason, detail } = outcome;
      const now = clock.monotonic();
      if (before?.reason === reason && now - before.toldAt < repeatAfterMs) return;
      failing.set(source.key, { reason, toldAt: now });
      if (failures.admits(reason)) log.warn({ ...place(source), reason, detail }, 'Poll failed');
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

/** Lets the first lines of each reason through, and tells the number of the others when the minute is over. */
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
