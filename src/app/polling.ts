/** Wires the runtime: the parts that poll, to the adapters that they poll through and tell. */

import type { Atlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import { endOf, hasEvents, isModeFlip } from '../domain/audit.ts';
import type { AuditEvent } from '../domain/author.ts';
import type { RecordedChange } from '../domain/change-log.ts';
import { emptyListing } from '../domain/listing.ts';
import { sourceKey } from '../domain/source.ts';
import { toForget, toLogged } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import { toNames } from '../domain/view.ts';
import { createAudit } from '../polling/audit.ts';
import { createDiscovery, type Discovery, type DiscoveryParts } from '../polling/discovery.ts';
import type { Fleet } from '../polling/fleet.ts';
import { createLookups, type Lookups, type LookupsParts } from '../polling/lookups.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import { createPollLog, type PollLog } from '../polling/poll-log.ts';
import { createPoller, type PollerParts } from '../polling/poller.ts';
import { createRegionalModes, type RegionalModes } from '../polling/regional-modes.ts';
import { createScheduler, type Scheduler } from '../polling/scheduler.ts';
import { createWatch, type Watch } from '../polling/watch.ts';
import type { Store } from '../state/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/registry.ts';
import type { UpkeepParts } from './upkeep.ts';
import { storedProjectsRevision, toStoredProjects } from './views.ts';

export interface Runtime extends AsyncDisposable {
  readonly watch: Watch;
  readonly scheduler: Scheduler;
  readonly modes: RegionalModes;
  discoveryStates: Discovery['states'];
  lookupStates: Lookups['states'];
  /** What time asks for: staleness and tombstones, the lines of log that are gathered over a minute, what is known of projects. */
  readonly upkeep: Pick<UpkeepParts, 'everyMinute' | 'restRevision' | 'saveRest'>;
}

interface RuntimeParts {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly registry: Registry;
  readonly atlas: Atlas;
  readonly log: Logger;
  readonly clock: Clock;
}

export function createRuntime({ fleet, store, registry, atlas, log, clock }: RuntimeParts): Runtime {
  const scheduler = createScheduler(clock);
  const pollLog = createPollLog(log, clock, createNames(fleet));
  const poller = createPoller({
    fleet,
    clock,
    fetchReading: atlas.fetchReading,
    failureOf: toFailure,
    commit: store.commit,
    nextChangeId: store.nextChangeId,
    tell: pollTeller(registry, pollLog, (change) => {
      audit.changed(change);
      // Private connection strings follow the links, so their list is not left to its slow schedule.
      if (change.kind !== 'cluster') return;
      void poller.poll(sourceKey(change.atlas_project_id, 'connection_strings', ''), { optional: true });
    }),
  });
  const discovery = createDiscovery({
    clock,
    list: ({ credential, organization }, signal) => atlas.listProjects(credential, { organization, signal }),
    failureOf: toFailure,
    listed: (projects, left) => watch.listed(projects, left),
    confirmed: () => watch.confirmed(),
    tell: discoveryTeller(log),
  });
  const lookups = createLookups({
    clock,
    rows: atlas.lookups,
    fetch: (question, signal) => {
      const { orgId = '' } = fleet.learned(question.projectId) ?? {};
      return atlas.fetchLookup({ ...question, orgId }, signal);
    },
    credentials: atlas.credentialStates,
    failureOf: toFailure,
    learned: (news) => modes.learn(news),
    tell: lookupTeller(atlas, log),
  });
  const modes: RegionalModes = createRegionalModes({
    clock,
    fleet,
    commit: (flips, factsOf) =>
      store.commit(
        flips.map((flip) => toLogged(flip.atlas_project_id, [flip])),
        toStoredProjects(fleet, watch, modes, factsOf),
      ),
    nextChangeId: store.nextChangeId,
    flipped(change) {
      pollLog.changed(change);
      audit.changed(change);
    },
  });
  /** Whether the mode was looked up after a flip that the audit log tells of. */
  const sawMode = (projectId: string, event: AuditEvent) => (modes.readAt(projectId) ?? 0) > endOf(event);
  const audit = createAudit({
    async ask(projectId, since) {
      const events = (await lookups.askAfterChange(projectId, since))?.events ?? null;
      const isNews = events?.some((event) => isModeFlip(event) && !sawMode(projectId, event));
      if (isNews) lookups.askNow('regional_mode', projectId);
      return events;
    },
    isAsked: lookups.asksAfterChange,
    changes: store.changes,
    commit: store.commit,
    nextChangeId: store.nextChangeId,
    wasRead: (projectId, event) =>
      isModeFlip(event) ? sawMode(projectId, event) : wasRead(fleet, projectId, endOf(event)),
    tell: { attributed: pollLog.attributed, found: pollLog.changed },
  });
  const forget = (keys: readonly string[]) => void store.commit(keys.map(toForget));
  const watch = createWatch({ clock, fleet, poller, scheduler, discovery, lookups, forget });

  return {
    watch,
    scheduler,
    modes,
    discoveryStates: discovery.states,
    lookupStates: lookups.states,
    upkeep: {
      restRevision: () => storedProjectsRevision(fleet, watch, modes),
      saveRest: () => store.saveProjects(toStoredProjects(fleet, watch, modes)),
      async everyMinute() {
        await watch.expire();
        pollLog.flush();
      },
    },
    async [Symbol.asyncDispose]() {
      scheduler[Symbol.dispose]();
      await Promise.all([discovery, lookups, audit, poller].map((part) => part[Symbol.asyncDispose]()));
    },
  };
}

/** Whether every list with changes that the audit log speaks of was read since then, in wall ms, by a poll that began later. */
function wasRead(fleet: Fleet, projectId: string, since: number): boolean {
  const lists = [...fleet.sources()].filter(({ source }) => source.projectId === projectId && hasEvents(source.kind));
  return lists.every(({ source, state }) => {
    const { lastSuccess } = state.freshness;
    return lastSuccess !== null && lastSuccess.wall - pollDeadlineMs(source, 0) > since;
  });
}

function pollTeller(
  registry: Registry,
  pollLog: PollLog,
  changed: (change: RecordedChange) => void,
): PollerParts['tell'] {
  return {
    polled(source, outcome, seconds) {
      registry.pollFinished(source, outcome, seconds);
      pollLog.polled(source, outcome, seconds);
    },
    skipped: (_source, reason) => registry.pollSkipped(reason),
    changed(change) {
      pollLog.changed(change);
      changed(change);
    },
    unknownStatuses: ({ kind }, count) => registry.unknownStatuses(kind, count),
    waiting: pollLog.waiting,
    unreadable: pollLog.unreadable,
    abandoned: pollLog.forget,
  };
}

function lookupTeller({ lookups }: Pick<Atlas, 'lookups'>, log: Logger): LookupsParts<keyof Atlas['lookups']>['tell'] {
  return {
    failed({ lookup, subject, credential }, failure) {
      const project = lookups[lookup].scope === 'project' ? { atlas_project_id: subject } : {};
      log.warn({ lookup, credential, ...project, ...failure }, 'Look-up failed');
    },
    recovered: (lookup, credential) => log.info({ lookup, credential }, 'Look-up recovered'),
  };
}

const leftRemedy =
  'Nothing has to be done if it was deleted or renamed; else see whether the credential still has a role in the project';

function discoveryTeller(log: Logger): DiscoveryParts['tell'] {
  return {
    recovered: (organization, projects) => log.info({ org_id: organization, projects }, 'Discovery recovered'),
    failed: (organization, failure) => log.warn({ org_id: organization, ...failure }, 'Discovery failed'),
    left: (organization, { id, name }) =>
      log.warn(
        { org_id: organization, atlas_project_id: id, project_name: name, remedy: leftRemedy },
        'Project left the organization',
      ),
    empty: (organization, listed) =>
      log.warn({ org_id: organization, ...emptyListing(listed) }, 'Discovery finds no wanted project'),
  };
}

/** The names of projects, gathered again only when one may be another. */
function createNames(fleet: Pick<Fleet, 'projects' | 'namesRevision'>): (projectId: string) => string {
  let revision = -1;
  let nameOf = toNames({ projects: [] });
  return (id) => {
    if (revision !== fleet.namesRevision()) {
      nameOf = toNames({ projects: [...fleet.projects()] });
      revision = fleet.namesRevision();
    }
    return nameOf(id);
  };
}
