/** One poll of every source that a command asks for, without a state that outlives it. */

import type { World } from '../app/host.ts';
import type { Atlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import { type RecordedChange, toRecordedChange } from '../domain/change-log.ts';
import { happenedAfter } from '../domain/happened-after.ts';
import { type Learned, namesOf, together } from '../domain/lookup.ts';
import { type Plan, plan } from '../domain/plan.ts';
import { type PollOutcome, recordPoll, type SourceState, unpolled } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import type { SourceStatus } from '../domain/view.ts';
import { isWanted } from '../polling/discovery.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import type { Settings } from '../polling/watch.ts';
import type { PollFilter } from './poll-filter.ts';
import { createProgress } from './progress.ts';

/** Polls every source, with progress on stderr; a signal that ends leaves out what was not polled by then. */
export async function pollAll(
  atlas: Atlas,
  { sources }: Plan,
  world: World,
  signal: AbortSignal,
  before: ReadonlyMap<string, SourceState> = new Map(),
): Promise<readonly PolledSource[]> {
  const progress = createProgress(world, sources.length, 'polled');
  const polled = await Promise.all(
    sources.map(async (source) => {
      const polled = await pollOne(atlas, source, world, { signal, before: before.get(source.key) ?? unpolled });
      if (polled) progress.step();
      return polled ?? [];
    }),
  );
  progress.clear();
  return polled.flat();
}

export interface Listed {
  readonly planned: Plan;
  readonly names: Learned;
  readonly problems: readonly string[];
}

/** The projects to poll: those of the config and those that discovery lists now, with the names that Atlas gives them. */
export async function planPoll(atlas: Atlas, settings: Settings, signal: AbortSignal): Promise<Listed> {
  const problems: string[] = [];
  const listed = async (credential: string, organization: string) => {
    try {
      return await atlas.listProjects(credential, { organization, signal });
    } catch (thrown) {
      const { reason, detail, remedy } = toFailure(thrown);
      problems.push(`Not listed: ${organization}: ${reason}: ${detail}\n  ${remedy}`);
      return [];
    }
  };
  const found = await Promise.all(
    settings.organizations.map(async (entry) => {
      const all = await listed(entry.credential, entry.organization);
      return all.filter(isWanted(entry)).map((project) => ({ project, wish: entry.toProject(project) }));
    }),
  );
  const credentials = settings.api === 'v2' ? [...new Set(settings.projects.map(({ credential }) => credential))] : [];
  // A name that cannot be looked up fails no poll: the id is shown instead.
  const named = await Promise.all(
    credentials.map((credential) => {
      const { id: projectId = '' } = settings.projects.find((project) => project.credential === credential) ?? {};
      const question = { lookup: 'names', subject: credential, credential, projectId, orgId: '' } as const;
      return atlas.fetchLookup(question, signal).catch(() => null);
    }),
  );
  const discovered = found.flat().map(({ wish }) => wish);
  return {
    planned: plan({ ...settings, configured: settings.projects, discovered }),
    names: [...named, namesOf(found.flat().map(({ project }) => project))].reduce<Learned>(
      (all, learned) => together(all, learned ?? {}),
      {},
    ),
    problems,
  };
}

/** One source as a poll left it. */
export interface PolledSource {
  readonly status: SourceStatus;
  /** What differs from the poll before. */
  readonly changes: readonly RecordedChange[];
}

interface PollOne {
  readonly signal: AbortSignal;
  readonly before: SourceState;
}

/** null when it was interrupted. */
async function pollOne(
  atlas: Atlas,
  source: Source,
  { clock }: World,
  { signal, before }: PollOne,
): Promise<PolledSource | null> {
  const outcome = await atlas
    .fetchReading(source, { signal, deadlineMs: (details) => pollDeadlineMs(source, details) })
    .then((reading): PollOutcome => ({ ok: true, reading }))
    .catch((thrown): PollOutcome => ({ ok: false, failure: toFailure(thrown) }));
  if (!outcome.ok && signal.aborted) return null;
  const now = { wall: clock.wall(), monotonic: clock.monotonic() };
  const { state, changes } = recordPoll(source, before, outcome, now);
  return {
    status: { source, state, nextPollAt: null },
    changes: changes.map((change) =>
      toRecordedChange(source, change, { id: 0, at: now.wall, not_before: happenedAfter(before, change) }),
    ),
  };
}

/** What of a plan was asked for, or what is wrong with the question. */
export function narrowed(
  planned: Plan,
  names: Learned,
  { projects, kinds }: Pick<PollFilter, 'projects' | 'kinds'>,
): { readonly planned: Plan } | { readonly problem: string } {
  const nameOf = ({ id, name }: Plan['projects'][number]) => name ?? names.projects?.get(id)?.name ?? id;
  const isAskedFor = (project: Plan['projects'][number]) =>
    projects.length === 0 || projects.includes(project.id) || projects.includes(nameOf(project));
  const missing = projects.find((asked) => !planned.projects.some((one) => one.id === asked || nameOf(one) === asked));
  if (missing !== undefined) {
    const there = planned.projects.slice(0, 6).map(nameOf).join(', ');
    return { problem: `No project ${JSON.stringify(missing)} is watched: there are ${there || 'none'}` };
  }
  const sources = planned.sources.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind));
  const unknown = kinds.find((kind) => !planned.sources.some((source) => source.kind === kind));
  if (unknown !== undefined && planned.sources.length > 0) {
    return { problem: `The kind ${unknown} is not watched: add it to poll.kinds in the config` };
  }
  const shown = planned.projects.filter(isAskedFor);
  const ids = new Set(shown.map(({ id }) => id));
  return { planned: { projects: shown, sources: sources.filter(({ projectId }) => ids.has(projectId)) } };
}

/** For polls that come again and again: their progress is told nowhere. */
export function withoutProgress(world: World): World {
  return { ...world, stderr: { ...world.stderr, isTTY: false, write() {} } };
}
