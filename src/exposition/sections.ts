/** The sections of an exposition, in the order of the catalogue. Families that change together share a section. */

import { listsClusters } from '../domain/status.ts';
import {
  type ClusterListView,
  type ProjectView,
  type RemovedProject,
  type SourceView,
  toClusterLists,
} from '../domain/view.ts';
import { clusterListFamilies, projectFamilies, sourceFamilies, toShownSource } from '../metrics/catalogue.ts';
import { toShownClusters } from '../metrics/clusters.ts';
import { healthFamilies, lastSuccess, projectRemoved } from '../metrics/sources.ts';
import { createBlocks, type Section, toGroups } from './blocks.ts';
import type { Form } from './piece.ts';

/** Everything that the sections show, read at one moment. */
export interface SectionViews {
  readonly sources: readonly SourceView[];
  readonly projects: readonly ProjectView[];
  readonly removedProjects: readonly RemovedProject[];
}

export interface Sections {
  readonly all: readonly Section[];
  /** Renders what differs from before. Without `changed` only success times and tombstones are looked at. */
  update(views: SectionViews, changed: boolean, form: Form, breathe: () => Promise<void>): Promise<void>;
}

const itself = <V>(view: V): V => view;
const never = (): boolean => false;

/**
 * `withErrorText` fills in the label `error_message`. Ledgers and health are two sections, because a failed poll moves the
 * health of a source and leaves its ledger as it is.
 */
export function createSections(withErrorText: boolean): Sections {
  const projects = createBlocks({ families: projectFamilies, show: itself<ProjectView>, same: sameProject });
  const ledgers = createBlocks({
    families: sourceFamilies,
    show: (view: SourceView) => toShownSource(view, withErrorText),
    same: sameLedger,
  });
  const clusters = createBlocks({
    families: clusterListFamilies,
    show: (list: ClusterListView) => toShownClusters(list, withErrorText),
    same: sameClusterList,
  });
  const removed = createBlocks({ families: [projectRemoved], show: itself<RemovedProject>, same: never });
  const health = createBlocks({ families: healthFamilies, show: itself<SourceView>, same: sameHealth });
  const times = createBlocks({ families: [lastSuccess], show: itself<SourceView>, same: never });
  return {
    all: [projects, ledgers, clusters, removed, health, times],
    async update(views, changed, form, breathe) {
      if (changed) {
        const named = toGroups(views.projects, ({ id }) => id);
        await projects.update(named, form, breathe);
        const groups = toGroups(views.sources, ({ source }) => source.projectId);
        await breathe();
        await ledgers.update(groups.map(ofConnections), form, breathe);
        await clusters.update(
          toGroups(toClusterLists(views.sources), ({ source }) => source.projectId),
          form,
          breathe,
        );
        await health.update(groups, form, breathe);
      }
      await removed.update([views.removedProjects], form, breathe);
      await times.update([views.sources], form, breathe);
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

/** Sources whose elements are connections: lists of clusters have families of their own. */
function ofConnections(views: readonly SourceView[]): readonly SourceView[] {
  return views.filter(({ source }) => !listsClusters(source.kind));
}

function sameClusterList(before: ClusterListView, now: ClusterListView): boolean {
  return (
    sameLedger(before, now) &&
    before.links.length === now.links.length &&
    before.links.every((link, index) => sameLedger(link, now.links[index] as SourceView))
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
  return a.id === b.id && a.name === b.name && a.orgId === b.orgId && a.labels === b.labels && a.facts === b.facts;
}
