/** Families of sources and of their projects. */

import { connectionStatuses, shownStatus } from '../domain/status.ts';
import type { ProjectView, RemovedProject, SourceView } from '../domain/view.ts';
import {
  changeHelp,
  exporterHelp,
  type Family,
  sourceLabels,
  sourceLabelValues,
  stateHelp,
  toSeconds,
} from './family.ts';

export const projectInfo: Family<ProjectView> = {
  name: 'mongodb_atlas_project_info',
  help: stateHelp('A project that is watched; always 1', 'config, else Atlas API'),
  type: 'gauge',
  labels: ['atlas_project_id', 'project_name', 'org_id'],
  samples({ id, name, orgId, labels }, emit) {
    emit([id, name, orgId], 1, null, labels);
  },
};

/** Regional mode is looked up once an hour in projects with clusters; no poll tells it. */
export const projectRegionalMode: Family<ProjectView> = {
  name: 'mongodb_atlas_project_regional_mode',
  help: '1 when the project is in regional mode, else 0; absent until it was looked up. Source: Atlas API field enabled, as of the last successful look-up',
  type: 'gauge',
  labels: ['atlas_project_id'],
  samples({ id, facts: { regionalMode = null } }, emit) {
    if (regionalMode !== null) emit([id], regionalMode ? 1 : 0);
  },
};

export const projectRemoved: Family<RemovedProject> = {
  name: 'mongodb_atlas_project_removed_timestamp_seconds',
  help: changeHelp('When discovery no longer listed the project, as a Unix time; only of such projects, for a while'),
  type: 'gauge',
  labels: ['atlas_project_id'],
  samples({ id, removedAt }, emit) {
    emit([id], toSeconds(removedAt));
  },
};

export const connectionsByStatus: Family<SourceView> = {
  name: 'mongodb_atlas_private_endpoint_connections',
  help: stateHelp('How many connections are in the status', 'Atlas API field status'),
  type: 'gauge',
  labels: [...sourceLabels, 'status'],
  samples({ source, state: { ledger, freshness } }, emit) {
    if (!ledger || freshness.stale) return;
    const statuses = connectionStatuses(source.kind);
    const shown = ledger.snapshot.connections.flatMap(({ status, unreadable }) =>
      status === null || unreadable !== undefined ? [] : shownStatus(statuses, status),
    );
    const labels = sourceLabelValues(source);
    for (const status of statuses) emit(labels, shown.filter((word) => word === status).length, status);
  },
};

type Count = 'added' | 'removed' | 'interfaceEndpointsAdded' | 'interfaceEndpointsRemoved';

/** A counter of a source: it is there from the start of the watch, from 0. */
function total(name: string, what: string, count: Count): Family<SourceView> {
  return {
    name: `mongodb_atlas_private_endpoint_${name}_total`,
    help: changeHelp(what),
    type: 'counter',
    labels: sourceLabels,
    samples({ source, state }, emit) {
      emit(sourceLabelValues(source), state.ledger?.[count] ?? 0);
    },
  };
}

export const sourceTotals: readonly Family<SourceView>[] = [
  total('connections_added', 'How many connections appeared', 'added'),
  total('connections_removed', 'How many connections went', 'removed'),
  total('interface_endpoints_added', 'How many interface endpoints appeared', 'interfaceEndpointsAdded'),
  total('interface_endpoints_removed', 'How many interface endpoints went', 'interfaceEndpointsRemoved'),
];

/** Families of the health of a source: they change when polls begin to fail, or to succeed. */
export const healthFamilies: readonly Family<SourceView>[] = [
  {
    name: 'mongodb_atlas_exporter_source_up',
    help: exporterHelp('1 if the last poll of the source succeeded, else 0'),
    type: 'gauge',
    labels: sourceLabels,
    samples({ source, state }, emit) {
      emit(sourceLabelValues(source), state.freshness.up ? 1 : 0);
    },
  },
  {
    name: 'mongodb_atlas_exporter_source_failure',
    help: exporterHelp('Why the last poll of the source failed; 1, and only there while it is so'),
    type: 'gauge',
    labels: [...sourceLabels, 'credential', 'reason'],
    samples({ source, state: { freshness } }, emit) {
      if (freshness.failure) emit([...sourceLabelValues(source), source.credential, freshness.failure.reason], 1);
    },
  },
];

/** The one family that changes with every poll. */
export const lastSuccess: Family<SourceView> = {
  name: 'mongodb_atlas_exporter_source_last_success_timestamp_seconds',
  help: exporterHelp('When the source was last polled successfully, as a Unix time; 0 for never'),
  type: 'gauge',
  labels: sourceLabels,
  samples({ source, state }, emit) {
    emit(sourceLabelValues(source), toSeconds(state.freshness.lastSuccess?.wall ?? 0));
  },
};
