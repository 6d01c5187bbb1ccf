/** `poll`: every project once, as a table, as rows or as JSON. Opens no state database and no port. */
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import type { Atlas } from '../atlas/atlas.ts';
import { isInTrouble } from '../domain/connection-class.ts';
import { type Learned, together } from '../domain/lookup.ts';
import type { Plan } from '../domain/plan.ts';
import { listsClusters } from '../domain/status.ts';
import { type FleetView, toNames, toProjectView, toView } from '../domain/view.ts';
import { toConnectionsJson } from '../http/api/api.ts';
import { toClustersJson } from '../http/api/clusters.ts';
import { toObject } from '../http/api/json.ts';
import { openPoll } from './open-poll.ts';
import { filtered, type PollFilter } from './poll-filter.ts';
import { fetchLimits, limitLines } from './poll-lookups.ts';
import { type PolledSource, pollAll, withoutProgress } from './poll-once.ts';
import { pollCsv, pollRows } from './poll-rows.ts';
import { failureLines, pollTable, summaryLine, troubledClusters } from './poll-table.ts';
import type { Paint } from './table.ts';
import { changeLine } from './watch-lines.ts';

export interface PollFlags extends ConfigFlags {
  readonly output: 'table' | 'wide' | 'json' | 'csv';
  readonly filter: PollFilter;
  /** Goes on after the first poll. */
  readonly watch: boolean;
  readonly intervalMs: number;
  /** Whether trouble is an exit code. */
  readonly exitCode: boolean;
}

/** Exit code: 0 all polled, 1 config error, 2 some list could not be polled, 3 trouble if asked for, 130 after Ctrl+C. */
export async function runPoll(flags: PollFlags, world: World): Promise<number> {
  const opened = await openPoll(flags, flags.filter, world);
  if (!opened.ok) return opened.exit;
  await using poll = opened;
  const { atlas, planned, names, problems, interruption } = poll;
  const { signal } = interruption;
  const polled = await pollAll(atlas, planned, world, signal);
  const limits = flags.output === 'wide' ? await fetchLimits(atlas, planned, signal) : {};
  const view = toPolledView(planned, together(names, limits), polled, world);
  print(view, planned, flags, world);
  if (flags.watch && !signal.aborted) await watch({ atlas, planned, view, polled, flags, world, signal });
  const interrupted = interruption.exitCode();
  if (interrupted !== null) {
    const sum = `${polled.length} of ${planned.sources.length} lists were polled`;
    if (!flags.watch) world.stderr.write(`Interrupted: ${planned.sources.length === 0 ? 'nothing was polled' : sum}\n`);
    return interrupted;
  }
  for (const problem of problems) world.stderr.write(`${problem}\n`);
  const failed = problems.length > 0 || polled.some(({ status }) => status.state.freshness.failure !== null);
  if (failed) return 2;
  return flags.exitCode && hasTrouble(view) ? 3 : 0;
}

interface Watching {
  readonly atlas: Atlas;
  readonly planned: Plan;
  readonly view: FleetView;
  readonly polled: readonly PolledSource[];
  readonly flags: PollFlags;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** Polls again and again, and prints a line for each change and each failure that begins or ends. Ends with a signal. */
async function watch({ atlas, planned, view, polled, flags, world, signal }: Watching): Promise<void> {
  const nameOf = toNames(view);
  let states = new Map(polled.map(({ status }) => [status.source.key, status.state]));
  const quiet = withoutProgress(world);
  while (!signal.aborted) {
    await sleep(flags.intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const next = await pollAll(atlas, planned, quiet, signal, states);
    for (const { status, changes } of next) {
      const name = nameOf(status.source.projectId);
      for (const change of changes) world.stdout.write(`${changeLine(change, name)}\n`);
      const { failure } = status.state.freshness;
      const before = states.get(status.source.key)?.freshness.failure ?? null;
      const place = `${name} ${status.source.kind} ${status.source.cloudProvider}`.trimEnd();
      if (failure && failure.reason !== before?.reason) {
        world.stderr.write(`Not polled: ${place}: ${failure.reason}: ${failure.detail}\n  ${failure.remedy}\n`);
      }
      if (!failure && before) world.stderr.write(`Polled again: ${place}\n`);
    }
    states = new Map([...states, ...next.map(({ status }) => [status.source.key, status.state] as const)]);
  }
}

function toPolledView(planned: Plan, names: Learned, polled: readonly PolledSource[], { clock }: World): FleetView {
  const ids = new Set(polled.map(({ status }) => status.source.projectId));
  // A project whose sources were all left out by Ctrl+C is not one without connections.
  const shown = planned.projects.filter(({ id }) => ids.has(id) || polled.length === planned.sources.length);
  const projects = shown.map((project) => toProjectView(project, names.projects?.get(project.id)));
  // Who polls once cannot know since when something is as it is.
  const statuses = polled.map(({ status: { source, state } }) => ({
    source,
    state: { ...state, ledger: state.ledger && { ...state.ledger, histories: [] } },
    nextPollAt: null,
  }));
  return toView(clock.wall(), projects, statuses);
}

function hasTrouble(view: FleetView): boolean {
  const sources = view.projects.flatMap((project) => project.sources);
  return (
    troubledClusters(view) > 0 ||
    sources.some(({ source, state: { ledger } }) =>
      ledger?.snapshot.connections.some((connection) => isInTrouble(source.kind, ledger.snapshot.api, connection)),
    )
  );
}

function print(whole: FleetView, planned: Plan, { output, filter }: PollFlags, world: World): void {
  const view = filtered(whole, filter);
  const { stdout, stderr } = world;
  const paint = paintFor(world);
  if ((output === 'table' || output === 'wide') && stdout.isTTY) {
    stdout.write(pollTable(view, paint, output === 'wide', stdout.columns));
    return;
  }
  if (output === 'json') {
    const watched = planned.sources.some(({ kind }) => listsClusters(kind));
    const asked = { limit: Number.POSITIVE_INFINITY };
    const { next: _, ...connections } = toConnectionsJson(view, asked);
    const { clusters = [] } = toClustersJson(view, asked);
    const json = toObject({ ...connections, ...(watched && { clusters }), next: null });
    stdout.write(`${JSON.stringify(json, null, 2)}\n`);
    return;
  }
  stdout.write(output === 'csv' ? pollCsv(view) : pollRows(view, output === 'wide', paint));
  // What stands for no row would break a program that reads rows.
  const limits = output === 'wide' ? limitLines(view, (text) => text) : [];
  for (const line of [...limits, ...failureLines(view, (text) => text), summaryLine(view)]) stderr.write(`${line}\n`);
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
