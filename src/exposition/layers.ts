/** What is kept as blocks: projects, what Atlas said of sources, and how their last polls went. */
import { type Blocks, createBlocks, toGroups } from './blocks.ts';
import { projectFamilies, sourceFamilies, toShownSource } from './catalogue.ts';
import { healthFamilies, type ProjectView, type SourceView } from './sources.ts';

export interface Layers {
  readonly projects: Blocks<ProjectView>;
  readonly ledgers: Blocks<SourceView>;
  readonly health: Blocks<SourceView>;
  /** Renders again whatever shows something else than before. */
  update(sources: readonly SourceView[], projects: Iterable<ProjectView>, breathe: () => Promise<void>): Promise<void>;
}

/** With `withErrorText` the label `error_message` is filled in. Apart, because they change apart: a failed poll moves the health of a source, and its ledger stays as it is. */
export function createLayers(withErrorText: boolean): Layers {
  const projects = createBlocks({
    families: projectFamilies,
    show: (project: ProjectView) => project,
    same: sameProject,
  });
  const ledgers = createBlocks({
    families: sourceFamilies,
    show: (view: SourceView) => toShownSource(view, withErrorText),
    same: sameLedger,
  });
  const health = createBlocks({ families: healthFamilies, show: (view: SourceView) => view, same: sameHealth });
  return {
    projects,
    ledgers,
    health,
    async update(sources, named, breathe) {
      // Read before the first pause, as the sources were: what is shown is of one moment.
      const views = [...named];
      const groups = toGroups(sources, ({ source }) => source.projectId);
      await breathe();
      const namedGroups = toGroups(views, ({ id }) => id);
      await projects.update(namedGroups, breathe);
      await ledgers.update(groups, breathe);
      await health.update(groups, breathe);
    },
  };
}

function sameLedger({ source, state }: SourceView, now: SourceView): boolean {
  return (
    state.ledger === now.state.ledger &&
    state.freshness.stale === now.state.freshness.stale &&
    source.key === now.source.key &&
    source.interfaceEndpoints === now.source.interfaceEndpoints
  );
}

function sameHealth({ source, state }: SourceView, now: SourceView): boolean {
  return (
    state.freshness.up === now.state.freshness.up &&
    state.freshness.failure?.reason === now.state.freshness.failure?.reason &&
    source.key === now.source.key &&
    source.credential === now.source.credential
  );
}

function sameProject(a: ProjectView, b: ProjectView): boolean {
  return (
    a.id === b.id &&
    a.name === b.name &&
    a.orgId === b.orgId &&
    a.labels === b.labels &&
    a.regionalMode === b.regionalMode
  );
}
