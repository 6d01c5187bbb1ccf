/** One life of the exporter without its network and its timers: real fleet, reducer, plan, database and page. */

import { restoreInto } from '../../src/app/restore.ts';
import { toExposed } from '../../src/app/views.ts';
import { AtlasError, toFailure } from '../../src/atlas/error.ts';
import type { FailureReason } from '../../src/domain/failure.ts';
import type { Reading } from '../../src/domain/reading.ts';
import type { Source } from '../../src/domain/source.ts';
import { type SourceWrite, toForget, toFreshen } from '../../src/domain/stored.ts';
import type { Clock } from '../../src/domain/time.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import { createDiscovery } from '../../src/polling/discovery.ts';
import { createFleet } from '../../src/polling/fleet.ts';
import { createPoller } from '../../src/polling/poller.ts';
import { createWatch, type Settings } from '../../src/polling/watch.ts';
import type { Database } from '../../src/state/file/database.ts';
import { createPending } from '../../src/state/pending.ts';
import { toBatchText, toRestored } from '../../src/state/thread.ts';
import { aFailure } from './builders.ts';
import { type ParsedFamily, parse } from './exposition-parser.ts';

/** Why a poll is to fail. */
export class Refusal extends Error {
  readonly reason: FailureReason;
  constructor(reason: FailureReason) {
    super(reason);
    this.reason = reason;
  }
}

export interface FleetProcess {
  poll(key: string): Promise<void>;
  minute(): Promise<void>;
  reload(settings: Settings): void;
  /** What happens every few seconds: success times are stored. */
  flush(): void;
  /** Writes everything that waits, unless the disk refuses. */
  save(): void;
  page(): Promise<readonly ParsedFamily[]>;
}

export interface FleetProcessOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly settings: Settings;
  diskWorks(): boolean;
  fetchReading(source: Source): Promise<Reading>;
}

export function startFleetProcess(options: FleetProcessOptions): FleetProcess {
  const { database, clock, settings } = options;
  const restored = toRestored({ ...database.restore(), setAside: null });
  const pending = createPending(100_000);
  let lastId = restored.lastChangeId;
  const save = () => {
    while (options.diskWorks() && !pending.isEmpty()) database.write(toBatchText(pending.take()));
  };
  const commit = async (writes: readonly SourceWrite[]) => {
    pending.add({ writes, projects: null });
    save();
  };
  const fleet = createFleet();
  const never = new AbortController().signal;
  const poller = createPoller({
    fleet,
    clock,
    fetchReading: options.fetchReading,
    failureOf: (thrown) => {
      if (thrown instanceof Refusal) return aFailure(thrown.reason);
      if (thrown instanceof AtlasError) return toFailure(thrown);
      throw thrown;
    },
    commit,
    nextChangeId: () => ++lastId,
    tell: {
      polled() {},
      skipped() {},
      changed() {},
      unknownStatuses() {},
      unreadable() {},
      waiting() {},
      abandoned() {},
    },
  });
  const discovery = createDiscovery({
    clock,
    list: async () => never.throwIfAborted() ?? [],
    failureOf: () => aFailure('internal'),
    listed() {},
    confirmed() {},
    tell: { recovered() {}, failed() {}, left() {}, empty() {} },
  });
  const watch = createWatch({
    clock,
    fleet,
    poller,
    scheduler: { plan() {}, begin() {}, lateMs: () => 0, msToNext: () => null, [Symbol.dispose]() {} },
    discovery,
    lookups: { configure() {} },
    forget: (keys) => void commit(keys.map(toForget)),
  });
  const exposition = createExposition({ errorMessageText: () => true, clock, yieldTurn: async () => {} });
  restoreInto({ watch, fleet, modes: { restore() {} }, commit }, restored, settings, clock);

  return {
    poll: (key) => poller.poll(key),
    minute: () => watch.expire(),
    reload: (next) => void watch.apply(next),
    flush() {
      const polled = [...fleet.sources()].filter(({ state }) => state.freshness.lastSuccess !== null);
      void commit(polled.map(({ source, state }) => toFreshen(source.key, state)));
    },
    save,
    async page() {
      return parse(
        await exposition.render(
          toExposed(fleet, watch, async () => []),
          'text',
        ),
        'text',
      );
    },
  };
}
