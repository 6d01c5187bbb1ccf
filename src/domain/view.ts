/** What is known right now of everything watched, as the metrics, the pages and the API show it. */
import type { ProjectFacts } from './lookup.ts';
import type { SourceState } from './poll.ts';
import type { Project } from './project.ts';
import type { Source } from './source.ts';
import { listsClusters } from './status.ts';

/** What the status page and `/api/v1/connections` show. */
export interface FleetView {
  /** Wall ms. */
  readonly at: number;
  /** In the order of ids. */
  readonly projects: readonly ProjectStatus[];
}

export interface ProjectView {
  readonly id: string;
  /** From the config, else as Atlas calls it, else the id. */
  readonly name: string;
  /** '' until Atlas told it. */
  readonly orgId: string;
  /** From the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether several private endpoints may be in one region; null while it is not known, or not to be asked. */
  readonly regionalMode: boolean | null;
}

export interface ProjectStatus extends ProjectView {
  readonly sources: readonly SourceStatus[];
}

export interface SourceView {
  readonly source: Source;
  readonly state: SourceState;
}

export interface SourceStatus extends SourceView {
  /** Wall ms; null when nothing is planned. */
  readonly nextPollAt: number | null;
}

/** A list of clusters with what it depends on: the private endpoints of the same project. */
export interface ClusterListView extends SourceView {
  /** The project's sources of kind `cluster`. */
  readonly links: readonly SourceView[];
}

/** The lists of clusters among the sources, each with the links of its project. */
export function toClusterLists<V extends SourceView>(sources: readonly V[]): readonly (V & ClusterListView)[] {
  const links = Map.groupBy(
    sources.filter(({ source }) => source.kind === 'cluster'),
    ({ source }) => source.projectId,
  );
  return sources
    .filter(({ source }) => listsClusters(source.kind))
    .map((view) => ({ ...view, links: links.get(view.source.projectId) ?? [] }));
}

/** A project that discovery no longer lists. */
export interface RemovedProject {
  readonly id: string;
  /** Wall ms. */
  readonly removedAt: number;
}

/** `listed`: what Atlas told of the project, if anything. */
export function toProjectView({ id, name, labels }: Project, facts: Partial<ProjectFacts> | undefined): ProjectView {
  const { name: named = id, orgId = '', regionalMode = null } = facts ?? {};
  return { id, name: name ?? named, orgId, labels, regionalMode };
}

/** The name of a project by its id; the id of one that is not watched. */
export function toNames({ projects }: FleetView): (projectId: string) => string {
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** `at`: wall ms. */
export function toView(at: number, projects: Iterable<ProjectView>, sources: Iterable<SourceStatus>): FleetView {
  const byProject = Map.groupBy(sources, ({ source }) => source.projectId);
  return { at, projects: [...projects].map((project) => ({ ...project, sources: byProject.get(project.id) ?? [] })) };
}
