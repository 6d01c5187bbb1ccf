/** What is kept as blocks: projects, what Atlas said of sources, and how their last polls went. */

import type { ProjectView, SourceView } from '../domain/view.ts';
import { projectFamilies, sourceFamilies, toShownSource } from '../metrics/catalogue.ts';
import { healthFamilies } from '../metrics/sources.ts';
import { type Blocks, createBlocks, toGroups } from './blocks.ts';
import type { Form } from './piece.ts';

export interface Layers {
  readonly projects: Blocks<ProjectView>;
  readonly ledgers: Blocks<SourceView>;
  readonly health: Blocks<SourceView>;
  /** Renders again whatever shows something else than before, in this form. */
  update(
    sources: readonly SourceView[],
    projects: readonly ProjectView[],
    form: Form,
    breathe: () => Promise<void>,
  ): Promise<void>;
  /** Has the text of each piece, also of those that were only kept deflated. */
  ensureText(): Promise<void>;
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
    async update(sources, named, form, breathe) {
      const groups = toGroups(sources, ({ source }) => source.projectId);
      await breathe();
      const namedGroups = toGroups(named, ({ id }) => id);
      await projects.update(namedGroups, form, breathe);
      await ledgers.update(groups, form, breathe);
      await health.update(groups, form, breathe);
    },
    async ensureText() {
      for (const blocks of [projects, ledgers, health]) await blocks.ensureText();
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
