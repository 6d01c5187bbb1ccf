/** Projects of the simulated world. */
import type { Random } from '../random.ts';
import type { WorldBook } from './book.ts';
import type { SimulatedLimit, SimulatedProject } from './model.ts';

export interface ProjectOptions {
  readonly id?: string;
  readonly name?: string;
  readonly orgId?: string;
  readonly regionalMode?: boolean;
}

export interface ProjectActs {
  addProject(options?: ProjectOptions): SimulatedProject;
  renameProject(project: SimulatedProject, name: string): void;
  setRegionalMode(project: SimulatedProject, enabled: boolean): void;
  setLimits(project: SimulatedProject, limits: readonly SimulatedLimit[]): void;
  /** Afterwards Atlas answers 404 `GROUP_NOT_FOUND`; its connections are not counted as removed. */
  removeProject(project: SimulatedProject): void;
}

const usualLimits: readonly SimulatedLimit[] = [
  {
    name: 'atlas.project.deployment.nodesPerPrivateLinkRegion',
    value: 50,
    currentUsage: 6,
    defaultLimit: 50,
    maximumLimit: 90,
  },
  {
    name: 'atlas.project.deployment.privateServiceConnectionsPerRegionGroup',
    value: 50,
    currentUsage: 3,
    defaultLimit: 50,
    maximumLimit: 100,
  },
  { name: 'atlas.project.security.databaseAccess.users', value: 100, currentUsage: 12, defaultLimit: 100 },
];

export function createProjectActs(book: WorldBook, random: Random, orgId: string): ProjectActs {
  const { projects, connections, present, recordProject, recordEvent } = book;
  return {
    addProject(options = {}) {
      const id = options.id ?? random.hex(24);
      if (projects.has(id)) throw new Error(`The simulated world has a project '${id}' already`);
      const project: SimulatedProject = {
        id,
        name: options.name ?? `project-${id.slice(0, 6)}`,
        orgId: options.orgId ?? orgId,
        created: book.now(),
        regionalMode: options.regionalMode ?? false,
        managedStrings: false,
        limits: usualLimits,
        connections: [],
        otherEndpoints: [],
        clusters: [],
      };
      projects.set(id, project);
      recordProject(project, 'added');
      return project;
    },
    renameProject(project, name) {
      present(project).name = name;
    },
    setRegionalMode(project, enabled) {
      present(project).regionalMode = enabled;
      recordEvent(project.id, `REGIONALIZED_PRIVATE_ENDPOINT_MODE_${enabled ? 'ENABLED' : 'DISABLED'}`);
    },
    setLimits(project, limits) {
      present(project).limits = limits;
    },
    removeProject(project) {
      present(project);
      projects.delete(project.id);
      for (const { id } of project.connections) connections.delete(id);
      recordProject(project, 'removed');
    },
  };
}
