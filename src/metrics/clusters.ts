/** The families of clusters, and of what private endpoints mean for them. */

import { namesInMessages } from '../domain/change.ts';
import { type Cluster, type ClusterHistory, clusterStates, stringChanges } from '../domain/cluster.ts';
import { clusterFacts } from '../domain/cluster-standing.ts';
import { byKey } from '../domain/keys.ts';
import { OTHER, shownStatus } from '../domain/status.ts';
import type { ClusterListView } from '../domain/view.ts';
import { changeHelp, type Family, stateHelp, toSeconds } from './family.ts';
import { type ShownError, toShownError } from './subject.ts';

/** A cluster with everything that is shown of it, derived once for all families. */
export interface ShownCluster {
  /** Values of the labels that all its families share. */
  readonly labels: readonly string[];
  /** As of the last poll; null when it is gone, could not be read, or its list is stale. */
  readonly cluster: Cluster | null;
  /** Whether Atlas lists it and the last poll could not read what Atlas says of it. */
  readonly unreadable: boolean;
  readonly history: ClusterHistory;
  /** Why Atlas could not make a managed string, while the cluster has none; null when it did not fail. */
  readonly error: ShownError | null;
  /** Cloud and id of each interface endpoint that a private connection string goes through, none twice. */
  readonly endpoints: readonly (readonly [cloudProvider: string, id: string])[];
  /** Cloud, region and whether it is ready, where that is known. */
  readonly regions: readonly (readonly [cloudProvider: string, region: string, ready: boolean])[];
}

/**
 * Every cluster that the ledger knows, in the order of names; clusters that are gone are included. Without `withErrorText`
 * the label `error_message` stays empty.
 */
export function toShownClusters(list: ClusterListView, withErrorText: boolean): readonly ShownCluster[] {
  const { source, state } = list;
  const isKnown = namesInMessages(...list.links.flatMap((link) => link.state.ledger?.snapshot ?? []));
  const standing = byKey(state.freshness.stale ? [] : clusterFacts(list), ({ cluster }) => cluster.name);
  return (state.ledger?.clusters ?? []).map((history): ShownCluster => {
    const found = standing.get(history.name);
    const labels = [source.projectId, history.name];
    const unreadable = found?.cluster.unreadable !== undefined;
    if (!found || unreadable)
      return { labels, history, unreadable, error: null, cluster: null, endpoints: [], regions: [] };
    return {
      labels,
      history,
      unreadable,
      error: toShownError(found.cluster.managed?.failed ?? null, isKnown, withErrorText),
      cluster: found.cluster,
      endpoints: found.endpoints.map(({ cloudProvider, id }) => [cloudProvider, id] as const),
      regions: found.regions.flatMap(({ cloudProvider, region, ready }) =>
        ready === null ? [] : [[cloudProvider, region, ready] as const],
      ),
    };
  });
}

const labels = ['atlas_project_id', 'cluster_name'] as const;
const states = [...clusterStates, OTHER];

export const clusterFamilies: readonly Family<ShownCluster>[] = [
  {
    name: 'mongodb_atlas_cluster_info',
    help: stateHelp('A cluster of a watched project; always 1', 'Atlas API'),
    type: 'gauge',
    labels: [...labels, 'cluster_type'],
    samples({ labels, cluster }, emit) {
      if (cluster) emit(labels, 1, cluster.type);
    },
  },
  {
    name: 'mongodb_atlas_cluster_unreadable',
    help: stateHelp(
      '1 while Atlas lists the cluster and what it says of it cannot be read, else absent; its other state is not shown then',
      'Atlas API',
    ),
    type: 'gauge',
    labels,
    samples({ labels, unreadable }, emit) {
      if (unreadable) emit(labels, 1);
    },
  },
  {
    name: 'mongodb_atlas_cluster_state',
    help: stateHelp('1 for the present state of the cluster, 0 for the others', 'Atlas API field stateName'),
    type: 'gauge',
    labels: [...labels, 'state'],
    samples({ labels, cluster }, emit) {
      if (!cluster) return;
      const present = shownStatus(states, cluster.state ?? '');
      for (const state of states) emit(labels, state === present ? 1 : 0, state);
    },
  },
  {
    name: 'mongodb_atlas_cluster_paused',
    help: stateHelp('1 while the cluster is paused, else 0', 'Atlas API field paused'),
    type: 'gauge',
    labels,
    samples({ labels, cluster }, emit) {
      if (cluster) emit(labels, cluster.paused ? 1 : 0);
    },
  },
  {
    name: 'mongodb_atlas_cluster_private_connection_strings',
    help: stateHelp(
      'How many private connection strings Atlas gives for the cluster',
      'Atlas API field connectionStrings.privateEndpoint',
    ),
    type: 'gauge',
    labels,
    samples({ labels, cluster }, emit) {
      if (cluster) emit(labels, cluster.strings.length);
    },
  },
  {
    name: 'mongodb_atlas_cluster_private_connection_strings_pending',
    help: stateHelp(
      'How many managed private connection strings Atlas is making for the cluster, which has none; absent for none',
      'Atlas API field status of privateEndpointConnectionStrings',
    ),
    type: 'gauge',
    labels,
    samples({ labels, cluster }, emit) {
      const pending = cluster?.managed?.pending ?? 0;
      if (pending > 0) emit(labels, pending);
    },
  },
  {
    name: 'mongodb_atlas_cluster_private_connection_string_error_info',
    help: stateHelp(
      'Why Atlas could not make a managed private connection string for the cluster, which has none; 1, and only there then',
      'Atlas API field errorMessage of privateEndpointConnectionStrings',
    ),
    type: 'gauge',
    labels: [...labels, 'error_class', 'error_digest', 'error_message'],
    samples({ labels, error }, emit) {
      if (error) emit([...labels, error.class, error.digest, error.text], 1);
    },
  },
  {
    name: 'mongodb_atlas_cluster_interface_endpoint_info',
    help: stateHelp(
      'An interface endpoint that a private connection string of the cluster goes through; always 1',
      'Atlas API field connectionStrings.privateEndpoint.endpoints',
    ),
    type: 'gauge',
    labels: [...labels, 'cloud_provider', 'interface_endpoint_id'],
    samples({ labels, endpoints }, emit) {
      for (const endpoint of endpoints) emit([...labels, ...endpoint], 1);
    },
  },
  {
    name: 'mongodb_atlas_cluster_region_private_endpoint_ready',
    help: stateHelp(
      'Whether a ready connection in this region of the cluster has a ready interface endpoint: 1 or 0',
      'Atlas API field regionConfigs, and the private endpoints of the project',
    ),
    type: 'gauge',
    labels: [...labels, 'cloud_provider', 'atlas_region'],
    samples({ labels, regions }, emit) {
      for (const [cloudProvider, region, ready] of regions) emit([...labels, cloudProvider, region], ready ? 1 : 0);
    },
  },
  {
    name: 'mongodb_atlas_cluster_private_connection_string_changes_total',
    help: changeHelp('How often a private connection string of the cluster was added or removed'),
    type: 'counter',
    labels: [...labels, 'change'],
    samples({ labels, history }, emit) {
      for (const change of stringChanges) emit(labels, history.stringChanges[change] ?? 0, change);
    },
  },
  {
    name: 'mongodb_atlas_cluster_private_connection_string_last_change_timestamp_seconds',
    help: changeHelp(
      'When a private connection string of the cluster was last added or removed, as a Unix time; 0 for never',
    ),
    type: 'gauge',
    labels: [...labels, 'change'],
    samples({ labels, history }, emit) {
      for (const change of stringChanges) emit(labels, toSeconds(history.stringChangedAt[change] ?? 0), change);
    },
  },
  {
    name: 'mongodb_atlas_cluster_removed_timestamp_seconds',
    help: changeHelp('When the cluster was seen gone, as a Unix time; only of what is gone, for a while'),
    type: 'gauge',
    labels,
    samples({ labels, history }, emit) {
      if (history.goneAt !== null) emit(labels, toSeconds(history.goneAt.wall));
    },
  },
];
