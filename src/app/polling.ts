/** Wires the runtime: the parts that poll, to the adapters that they poll through and tell. */

import type { Atlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import { toForget } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import { createDiscovery, type Discovery, type DiscoveryParts } from '../polling/discovery.ts';
import type { Fleet } from '../polling/fleet.ts';
import { createNames } from '../polling/names.ts';
import { createPollLog } from '../polling/poll-log.ts';
import { createPoller, type PollerParts } from '../polling/poller.ts';
import { createRegionalModes } from '../polling/regional-modes.ts';
import { createScheduler, type Scheduler } from '../polling/scheduler.ts';
import { createWatch, type Watch } from '../polling/watch.ts';
import type { Store } from '../state/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Registry } from '../telemetry/registry.ts';

export interface Runtime extends AsyncDisposable {
  readonly watch: Watch;
  readonly scheduler: Scheduler;
  discoveryStates: Discovery['states'];
  /** Lets time pass over what is known, and tells the log what a minute gathered. */
  everyMinute(): Promise<void>;
}

interface RuntimeParts {
  readonly fleet: Fleet;
  readonly store: Store;
  readonly registry: Registry;
  readonly atlas: Atlas;
  readonly log: Logger;
  readonly clock: Clock;
}

/** How long a look-up may take once it is on a lane. */
const deadlineMs = 20_000;

export function createRuntime({ fleet, store, registry, atlas, log, clock }: RuntimeParts): Runtime {
  const scheduler = createScheduler(clock);
  const pollLog = createPollLog(log, clock);
  const tell: PollerParts['tell'] = {
    polled(source, outcome, seconds) {
      registry.pollFinished(source, outcome, seconds);
      pollLog.polled(source, outcome, seconds);
    },
    skipped: (_source, reason) => registry.pollSkipped(reason),
    changed: pollLog.changed,
    unknownStatuses: ({ kind }, count) => registry.unknownStatuses(kind, count),
    abandoned: pollLog.forget,
  };
  const poller = createPoller({
    fleet,
    clock,
    fetchSnapshot: atlas.fetchSnapshot,
    failureOf: toFailure,
    commit: store.commit,
    nextChangeId: store.nextChangeId,
    deadlineOf: (source) => watch.deadlineOf(source),
    tell,
  });
  const discovery = createDiscovery({
    clock,
    list: ({ credential, organization }, signal) => atlas.listProjects(credential, { organization, signal }),
    failureOf: toFailure,
    listed: (projects, left) => watch.listed(projects, left),
    confirmed: () => watch.confirmed(),
    tell: discoveryTeller(log),
  });
  const names = createNames({
    list: (credential, signal) => atlas.listProjects(credential, { organization: null, signal }),
    named: fleet.learn,
    failed: (credential, thrown) => log.warn({ credential, ...toFailure(thrown) }, 'Project names not read'),
  });
  const regionalModes = createRegionalModes({
    clock,
    fetch: (credential, projectId, signal) => atlas.fetchRegionalMode(credential, projectId, { signal, deadlineMs }),
    learned: fleet.learnRegionalModes,
    // Polls fail for the same reasons, and tell them.
    failed: (id, thrown) => log.debug({ atlas_project_id: id, ...toFailure(thrown) }, 'Regional mode not read'),
  });
  const forget = (keys: readonly string[]) => void store.commit(keys.map(toForget));
  const watch = createWatch({ clock, fleet, poller, scheduler, discovery, names, regionalModes, forget });

  return {
    watch,
    scheduler,
    discoveryStates: discovery.states,
    async everyMinute() {
      await watch.expire();
      pollLog.flush();
    },
    async [Symbol.asyncDispose]() {
      scheduler[Symbol.dispose]();
      await Promise.all([discovery, names, regionalModes, poller].map((part) => part[Symbol.asyncDispose]()));
    },
  };
}

function discoveryTeller(log: Logger): DiscoveryParts['tell'] {
  return {
    recovered: (organization, projects) => log.info({ org_id: organization, projects }, 'Discovery recovered'),
    failed: (organization, failure) => log.warn({ org_id: organization, ...failure }, 'Discovery failed'),
    left: (organization, { id, name }) =>
      log.warn({ org_id: organization, atlas_project_id: id, project_name: name }, 'Project left the organization'),
  };
}
