/** The state database, joined to the fleet and to the log. */

import { hasFutureStamps, restoreInstant } from '../domain/ledger.ts';
import { hasRegionalMode, namesOf } from '../domain/lookup.ts';
import { type Restored, restoreState } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import type { Fleet } from '../polling/fleet.ts';
import type { RegionalModes } from '../polling/regional-modes.ts';
import type { Settings, Watch } from '../polling/watch.ts';
import { openStore, type Store, type StoreEvent } from '../state/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import { toPuts } from './views.ts';

export interface KeptStateParts {
  readonly path: string;
  readonly changesKept: number;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface RestoreParts {
  readonly watch: Watch;
  readonly fleet: Fleet;
  readonly modes: Pick<RegionalModes, 'restore'>;
  readonly commit: Store['commit'];
}

const remedies = {
  failing: 'Give the disk of state.path space and the exporter write access: what waits in memory is written then',
  setAside:
    'Nothing has to be done: the exporter begins anew, and counters start at 0. Keep the file set aside if you report it',
} as const;

/** Opens the state database. What happens to its file is logged from then on. Throws a StateError. */
export async function openState({ path, changesKept, fleet, clock, log }: KeptStateParts): Promise<Store> {
  const tell = (event: StoreEvent) => {
    switch (event.type) {
      case 'failing':
        return log.error({ path, detail: event.detail, remedy: remedies.failing }, 'State cannot be written');
      case 'recovered':
        return log.info({ path }, 'State is written again');
      case 'set_aside':
        return log.error({ path, setAside: event.setAside, remedy: remedies.setAside }, 'State set aside');
    }
  };
  const store = await openStore({ path, changesKept, clock, tell, everything: () => toPuts(fleet) });
  const { setAside } = store.restored;
  if (setAside !== null) tell({ type: 'set_aside', setAside });
  return store;
}

/** Puts the state of an earlier process into the fleet, and plans the polls of the settings. */
export function restoreInto(
  { watch, fleet, modes, commit }: RestoreParts,
  restored: Pick<Restored, 'sources' | 'projects'>,
  settings: Settings,
  clock: Clock,
): void {
  const now = { wall: clock.wall(), monotonic: clock.monotonic() };
  const there = restored.projects.filter(({ removedAt }) => removedAt === null);
  fleet.learn(namesOf(there.filter(({ name }) => name !== '')));
  const states = [...restored.sources].map(([key, stored]) => [key, restoreState(stored, now)] as const);
  watch.apply(settings, new Map(states), there);
  // A mode that is no longer looked up would stay for ever.
  const asked = new Set(
    [...fleet.sources()].flatMap(({ source }) => (hasRegionalMode(source) ? source.projectId : [])),
  );
  modes.restore(there.filter(({ id }) => asked.has(id)));
  watch.restoreRemoved(
    new Map(
      restored.projects.flatMap(({ id, removedAt }) =>
        removedAt === null ? [] : [[id, restoreInstant(removedAt, now)]],
      ),
    ),
  );
  // Stamps from the future were set to now. They are stored at once: each start would set them to another now, which would
  // read as a change.
  const mended = toPuts(fleet).filter(({ key }) => {
    const stored = restored.sources.get(key)?.ledger;
    return stored !== undefined && hasFutureStamps(stored, now);
  });
  if (mended.length > 0) void commit(mended);
}
