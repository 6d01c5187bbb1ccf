/** Who is watched, and when: puts a config or a new listing into effect, and keeps house while time passes. */

import type { ListedProject } from '../domain/listing.ts';
import { namesOf } from '../domain/lookup.ts';
import { plan } from '../domain/plan.ts';
import { inTransition, type SourceState, wasTried } from '../domain/poll.ts';
import type { Project } from '../domain/project.ts';
import { ownsProject, type Shard } from '../domain/shard.ts';
import type { Source } from '../domain/source.ts';
import { type Api, listsClusters } from '../domain/status.ts';
import type { Clock, Instant } from '../domain/time.ts';
import type { SourceView } from '../domain/view.ts';
import { gapsOf } from './cron.ts';
import type { Discovery, Organization } from './discovery.ts';
import { createFirstPolls } from './first-polls.ts';
import type { Fleet } from './fleet.ts';
import type { Lookups } from './lookups.ts';
import type { Poller } from './poller.ts';
import type { ScheduledEntry, Scheduler } from './scheduler.ts';

/** What a config asks for, in the runtime's terms. */
export interface Settings {
  readonly api: Api;
  readonly projects: readonly Project[];
  readonly organizations: readonly (Organization & {
    /** Cron expression of the listing. */
    readonly schedule: string;
    toProject(listed: ListedProject): Project;
  })[];
  readonly interfaceEndpoints: boolean;
  readonly shard: Shard;
  readonly timezone: string;
  readonly spreadMs: number;
  readonly fastSchedule: string | null;
  readonly staleAfterMs: number;
  readonly tombstoneForMs: number;
  /** Look-ups that are not asked. */
  readonly lookupsOff: ReadonlySet<string>;
}

export interface WatchParts {
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly poller: Poller;
  readonly scheduler: Scheduler;
  readonly discovery: Discovery;
  readonly lookups: Pick<Lookups, 'configure'>;
  /** Deletes what is stored of sources that are no longer watched. */
  forget(keys: readonly string[]): void;
}

export interface Watch {
  /** Puts settings into effect in one step; `restored` and `known` are what an earlier process left. */
  apply(
    settings: Settings,
    restored?: ReadonlyMap<string, SourceState>,
    known?: readonly ListedProject[],
  ): { readonly added: number; readonly removed: number };
  /** A listing of discovery changed who is there. */
  listed(projects: readonly ListedProject[], left: readonly ListedProject[]): void;
  /** The first listing of an organization is as it was known. */
  confirmed(): void;
  /**
   * Lists every organisation, and polls what is due: at once what was never polled, last in vain, or through the other
   * `api`; at its offset from now what has missed a tick. What an earlier process polled well a moment ago waits for its
   * next tick: a restart asks Atlas nothing twice.
   */
  start(): void;
  /** Lets time pass: staleness, tombstones. To be called once a minute. */
  expire(): Promise<void>;
  /** Projects that discovery no longer lists, until their tombstone ends. */
  removedProjects(): ReadonlyMap<string, Instant>;
  restoreRemoved(removed: ReadonlyMap<string, Instant>): void;
  /** Ms until the source is due again; null when it is not planned. */
  msToNextPoll(source: Source): number | null;
  /** Whether every source and organisation was restored or tried once. */
  triedAll(): boolean;
  /** Whether every organisation was listed, and every list of clusters restored or tried once. */
  knowsClusters(): boolean;
}

/** How long after a status began it is worth the fast schedule. */
const fastForMs = 60 * 60 * 1000;

export function createWatch(parts: WatchParts): Watch {
  const { clock, fleet, poller, scheduler, discovery, lookups } = parts;
  let current: Settings | null = null;
  let started = false;
  const removed = new Map<string, Instant>();
  /** What an earlier process stored of sources that nobody has asked for yet: discovery may still list them. */
  let leftover = new Map<string, SourceState>();

  const firstPolls = createFirstPolls({
    poll: (key) => poller.poll(key, { first: true, optional: true }),
    stateOf: (key) => fleet.find(key)?.state,
  });

  const now = (): Instant => ({ wall: clock.wall(), monotonic: clock.monotonic() });

  /** Works out who is watched now and puts the difference into effect; what stays keeps its state and its schedule. */
  const replan = (settings: Settings) => {
    const discovered = settings.organizations.flatMap((entry) =>
      discovery.projectsOf(entry.organization).map((listed) => entry.toProject(listed)),
    );
    const planned = plan({ ...settings, configured: settings.projects, discovered });
    const applied = fleet.apply(planned, leftover);
    poller.abandon(applied.removed);
    parts.forget([...applied.removed.map(({ key }) => key), ...unclaimed(planned.sources)]);
    for (const { id } of planned.projects) removed.delete(id);
    scheduler.plan(
      [...planned.sources.flatMap((source) => pollsOf(source, settings, parts)), ...listingsOf(settings, discovery)],
      settings,
    );
    const configured = new Set(settings.projects.map(({ id }) => id));
    lookups.configure(planned.sources, (projectId) => !configured.has(projectId), settings.lookupsOff);
    if (started) firstPolls.add(applied.added.flatMap(({ key }) => fleet.find(key) ?? []));
    return { added: applied.added.length, removed: applied.removed.length };
  };

  /** Another shard tells of its own projects, and one that the config names does not leave with a listing. */
  const isOurs = (id: string) =>
    current !== null && ownsProject(id, current.shard) && !current.projects.some((project) => project.id === id);

  /** What is left over once every organisation was listed: nobody will ask for it any more. */
  const unclaimed = (sources: readonly Source[]): readonly string[] => {
    for (const { key } of sources) leftover.delete(key);
    if (!discovery.listedAll()) return [];
    const keys = [...leftover.keys()];
    leftover = new Map();
    return keys;
  };

  return {
    apply(settings, restored, known = []) {
      const before = current;
      current = settings;
      if (restored) leftover = new Map(restored);
      discovery.configure(settings.organizations, known);
      if (started) {
        const listed = new Set(before?.organizations.map(({ organization }) => organization));
        for (const { organization } of settings.organizations)
          if (!listed.has(organization)) void discovery.run(organization);
      }
      return replan(settings);
    },
    listed(projects, left) {
      fleet.learn(namesOf(projects));
      for (const { id } of left) if (isOurs(id)) removed.set(id, now());
      if (current) replan(current);
    },
    confirmed: () => parts.forget(unclaimed([])),
    start() {
      started = true;
      for (const { organization } of current?.organizations ?? []) void discovery.run(organization);
      const { overdue, unknown } = dueAtStart(fleet, clock);
      firstPolls.add(unknown);
      scheduler.begin(overdue);
    },
    async expire() {
      const settings = current;
      if (!settings) return;
      const { staleAfterMs, tombstoneForMs } = settings;
      for (const [id, at] of removed) if (clock.monotonic() - at.monotonic >= tombstoneForMs) removed.delete(id);
      await poller.expire((source) => ({
        tombstoneForMs,
        staleAfterMs: Math.max(staleAfterMs, 3 * gapsOf(source.schedule).longestMs),
      }));
    },
    removedProjects: () => removed,
    restoreRemoved(restored) {
      for (const [id, at] of restored) removed.set(id, at);
    },
    msToNextPoll: ({ key, schedule }) => scheduler.msToNext(key, schedule),
    triedAll: () => discovery.triedAll() && [...fleet.sources()].every(({ state }) => wasTried(state)),
    knowsClusters: () =>
      discovery.listedAll() &&
      [...fleet.sources()].every(({ source, state }) => !listsClusters(source.kind) || wasTried(state)),
  };
}

/** When a source is polled: on its schedule, and besides on the fast one while something of it is progressing or deleting. */
function pollsOf(
  source: Source,
  { fastSchedule }: Settings,
  { poller, fleet, clock }: WatchParts,
): readonly ScheduledEntry[] {
  const { key, schedule } = source;
  const regular: ScheduledEntry = { key, schedule, due: () => void poller.poll(key) };
  if (fastSchedule === null || fastSchedule === schedule) return [regular];
  const due = () => {
    const watched = fleet.find(key);
    const now = { wall: clock.wall(), monotonic: clock.monotonic() };
    if (watched && inTransition(source, watched.state, now, fastForMs)) void poller.poll(key, { optional: true });
  };
  return [regular, { key, schedule: fastSchedule, due }];
}

function listingsOf({ organizations }: Settings, discovery: Discovery): readonly ScheduledEntry[] {
  return organizations.map(({ organization, schedule }) => ({
    key: `discovery/${organization}`,
    schedule,
    due: () => void discovery.run(organization),
  }));
}

/** Sources to be polled at once, because nothing is known of them or the last poll failed, and those that missed a tick. */
function dueAtStart(fleet: Fleet, clock: Clock) {
  const overdue = new Set<string>();
  const unknown: SourceView[] = [];
  for (const watched of fleet.sources()) {
    const { source, state } = watched;
    const { up, lastSuccess } = state.freshness;
    const sameWords = state.ledger?.snapshot.api === source.api;
    if (!up || !lastSuccess || !sameWords) unknown.push(watched);
    else if (clock.monotonic() - lastSuccess.monotonic >= gapsOf(source.schedule).shortestMs) overdue.add(source.key);
  }
  return { overdue, unknown };
}
