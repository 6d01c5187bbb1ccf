/** Estates of many projects, made from a few numbers. */
import { createRandom } from '../random.ts';
import type { AtlasWorld } from './atlas-world.ts';
import type { OtherKind } from './model.ts';
import { clouds, type SimulatedConnection, type SimulatedProject } from './model.ts';
import { regionsOf } from './names.ts';
import { otherKinds } from './other-kinds.ts';

export interface Estate {
  readonly projects: number;
  /** In each project. */
  readonly connections: number;
  readonly seed: number;
  /** Clouds in turn; all of them when left out. */
  readonly clouds?: readonly (typeof clouds)[number][];
  /** How many each connection has; one when left out. */
  readonly interfaceEndpoints?: number;
  /** Whether each project has a private endpoint of each of the other kinds too. */
  readonly otherKinds?: boolean;
  /** How many each project has; none when left out. Each needs the regions of the project's connections in turn. */
  readonly clusters?: number;
}

/** Fills the world; nearly everything is well, as in a real estate. Project ids follow from the seed. */
export function seedEstate(world: AtlasWorld, estate: Estate): readonly string[] {
  // The seed is changed, because the world draws from it too: ids of projects would come again as ids of endpoints.
  const random = createRandom(estate.seed ^ 0x5eed);
  const used = estate.clouds ?? clouds;
  // One service a region is all that a project may have without it.
  const regionalMode = used.some((cloud) => regionsOf(cloud).length * used.length < estate.connections);
  return Array.from({ length: estate.projects }, (_, index) => {
    const project = world.addProject({
      id: random.hex(24),
      name: `project-${String(index + 1).padStart(5, '0')}`,
      regionalMode,
    });
    for (let n = 0; n < estate.connections; n++) {
      const cloud = used[n % used.length] ?? 'AWS';
      const troubled = random.next() < 0.01;
      const connection = world.addConnection(project, {
        id: random.hex(24),
        cloud,
        status: troubled ? 'FAILED' : 'AVAILABLE',
        errorMessage: troubled ? 'Failed to create the endpoint service.' : null,
      });
      if (!troubled) attachAll(world, connection, estate.interfaceEndpoints ?? 1);
    }
    if (estate.otherKinds) addOthers(world, project, index);
    for (let n = 0; n < (estate.clusters ?? 0); n++) {
      const connection = project.connections[n % Math.max(1, project.connections.length)];
      world.addCluster(project, `cluster-${n + 1}`, connection && { regions: [connection] });
    }
    return project.id;
  });
}

/** Projects take the clouds of a kind in turn. */
function addOthers(world: AtlasWorld, project: SimulatedProject, index: number): void {
  for (const kind of Object.keys(otherKinds) as OtherKind[]) {
    const { clouds: possible } = otherKinds[kind];
    world.addOtherEndpoint(project, { kind, cloud: possible[index % possible.length] ?? 'AWS' });
  }
}

function attachAll(world: AtlasWorld, connection: SimulatedConnection, count: number): void {
  for (let n = 0; n < count; n++) world.attach(connection);
}
