/** What is known right now of everything watched, as the metrics, the pages and the API show it. */
import type { ProjectFacts } from './lookup.ts';
import type { SourceState } from './poll.ts';
import type { Project } from './project.ts';
import type { Source } from './source.ts';

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

/** `at`: wall ms. */
export function toView(at: number, projects: Iterable<ProjectView>, sources: Iterable<SourceStatus>): FleetView {
  const byProject = Map.groupBy(sources, ({ source }) => source.projectId);
  return { at, projects: [...projects].map((project) => ({ ...project, sources: byProject.get(project.id) ?? [] })) };
}
