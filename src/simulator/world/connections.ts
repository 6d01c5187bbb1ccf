/** Connections of the simulated world: endpoint services, in the words of Atlas. */
import type { Random } from '../random.ts';
import type { Mutable, WorldBook } from './book.ts';
import type { Cloud, SimulatedConnection, SimulatedProject } from './model.ts';
import { regionName, regionsOf } from './names.ts';

export interface ConnectionOptions {
  readonly id?: string;
  readonly cloud?: Cloud;
  /** The first one that is free when left out. */
  readonly region?: string;
  /** `AVAILABLE` when left out. Any word will be told as it is. */
  readonly status?: string;
  readonly errorMessage?: string | null;
  /** Whether the link service has a name; by default that follows from the status. */
  readonly built?: boolean;
  readonly portMapped?: boolean;
  /** AWS: other regions that may connect. */
  readonly remoteRegions?: readonly string[];
}

export interface ConnectionActs {
  /** Throws when the project has a service in that region already, as Atlas refuses it, unless regional mode is on. */
  addConnection(project: SimulatedProject, options?: ConnectionOptions): SimulatedConnection;
  removeConnection(connection: SimulatedConnection): void;
  /** AWS only. */
  setRemoteRegions(connection: SimulatedConnection, regions: readonly string[] | null): void;
}

export function createConnectionActs(book: WorldBook, random: Random): ConnectionActs {
  const { projects, connections, present, recordAdded, recordRemoved } = book;
  return {
    addConnection(project, options = {}) {
      const found = present(project);
      const cloud = options.cloud ?? 'AWS';
      const status = options.status ?? 'AVAILABLE';
      const connection: SimulatedConnection = {
        type: 'connection',
        id: options.id ?? random.hex(24),
        projectId: project.id,
        cloud,
        region: regionFor(project, cloud, options.region),
        status,
        errorMessage: options.errorMessage ?? null,
        built: options.built ?? (status !== 'INITIATING' && status !== 'FAILED'),
        portMapped: options.portMapped ?? false,
        remoteRegions: options.remoteRegions ?? null,
        interfaceEndpoints: [],
      };
      if (connections.has(connection.id)) {
        throw new Error(`The simulated world has a connection '${connection.id}' already`);
      }
      connections.set(connection.id, connection);
      found.connections = [...project.connections, connection];
      recordAdded(connection);
      return connection;
    },
    removeConnection(connection) {
      present(connection);
      const project = projects.get(connection.projectId) as Mutable<SimulatedProject>;
      for (const interfaceEndpoint of connection.interfaceEndpoints) {
        recordRemoved(interfaceEndpoint);
      }
      connections.delete(connection.id);
      project.connections = project.connections.filter((other) => other !== connection);
      recordRemoved(connection);
    },
    setRemoteRegions(connection, regions) {
      present(connection).remoteRegions = regions;
    },
  };
}

function regionFor(project: SimulatedProject, cloud: Cloud, wanted: string | undefined): string {
  const mine = project.connections.filter((other) => other.cloud === cloud);
  const isTaken = (region: string) => mine.some((other) => other.region === region);
  const region = wanted ?? regionsOf(cloud).find((name) => !isTaken(name)) ?? regionName(cloud, mine.length);
  if (isTaken(region) && !project.regionalMode) {
    throw new Error(
      `Project '${project.id}' has an endpoint service in ${cloud} ${region} already: turn on its regional mode`,
    );
  }
  return region;
}
