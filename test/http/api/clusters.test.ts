import { expect, test } from 'vitest';
import { type Cluster, unreadableCluster } from '../../../src/domain/cluster.ts';
import type { FleetView } from '../../../src/domain/view.ts';
import { toClustersJson } from '../../../src/http/api/clusters.ts';
import { toObject } from '../../../src/http/api/json.ts';
import { aCluster, aFailure, aString } from '../../support/builders.ts';
import { projectId, viewOfProject } from './view.ts';

const orders = aCluster('orders', { strings: [aString(['vpce-1'])] });

const viewOf = (...polls: readonly (readonly Cluster[])[]) => viewOfProject(polls, { labels: { team: 'billing' } });

const clustersOf = (view: FleetView, query: Partial<Parameters<typeof toClustersJson>[1]> = {}) =>
  toObject(toClustersJson(view, { limit: 10, ...query }));
const namesOf = (clusters: readonly Cluster[], query: Parameters<typeof clustersOf>[1]) =>
  (clustersOf(viewOf(clusters), query) as { clusters: { cluster_name: string }[] }).clusters.map(
    ({ cluster_name }) => cluster_name,
  );

test('one with everything known', () => {
  expect(clustersOf(viewOf([orders]))).toEqual({
    at: '2026-01-01T00:01:30.000Z',
    clusters: [
      {
        atlas_project_id: projectId,
        project_name: `name of ${projectId}`,
        cluster_name: 'orders',
        cluster_type: 'REPLICASET',
        unreadable: null,
        state: 'IDLE',
        paused: false,
        private_connection_strings: 1,
        standing: 'ready',
        reason: 'It has a private connection string',
        regions: [{ cloud_provider: 'AWS', atlas_region: 'US_EAST_1', private_endpoint_ready: true }],
        interface_endpoints: [{ cloud_provider: 'AWS', interface_endpoint_id: 'vpce-1' }],
        string_added_at: null,
        string_removed_at: null,
        as_of: '2026-01-01T00:00:00.000Z',
        stale: false,
      },
    ],
    failing_sources: [],
    next: null,
  });
});

test.each([
  ['that never was', viewOf([unreadableCluster('orders', 'odd')])],
  ['that was before', viewOf([orders], [unreadableCluster('orders', 'odd')])],
])('of one that cannot be read, %s, nothing is told but its name and why', (_, view) => {
  expect(clustersOf(view)).toMatchObject({
    clusters: [
      {
        cluster_name: 'orders',
        unreadable: 'odd',
        standing: 'unreadable',
        state: null,
        paused: null,
        private_connection_strings: null,
        regions: null,
        interface_endpoints: null,
      },
    ],
  });
});

test('never the text or the hosts of a connection string', () => {
  expect(JSON.stringify(clustersOf(viewOf([orders])))).not.toMatch(/pl-0|mongodb:/);
});

test('pages follow one another without a gap', () => {
  const names = ['a', 'a-b', 'aB', 'b', 'c1', 'c10', 'c2'];
  const view = viewOf(names.map((name) => aCluster(name)));
  const found: string[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const page = clustersOf(view, { limit: 2, ...(after !== undefined && { after }) }) as {
      clusters: { cluster_name: string }[];
      next: string | null;
    };
    found.push(...page.clusters.map(({ cluster_name }) => cluster_name));
    after = page.next;
  }
  expect(found).toEqual(names.toSorted());
});

test('are found by project, state and words', () => {
  const list = [orders, aCluster('payments', { state: 'UPDATING' }), unreadableCluster('odd', 'why')];
  expect(namesOf(list, { status: 'updating' })).toEqual(['payments']);
  expect(namesOf(list, { words: 'BILLING vpce-1' })).toEqual(['orders']);
  expect(namesOf(list, { words: 'us_east replica' })).toEqual(['orders', 'payments']);
  expect(namesOf(list, { projectId: '6df264b8f10fab7d2cad2f0d' })).toEqual([]);
});

test('a list that fails is named, and that of links is not', () => {
  const view = viewOf([orders]);
  const failing = view.projects.map((project) => ({
    ...project,
    sources: project.sources.map(({ state, ...rest }) => ({
      ...rest,
      state: { ...state, freshness: { ...state.freshness, up: false, failure: aFailure('forbidden') } },
    })),
  }));
  expect(clustersOf({ ...view, projects: failing })).toMatchObject({
    clusters: [{ cluster_name: 'orders' }],
    failing_sources: [{ kind: 'connection_strings', reason: 'forbidden' }],
  });
});
