/** The fleet as others want to see it: the web side, the exposition and the state database. */
import type { Clock } from './domain/change.ts';
import type { FleetView, SourceStatus } from './domain/view.ts';
import type { ProjectView, RemovedProject } from './exposition/sources.ts';
import type { Fleet } from './runtime/fleet.ts';
import type { Watch } from './runtime/watch.ts';
import type { StoredProject } from './state/store.ts';

export function toFleetView(fleet: Fleet, watch: Watch, clock: Clock): FleetView {
  const at = clock.wall();
  const statuses = [...fleet.sources()].map(({ source, state }): SourceStatus => {
    const msToNext = watch.msToNextPoll(source);
    return { source, state, nextPollAt: msToNext === null ? null : at + msToNext };
  });
  const byProject = Map.groupBy(statuses, ({ source }) => source.projectId);
  const projects = [...fleet.projects()].map(({ project: { id, labels }, name, orgId }) => {
    return { id, name, orgId, labels, sources: byProject.get(id) ?? [] };
  });
  return { at, projects };
}

export function toProjectViews(fleet: Fleet): readonly ProjectView[] {
  return [...fleet.projects()].map(({ project: { id, labels }, name, orgId }) => ({ id, name, orgId, labels }));
}

export function toRemovedProjects(watch: Watch): readonly RemovedProject[] {
  return [...watch.removedProjects()].map(([id, { wall }]) => ({ id, removedAt: wall }));
}

/** What Atlas told of each project, not the config's word: that is read again at the next start. */
export function toStoredProjects(fleet: Fleet, watch: Watch): readonly StoredProject[] {
  const there = [...fleet.projects()].flatMap(({ project: { id } }) => {
    const learned = fleet.learned(id);
    return learned ? [{ id, ...learned, removedAt: null }] : [];
  });
  const gone = [...watch.removedProjects()].map(([id, { wall }]) => ({ id, name: id, orgId: '', removedAt: wall }));
  return [...there, ...gone];
}
