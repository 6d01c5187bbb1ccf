/**
 * Who made a change: asks the audit log of a project after changes of it were seen, once for all that come together, and again
 * after one and five minutes. What then still waits is given up, and nothing of it outlives the process.
 */
import { attribute, eventTypesOf, isTold, lookedForSince, toAuditChange, withAsker } from '../domain/audit.ts';
import type { AuditEvent } from '../domain/author.ts';
import type { ChangesQuery, RecordedChange } from '../domain/change-log.ts';
import { type SourceWrite, toLogged } from '../domain/stored.ts';

export interface AuditParts {
  /** Events of a project since then, in wall ms; null when it could not or may not be asked. */
  ask(projectId: string, since: number): Promise<readonly AuditEvent[] | null>;
  /** Whether the audit log of the project may be asked at all. */
  isAsked(projectId: string): boolean;
  changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
  commit(writes: readonly SourceWrite[]): Promise<void>;
  nextChangeId(): number;
  /** Whether everything that may show what an event did was read after it: no change of that time is still to come. */
  wasRead(projectId: string, event: AuditEvent): boolean;
  readonly tell: {
    /** It is known who made a change. */
    attributed(change: RecordedChange): void;
    /** An event that no change answers to. */
    found(change: RecordedChange): void;
  };
}

export interface Audit extends AsyncDisposable {
  changed(change: RecordedChange): void;
}

/** Changes of a project's lists come together: their polls are spread. */
const gatherMs = 5_000;
/** When the log is asked again, counted from the first time. */
const againAfterMs = [60_000, 300_000] as const;
const mostLogged = 1_000;

interface Inquiry {
  readonly projectId: string;
  readonly since: number;
  readonly waiting: readonly RecordedChange[];
  /** Events that no change answers to so far: one may still be seen. */
  readonly unmatched: readonly AuditEvent[];
}

export function createAudit(parts: AuditParts): Audit {
  const gathered = new Map<string, RecordedChange[]>();
  const timers = new Set<NodeJS.Timeout>();
  /** One step after the other for each project: two must not tell the same event. */
  const turns = new Map<string, Promise<void>>();
  let closed = false;

  const later = (ms: number, act: () => Promise<void>, projectId: string) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const turn = (turns.get(projectId) ?? Promise.resolve()).then(act);
      turns.set(projectId, turn);
      void turn.finally(() => turns.get(projectId) === turn && turns.delete(projectId));
    }, ms);
    timers.add(timer.unref());
  };

  const step = async (inquiry: Inquiry, tries: number): Promise<void> => {
    if (closed) return;
    // A disk that cannot be read now may be read at the next try.
    const left = await pursue(inquiry, tries === againAfterMs.length, parts).catch(() => inquiry);
    if (closed || tries === againAfterMs.length || left.waiting.length + left.unmatched.length === 0) return;
    const waitMs = (againAfterMs[tries] ?? 0) - (againAfterMs[tries - 1] ?? 0);
    later(waitMs, () => step(left, tries + 1), inquiry.projectId);
  };

  const begin = async (projectId: string): Promise<void> => {
    const changes = gathered.get(projectId) ?? [];
    gathered.delete(projectId);
    const sinces = changes.flatMap((change) => lookedForSince(change) ?? []);
    if (closed || sinces.length === 0) return;
    const since = Math.min(...sinces);
    const waiting = await tellOfAskers(projectId, changes, parts).catch(() => changes);
    await step({ projectId, since, waiting, unmatched: [] }, 0);
  };

  return {
    changed(change) {
      const { atlas_project_id: projectId } = change;
      if (closed || eventTypesOf(change).length === 0 || !parts.isAsked(projectId)) return;
      const together = gathered.get(projectId);
      if (together) together.push(change);
      else {
        gathered.set(projectId, [change]);
        later(gatherMs, () => begin(projectId), projectId);
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(turns.values());
    },
  };
}

/** Removals that were asked for, and of which the change log knows by whom, are told at once; gives the other changes. */
async function tellOfAskers(
  projectId: string,
  changes: readonly RecordedChange[],
  parts: AuditParts,
): Promise<readonly RecordedChange[]> {
  if (!changes.some(({ requested }) => requested)) return changes;
  const log = await logOf(projectId, {}, parts);
  const known = changes.flatMap((change) => withAsker(change, log) ?? []);
  await record(projectId, known, [], parts);
  return changes.filter(({ id }) => !known.some((change) => change.id === id));
}

/** Asks for what waits, and tells what was found; gives what still waits. */
async function pursue(inquiry: Inquiry, isLast: boolean, parts: AuditParts): Promise<Inquiry> {
  const { projectId, since, waiting } = inquiry;
  // Nothing is asked for the sake of events without a change.
  const asked = waiting.length === 0 ? [] : await parts.ask(projectId, since);
  const log = await logOf(projectId, { sinceAt: since }, parts);
  const found = attribute(waiting, asked ?? [], log, isLast);
  const lone = new Map([...inquiry.unmatched, ...found.unmatched].map((event) => [event.id, event]));
  const unmatched = [...lone.values()].filter((event) => !isTold(event, [...log, ...found.told]));
  const settled = unmatched.filter((event) => isLast || parts.wasRead(projectId, event));
  const alone = settled.map((event) => toAuditChange(event, projectId, parts.nextChangeId()));
  await record(projectId, found.told, alone, parts);
  return { ...inquiry, waiting: found.waiting, unmatched: unmatched.filter((event) => !settled.includes(event)) };
}

async function record(
  projectId: string,
  attributed: readonly RecordedChange[],
  alone: readonly RecordedChange[],
  { commit, tell }: AuditParts,
): Promise<void> {
  if (attributed.length + alone.length === 0) return;
  await commit([toLogged(projectId, [...attributed, ...alone])]);
  for (const change of attributed) tell.attributed(change);
  for (const change of alone) tell.found(change);
}

async function logOf(
  projectId: string,
  query: Pick<ChangesQuery, 'sinceAt'>,
  { changes }: AuditParts,
): Promise<readonly RecordedChange[]> {
  const newest = await changes({ ...query, projectId, limit: mostLogged, newestFirst: true });
  return newest.toReversed();
}
