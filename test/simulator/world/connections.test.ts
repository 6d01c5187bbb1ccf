import { beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../../src/simulator/random.ts';
import { type AtlasWorld, createWorld } from '../../../src/simulator/world/atlas-world.ts';
import { createHistory } from '../../../src/simulator/world/history.ts';
import { regionsOf } from '../../../src/simulator/world/names.ts';
import { seedEstate } from '../../../src/simulator/world/seed.ts';
import { endpointService } from '../../../src/simulator/world/wire.ts';

let world: AtlasWorld;
beforeEach(() => {
  world = createWorld({ history: createHistory(), random: createRandom(1), orgId: 'o', now: () => 0 });
});

test('a project has one service in a region of a cloud, and takes the first free region', () => {
  const project = world.addProject();
  const one = world.addConnection(project);
  const two = world.addConnection(project);
  expect([one.region, two.region]).toEqual(regionsOf('AWS').slice(0, 2));
  expect(() => world.addConnection(project, { region: one.region })).toThrow('turn on its regional mode');
  world.addConnection(project, { cloud: 'GCP', region: one.region });
  world.removeConnection(one);
  expect(world.addConnection(project).region).toBe(one.region);
});

test('with regional mode it has as many as it wants', () => {
  const project = world.addProject({ regionalMode: true });
  const connections = regionsOf('AZURE').map(() => world.addConnection(project, { cloud: 'AZURE' }));
  expect(world.addConnection(project, { cloud: 'AZURE' }).region).toBe(connections[0]?.region);
});

test('an estate turns regional mode on where its projects need it', () => {
  const [few] = seedEstate(world, { projects: 1, connections: 6, seed: 1 });
  const [many] = seedEstate(world, { projects: 1, connections: 60, seed: 2 });
  const modes = [few, many].map((id) => world.projects.get(id ?? '')?.regionalMode);
  expect(modes).toEqual([false, true]);
});

test('other regions that may connect are told', () => {
  const connection = world.addConnection(world.addProject(), { remoteRegions: ['EU_WEST_3'] });
  expect(endpointService(connection)).toMatchObject({ supportedRemoteRegions: ['EU_WEST_3'] });
});
