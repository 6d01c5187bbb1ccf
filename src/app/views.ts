/** Views of the fleet: for pages and API, for the exposition, and for the state database. */
import { type SourceWrite, type StoredProject, toPut } from '../domain/stored.ts';
import type { Clock } from '../domain/time.ts';
import { type FleetView, type RemovedProject, type SourceStatus, toView } from '../domain/view.ts';
import type { Exposed } from '../exposition/exposition.ts';
import type { Fleet } from '../polling/fleet.ts';
import type { FactsOf, RegionalModes } from '../polling/regional-modes.ts';
import type { Watch } from '../polling/watch.ts';

export function toFleetView(fleet: Fleet, watch: Watch, clock: Clock): FleetView {
  const at = clock.wall();
  const statuses = [...fleet.sources()].map(({ source, state }): SourceStatus => {
    const msToNext = watch.msToNextPoll(source);
    return { source, state, nextPollAt: msToNext === null ? null : at + msToNext };
  });
  return toView(at, fleet.projects(), statuses, fleet.credentials());
}

/** Views that pages and API share: at most one a second is made, however many ask. */
export function createSharedView<V>(view: () => V, monotonic: () => number): () => V {
  let shared: { readonly view: V; readonly at: number } | null = null;
  return () => {
    const now = monotonic();
    if (!shared || now - shared.at >= sharedForMs) shared = { view: view(), at: now };
    return shared.view;
  };
}

const sharedForMs = 1_000;

/** The fleet for one scrape. Each part is worked out when it is read: most scrapes find everything unchanged. */
export function toExposed(fleet: Fleet, watch: Watch, own: Exposed['own']): Exposed {
  return {
    revision: fleet.revision(),
    sources: fleet.sources(),
    projects: fleet.projects(),
    removedProjects: toRemovedProjects(watch),
    own,
  };
}

function* toRemovedProjects(watch: Watch): Generator<RemovedProject> {
  for (const [id, { wall }] of watch.removedProjects()) yield { id, removedAt: wall };
}

/**
 * The projects to store: what Atlas told of each, its name '' where it did not. What the config says of them is read from the
 * config at each start.
 */
export function toStoredProjects(
  fleet: Fleet,
  watch: Pick<Watch, 'removedProjects'>,
  modes: Pick<RegionalModes, 'readAt'>,
  factsOf: FactsOf = fleet.learned,
): readonly StoredProject[] {
  const there = [...fleet.projects()].flatMap(({ id }): readonly StoredProject[] => {
    const { name = '', orgId = '', regionalMode: enabled = null } = factsOf(id) ?? {};
    const readAt = modes.readAt(id);
    const regionalMode = enabled === null || readAt === null ? null : { enabled, readAt };
    return name === '' && !regionalMode ? [] : [{ id, name, orgId, removedAt: null, regionalMode }];
  });
  const gone = [...watch.removedProjects()].map(([id, { wall }]) => ({
    ...{ id, name: id, orgId: '', removedAt: wall },
    regionalMode: null,
  }));
  return [...there, ...gone];
}

/**
 * A text that differs whenever toStoredProjects may give something else. A project that leaves is a new plan; one whose
 * tombstone ends changes only the number of removed projects.
 */
export function storedProjectsRevision(
  fleet: Fleet,
  watch: Pick<Watch, 'removedProjects'>,
  modes: Pick<RegionalModes, 'revision'>,
): string {
  return `${fleet.namesRevision()} ${watch.removedProjects().size} ${modes.revision()}`;
}

/** The whole state of every source, for a file that is new. */
export function toPuts(fleet: Fleet): readonly SourceWrite[] {
  return [...fleet.sources()].flatMap(({ source, state }) => toPut(source.key, state) ?? []);
}
