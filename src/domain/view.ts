/** What is known right now of everything watched, as the metrics, the pages and the API show it. */
import type { CredentialFacts, ProjectFacts } from './lookup.ts';
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
  /** Those of which a look-up told something. */
  readonly credentials: readonly CredentialView[];
}

export interface CredentialView {
  /** Name of an entry of `credentials`. */
  readonly name: string;
  readonly facts: Partial<CredentialFacts>;
}

export interface ProjectView {
  readonly id: string;
  /** From the config, else as Atlas calls it, else the id. */
  readonly name: string;
  /** '' until Atlas told it. */
  readonly orgId: string;
  /** From the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** What look-ups told; the same object as long as nothing of it is another. */
  readonly facts: Partial<ProjectFacts>;
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

/** What is known of a project or credential before anybody asked: one object, so that nothing reads as a change. */
export const noFacts = {} as const;

/** `facts`: what Atlas told of the project, if anything. */
export function toProjectView({ id, name, labels }: Project, facts: Partial<ProjectFacts> = noFacts): ProjectView {
  const { name: named = id, orgId = '' } = facts;
  return { id, name: name ?? named, orgId, labels, facts };
}

/** The name of a project by its id; the id of one that is not watched. */
export function toNames({ projects }: { readonly projects: readonly ProjectView[] }): (projectId: string) => string {
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  return (id) => names.get(id) ?? id;
}

/** `at`: wall ms. */
export function toView(
  at: number,
  projects: Iterable<ProjectView>,
  sources: Iterable<SourceStatus>,
  credentials: readonly CredentialView[] = [],
): FleetView {
  const byProject = Map.groupBy(sources, ({ source }) => source.projectId);
  const known = [...projects].map((project) => ({ ...project, sources: byProject.get(project.id) ?? [] }));
  return { at, projects: known, credentials };
}
