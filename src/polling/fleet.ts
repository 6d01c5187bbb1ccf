/** The sources and their states: the process's only mutable memory. It outlives reloads. */
import { type CredentialFacts, type Learned, type ProjectFacts, withNews } from '../domain/lookup.ts';
import type { Plan } from '../domain/plan.ts';
import { type SourceState, sameButTimes, unpolled } from '../domain/poll.ts';
import type { Project } from '../domain/project.ts';
import type { Source } from '../domain/source.ts';
import { type CredentialView, noFacts, type ProjectView, type SourceView, toProjectView } from '../domain/view.ts';

/** What became of the set of sources. */
export interface Applied {
  readonly added: readonly Source[];
  readonly removed: readonly Source[];
}

export interface Fleet {
  /** Grows with everything that becomes visible, but for the time of a poll that saw nothing new. */
  revision(): number;
  /** Grows when the set of projects, or what Atlas told of them, may be another. */
  namesRevision(): number;
  /** In the order of the plan. */
  sources(): Iterable<SourceView>;
  find(key: string): SourceView | undefined;
  /** In the order of the plan. */
  projects(): Iterable<ProjectView>;
  projectCount(): number;
  /** Replaces what is watched. What stays keeps its state; what comes starts with its restored state, if any. */
  apply(plan: Plan, restored?: ReadonlyMap<string, SourceState>): Applied;
  /** Makes a state visible. Of a source that is no longer watched it does nothing. */
  publish(key: string, state: SourceState): void;
  /** Takes over what look-ups and listings told, also of projects that are not watched yet. */
  learn(news: Learned): void;
  /** What look-ups told of credentials, by name. */
  credentials(): readonly CredentialView[];
  /** What Atlas told of a project, without the config's word. */
  learned(projectId: string): Partial<ProjectFacts> | undefined;
}

/** A fleet that watches nothing yet. */
export function createFleet(): Fleet {
  let projects: readonly Project[] = [];
  let watched = new Map<string, SourceView>();
  const facts = new Map<string, Partial<ProjectFacts>>();
  const ofCredentials = new Map<string, Partial<CredentialFacts>>();
  let revision = 0;
  let namesRevision = 0;

  return {
    revision: () => revision,
    namesRevision: () => namesRevision,
    sources: () => watched.values(),
    find: (key) => watched.get(key),
    *projects() {
      for (const project of projects) yield toProjectView(project, facts.get(project.id));
    },
    projectCount: () => projects.length,
    apply(plan, restored) {
      const before = watched;
      revision += 1;
      namesRevision += 1;
      projects = plan.projects;
      watched = new Map(
        plan.sources.map((source) => {
          // One of its own, so that whoever looks can tell it from that of an earlier time.
          const state = before.get(source.key)?.state ?? restored?.get(source.key) ?? { ...unpolled };
          return [source.key, { source, state }];
        }),
      );
      return {
        added: plan.sources.filter(({ key }) => !before.has(key)),
        removed: [...before.values()].flatMap(({ source }) => (watched.has(source.key) ? [] : [source])),
      };
    },
    publish(key, state) {
      const entry = watched.get(key);
      if (!entry) return;
      if (!sameButTimes(entry.state, state)) revision += 1;
      watched.set(key, { source: entry.source, state });
    },
    learn(news) {
      let [isAnother, isAnotherName] = [false, false];
      for (const [projectId, told] of news.projects ?? []) {
        const before: Partial<ProjectFacts> = facts.get(projectId) ?? noFacts;
        const after = withNews(before, told);
        facts.set(projectId, after);
        isAnotherName ||= before.name !== after.name || before.orgId !== after.orgId;
        isAnother ||= before !== after;
      }
      for (const [name, told] of news.credentials ?? [])
        ofCredentials.set(name, withNews(ofCredentials.get(name) ?? noFacts, told));
      if (isAnother) revision += 1;
      if (isAnotherName) namesRevision += 1;
    },
    credentials: () => [...ofCredentials].map(([name, known]) => ({ name, facts: known })),
    learned: (projectId) => facts.get(projectId),
  };
}
