import { beforeEach, describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/simulator/random.ts';
import { type AtlasWorld, createWorld } from '../../../src/simulator/world/atlas-world.ts';
import { stringsOf } from '../../../src/simulator/world/clusters.ts';
import { createHistory } from '../../../src/simulator/world/history.ts';
import type { SimulatedCluster, SimulatedProject } from '../../../src/simulator/world/model.ts';
import { clusterAnswer } from '../../../src/simulator/world/wire.ts';

let now: number;
let world: AtlasWorld;
let project: SimulatedProject;
const regions = [
  { cloud: 'AWS', region: 'US_EAST_1' },
  { cloud: 'AWS', region: 'EU_WEST_1' },
] as const;

beforeEach(() => {
  now = 0;
  const parts = { history: createHistory(), random: createRandom(1), orgId: '65f00a1b2c3d4e5f60718290' };
  world = createWorld({ ...parts, now: () => now });
  project = world.addProject();
});

const strings = (cluster: SimulatedCluster, delayMs = 0) => stringsOf(project, cluster, { now, delayMs });

function link(region: string) {
  const connection = world.addConnection(project, { region });
  return world.attach(connection);
}

describe('a private connection string', () => {
  test('exists only while every region has a ready endpoint', () => {
    const cluster = world.addCluster(project, 'orders', { regions });
    const first = link('US_EAST_1');
    expect(strings(cluster)).toEqual([]);
    const second = link('EU_WEST_1');
    expect(strings(cluster).map(({ endpoints }) => endpoints.map(({ id }) => id))).toEqual([[first.id, second.id]]);
    world.setStatus(second, 'FAILED');
    expect(strings(cluster)).toEqual([]);
    world.setStatus(second, 'AVAILABLE');
    world.requestDeletion(second);
    world.detach(second);
    expect(strings(cluster)).toEqual([]);
  });

  test('comes some time after the last region got its endpoint, and goes at once', () => {
    const cluster = world.addCluster(project, 'orders');
    const endpoint = link('US_EAST_1');
    expect(strings(cluster, 60_000)).toEqual([]);
    now = 59_999;
    expect(strings(cluster, 60_000)).toEqual([]);
    now = 60_000;
    expect(strings(cluster, 60_000)).toHaveLength(1);
    world.setStatus(endpoint, 'REJECTED');
    expect(strings(cluster, 60_000)).toEqual([]);
  });

  test('is withheld where a scene wants it, and goes when a region is added', () => {
    const cluster = world.addCluster(project, 'orders');
    link('US_EAST_1');
    world.withholdStrings(cluster, true);
    expect(strings(cluster)).toEqual([]);
    world.withholdStrings(cluster, false);
    expect(strings(cluster)).toHaveLength(1);
    world.changeCluster(cluster, { regions, stateName: 'UPDATING' });
    expect(strings(cluster)).toEqual([]);
  });

  test('of a sharded cluster is one for each region while regional mode is on', () => {
    const cluster = world.addCluster(project, 'orders', { regions, clusterType: 'SHARDED' });
    link('US_EAST_1');
    link('EU_WEST_1');
    expect(strings(cluster)).toHaveLength(1);
    world.setRegionalMode(project, true);
    expect(strings(cluster)).toHaveLength(2);
  });

  test('names an endpoint as it is spelled now', () => {
    const cluster = world.addCluster(project, 'orders', { regions: [{ cloud: 'AZURE', region: 'US_EAST_2' }] });
    const endpoint = world.attach(world.addConnection(project, { cloud: 'AZURE', region: 'US_EAST_2' }));
    world.respell(endpoint, endpoint.id.toUpperCase());
    const answer = clusterAnswer(project, cluster, strings(cluster));
    expect(JSON.stringify(answer)).toContain(endpoint.id.toUpperCase());
  });
});

test('a cluster answers in the shape of Atlas: no key for what is not there', () => {
  const cluster = world.addCluster(project, 'orders');
  expect(clusterAnswer(project, cluster, []).connectionStrings).not.toHaveProperty('privateEndpoint');
  world.changeCluster(cluster, { stateName: 'CREATING' });
  expect(clusterAnswer(project, cluster, []).connectionStrings).toEqual({});
});

test('a cluster is made once, and one that is gone is not changed', () => {
  const cluster = world.addCluster(project, 'orders');
  expect(() => world.addCluster(project, 'orders')).toThrow("has a cluster 'orders' already");
  world.removeCluster(cluster);
  expect(project.clusters).toEqual([]);
  expect(() => world.changeCluster(cluster, { paused: true })).toThrow('not in the simulated world');
});

test('a project keeps its id when it is renamed', () => {
  world.renameProject(project, 'payments-prod');
  expect(world.projects.get(project.id)?.name).toBe('payments-prod');
});
