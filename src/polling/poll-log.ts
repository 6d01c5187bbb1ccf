/** What polls write into the log: a failure when it begins, changes or goes on for an hour; a recovery; never a flood. */

import { writtenAuthors } from '../domain/audit.ts';
import type { RecordedChange } from '../domain/change-log.ts';
import { type Failure, type FailureReason, failureGuide } from '../domain/failure.ts';
import type { Log } from '../domain/log.ts';
import type { PollOutcome } from '../domain/poll.ts';
import { type UnreadableElement, unreadableRemedy } from '../domain/reading.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';

export interface PollLog {
  polled(source: Source, outcome: PollOutcome, seconds: number): void;
  /** A poll waits because Atlas refused it for a while; told like a failure. */
  waiting(source: Source, refusal: Failure, waitMs: number): void;
  changed(change: RecordedChange): void;
  /** The audit log told who made a change. */
  attributed(change: RecordedChange): void;
  /** Elements that cannot be read any more: a line for each of the first ones, and a count of the others. */
  unreadable(source: Source, elements: readonly UnreadableElement[]): void;
  /** Sources that are no longer watched: one that comes back is told of as if it were new. */
  forget(sources: readonly Source[]): void;
  /** Writes the counts that a minute gathered; to be called once a minute. */
  flush(): void;
}

/** In ms. */
const repeatAfter = { sameDetail: 60 * 60 * 1000, otherDetail: 60 * 1000, otherReason: 0 } as const;
/** More sources than this with one reason within a minute are one line with a count. */
const linesAMinute = 20;

/** `nameOf`: the name of a project by its id. */
export function createPollLog(log: Log, clock: Clock, nameOf: (projectId: string) => string): PollLog {
  /** What was last told of each source that fails. */
  const failing = new Map<string, Told & { readonly toldAt: number }>();
  const failures = createFlood(({ reason, sources }) =>
    log.warn({ reason, sources, remedy: failureGuide[reason].remedy }, 'Polls of further sources failed'),
  );
  const recoveries = createFlood((fields) => log.info(fields, 'Polls of further sources recovered'));

  const tell = (source: Source, told: Told, fields: Readonly<Record<string, unknown>> = {}) => {
    const before = failing.get(source.key);
    const now = clock.monotonic();
    if (before && now - before.toldAt < waitMs(before, told)) return;
    failing.set(source.key, { ...told, toldAt: now });
    const { failure, message } = told;
    if (failures.admits(failure.reason)) log.warn({ ...place(source), ...failure, ...fields }, message);
  };

  const inWords = ({ at, not_before, ...change }: RecordedChange) => ({
    ...{ ...change, ...writtenAuthors(change), project_name: nameOf(change.atlas_project_id) },
    not_before: not_before === null ? null : new Date(not_before).toISOString(),
    at: new Date(at).toISOString(),
  });

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
      tell(source, { failure: outcome.failure, message: 'Poll failed' });
    },
    waiting(source, refusal, ms) {
      const fields = { wait_seconds: Math.ceil(ms / 1000) };
      tell(source, { failure: refusal, message: 'Poll waits for a rate limit' }, fields);
    },
    changed: (change) => log.info(inWords(change), messages[change.type]),
    attributed: (change) => log.info(inWords(change), 'Audit log told who made a change'),
    unreadable(source, elements) {
      const remedy = unreadableRemedy;
      for (const element of elements.slice(0, linesAMinute)) {
        log.warn({ ...place(source), ...elementPlace(element), detail: element.detail, remedy }, 'Not readable');
      }
      const further = elements.length - linesAMinute;
      if (further > 0) log.warn({ ...place(source), elements: further, remedy }, 'Further elements are not readable');
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

interface Told {
  readonly failure: Failure;
  readonly message: string;
}

/** How long after the last line about a source the next one is worth writing, in ms. */
function waitMs(before: Told, { failure, message }: Told): number {
  if (before.failure.reason !== failure.reason) return repeatAfter.otherReason;
  const isSame = before.failure.detail === failure.detail && before.message === message;
  return isSame ? repeatAfter.sameDetail : repeatAfter.otherDetail;
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
  delete_requested: 'Removal asked for',
  remote_regions: 'Remote regions changed',
  error_message: 'Error message changed',
  connection_string: 'Private connection string changed',
  regional_mode: 'Regional mode changed',
  audit: 'Seen in the audit log alone',
} as const satisfies Record<RecordedChange['type'], string>;

function place({ projectId, kind, cloudProvider, credential }: Source) {
  return { atlas_project_id: projectId, kind, cloud_provider: cloudProvider, credential };
}

function elementPlace(element: UnreadableElement) {
  if ('clusterName' in element) return { cluster_name: element.clusterName };
  const { connectionId: connection_id, interfaceEndpointId: interface_endpoint_id } = element;
  return interface_endpoint_id === null ? { connection_id } : { connection_id, interface_endpoint_id };
}
