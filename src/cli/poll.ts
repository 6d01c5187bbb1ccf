/** `poll`: every project once, as a table or as JSON. Opens no state database and no port. */
import { styleText } from 'node:util';
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { toAtlasOptions, toSettings } from '../app/settings.ts';
import { type Atlas, createAtlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import { type Learned, namesOf } from '../domain/lookup.ts';
import { type Plan, plan } from '../domain/plan.ts';
import { recordPoll, unpolled } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import { type SourceStatus, toProjectView, toView } from '../domain/view.ts';
import { toConnectionsJson } from '../http/api/api.ts';
import { toObject } from '../http/api/json.ts';
import { isWanted } from '../polling/discovery.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import type { Settings } from '../polling/watch.ts';
import { loadOrExplain } from './load.ts';
import { type Paint, pollTable } from './poll-table.ts';
import { createProgress } from './progress.ts';

export interface PollFlags extends ConfigFlags {
  readonly output: 'table' | 'json';
}

/** Exit code: 0 all polled, 1 config error, 2 some project could not be polled. */
export async function runPoll(flags: PollFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  if (!loaded) return 1;
  const settings = toSettings(loaded.config);
  const controller = new AbortController();
  const stop = () => controller.abort(new Error('Interrupted'));
  const forget = [world.onSignal('SIGINT', stop), world.onSignal('SIGTERM', stop)];
  await using atlas = createAtlas({ ...toAtlasOptions(loaded.config, world), observer: { request() {} } });
  try {
    const { planned, names, problems } = await list(atlas, settings, controller.signal);
    const progress = createProgress(world, planned.sources.length, 'polled');
    const statuses = await Promise.all(
      planned.sources.map(async (source) => {
        const status = await pollOne(atlas, source, world, controller.signal);
        progress.step();
        return status;
      }),
    );
    progress.clear();
    const projects = planned.projects.map((project) => toProjectView(project, names.get(project.id)));
    const view = toView(world.clock.wall(), projects, statuses);
    if (flags.output === 'json') {
      world.stdout.write(
        `${JSON.stringify(toObject(toConnectionsJson(view, { limit: Number.POSITIVE_INFINITY })), null, 2)}\n`,
      );
    } else {
      world.stdout.write(pollTable(view, paintFor(world)));
    }
    for (const problem of problems) world.stderr.write(`${problem}\n`);
    const failed = problems.length > 0 || statuses.some(({ state }) => state.freshness.failure !== null);
    return failed ? 2 : 0;
  } finally {
    for (const off of forget) off();
  }
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
    credentials.map((credential) =>
      atlas.fetchLookup({ lookup: 'names', subject: credential, credential }, signal).catch(() => new Map()),
    ),
  );
  const discovered = found.flat().map(({ wish }) => wish);
  return {
    planned: plan({ ...settings, configured: settings.projects, discovered }),
    names: new Map([...named.flatMap((facts) => [...facts]), ...namesOf(found.flat().map(({ project }) => project))]),
    problems,
  };
}

async function pollOne(atlas: Atlas, source: Source, { clock }: World, signal: AbortSignal): Promise<SourceStatus> {
  const now = () => ({ wall: clock.wall(), monotonic: clock.monotonic() });
  try {
    const snapshot = await atlas.fetchSnapshot(source, {
      signal,
      deadlineMs: (details) => pollDeadlineMs(source, details),
    });
    return { source, state: recordPoll(source, unpolled, { ok: true, snapshot }, now()).state, nextPollAt: null };
  } catch (thrown) {
    const state = recordPoll(source, unpolled, { ok: false, failure: toFailure(thrown) }, now()).state;
    return { source, state, nextPollAt: null };
  }
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
