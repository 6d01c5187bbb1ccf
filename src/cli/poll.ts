/** `poll`: every project once, as a table or as JSON. Opens no state database and no port. */
import { styleText } from 'node:util';
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { toAtlasOptions, toSettings } from '../app/settings.ts';
import { type Atlas, createAtlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import type { LimitWait } from '../atlas/visit.ts';
import { type Learned, namesOf, together } from '../domain/lookup.ts';
import { type Plan, plan } from '../domain/plan.ts';
import { type PollOutcome, recordPoll, unpolled } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import { listsClusters } from '../domain/status.ts';
import { type SourceStatus, toProjectView, toView } from '../domain/view.ts';
import { toConnectionsJson } from '../http/api/api.ts';
import { toClustersJson } from '../http/api/clusters.ts';
import { toObject } from '../http/api/json.ts';
import { isWanted } from '../polling/discovery.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import type { Settings } from '../polling/watch.ts';
import { listenForInterruption } from './interruption.ts';
import { loadOrExplain } from './load.ts';
import { fetchLimits } from './poll-lookups.ts';
import { pollTable } from './poll-table.ts';
import { createProgress, type Progress } from './progress.ts';
import type { Paint } from './table.ts';

export interface PollFlags extends ConfigFlags {
  readonly output: 'table' | 'wide' | 'json';
}

/** Exit code: 0 all polled, 1 config error, 2 some list could not be polled, 130 after Ctrl+C. */
export async function runPoll(flags: PollFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  if (!loaded) return 1;
  using interruption = listenForInterruption(world);
  const { signal } = interruption;
  await using atlas = createAtlas({ ...toAtlasOptions(loaded.config, world), observer: { request() {} } });
  const { planned, names, problems } = await list(atlas, toSettings(loaded.config), signal);
  const statuses = await pollAll(atlas, planned, world, signal);
  const limits = flags.output === 'wide' ? await fetchLimits(atlas, planned, signal) : {};
  print(planned, together(names, limits), statuses, flags, world);
  const interrupted = interruption.exitCode();
  if (interrupted !== null) {
    const sum = `${statuses.length} of ${planned.sources.length} lists were polled`;
    world.stderr.write(`Interrupted: ${planned.sources.length === 0 ? 'nothing was polled' : sum}\n`);
    return interrupted;
  }
  for (const problem of problems) world.stderr.write(`${problem}\n`);
  const failed = problems.length > 0 || statuses.some(({ state }) => state.freshness.failure !== null);
  return failed ? 2 : 0;
}

/** Polls every source, with progress and waits on stderr; a signal that ends leaves out what was not polled by then. */
async function pollAll(
  atlas: Atlas,
  { sources }: Plan,
  world: World,
  signal: AbortSignal,
): Promise<readonly SourceStatus[]> {
  const progress = createProgress(world, sources.length, 'polled');
  const waits = createWaits(world, progress);
  const statuses = await Promise.all(
    sources.map(async (source) => {
      const status = await pollOne(atlas, source, world, signal, waits);
      if (status) progress.step();
      return status ?? [];
    }),
  );
  progress.clear();
  return statuses.flat();
}

function print(
  planned: Plan,
  names: Learned,
  statuses: readonly SourceStatus[],
  { output }: PollFlags,
  world: World,
): void {
  const polled = new Set(statuses.map(({ source }) => source.projectId));
  // A project whose sources were all left out by Ctrl+C is not one without connections.
  const shown = planned.projects.filter(({ id }) => polled.has(id) || statuses.length === planned.sources.length);
  const projects = shown.map((project) => toProjectView(project, names.projects?.get(project.id)));
  const view = toView(world.clock.wall(), projects, statuses);
  if (output !== 'json') {
    world.stdout.write(pollTable(view, paintFor(world), output === 'wide'));
    return;
  }
  const whole = { limit: Number.POSITIVE_INFINITY };
  const watched = planned.sources.some(({ kind }) => listsClusters(kind));
  const { next: _, ...connections } = toConnectionsJson(view, whole);
  const { clusters = [] } = toClustersJson(view, whole);
  const json = toObject({ ...connections, ...(watched && { clusters }), next: null });
  world.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

type Waits = (source: Source, wait: LimitWait) => void;

/** Says of a wait for a rate limit how long it is and why; once for each credential and cause while one lasts. */
function createWaits({ stderr, clock }: World, progress: Progress): Waits {
  const toldUntil = new Map<string, number>();
  return ({ credential, projectId, kind, cloudProvider }, { waitMs, refusal }) => {
    const why = refusal?.detail ?? 'hardly anything of it is left';
    const key = `${credential} ${why}`;
    const now = clock.monotonic();
    if (now < (toldUntil.get(key) ?? 0)) return;
    toldUntil.set(key, now + waitMs);
    progress.clear();
    const place = [projectId, kind, cloudProvider].filter((part) => part !== '').join(' ');
    stderr.write(
      `Waiting ${Math.ceil(waitMs / 1000)} s for a rate limit of credential '${credential}' (${place}): ${why}\n`,
    );
  };
}

interface Listed {
  readonly planned: Plan;
  readonly names: Learned;
  readonly problems: readonly string[];
}

/** The projects to poll: those of the config and those that discovery lists now, with the names that Atlas gives them. */
async function list(atlas: Atlas, settings: Settings, signal: AbortSignal): Promise<Listed> {
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

/** null when it was interrupted. */
async function pollOne(
  atlas: Atlas,
  source: Source,
  { clock }: World,
  signal: AbortSignal,
  waits: Waits,
): Promise<SourceStatus | null> {
  const outcome = await atlas
    .fetchReading(source, {
      signal,
      deadlineMs: (details) => pollDeadlineMs(source, details),
      onLimited: (wait) => waits(source, wait),
    })
    .then((reading): PollOutcome => ({ ok: true, reading }))
    .catch((thrown): PollOutcome => ({ ok: false, failure: toFailure(thrown) }));
  if (!outcome.ok && signal.aborted) return null;
  const now = { wall: clock.wall(), monotonic: clock.monotonic() };
  return { source, state: recordPoll(source, unpolled, outcome, now).state, nextPollAt: null };
}

const styles = {
  ready: 'green',
  progressing: 'cyan',
  needs_user: 'yellow',
  failed: 'red',
  deleting: 'magenta',
  unknown: 'gray',
  faint: 'dim',
  bold: 'bold',
} as const satisfies Record<Parameters<Paint>[1], Parameters<typeof styleText>[0]>;

function paintFor({ stdout, env }: World): Paint {
  const coloured = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return coloured ? (text, meaning) => styleText(styles[meaning], text, { validateStream: false }) : (text) => text;
}
