/** Clusters of the simulated world. Their private connection strings come and go by Atlas' own rule. */
import type { Random } from '../random.ts';
import type { Mutable, WorldBook } from './book.ts';
import type {
  Cloud,
  SimulatedCluster,
  SimulatedInterfaceEndpoint,
  SimulatedManagedString,
  SimulatedProject,
} from './model.ts';

export interface ClusterOptions {
  readonly clusterType?: SimulatedCluster['clusterType'];
  readonly regions?: SimulatedCluster['regions'];
  readonly paused?: boolean;
  /** `IDLE` when left out. Any word will be told as it is. */
  readonly stateName?: string;
}

export interface ClusterActs {
  /** Throws when the project has a cluster of that name already. */
  addCluster(project: SimulatedProject, name: string, options?: ClusterOptions): SimulatedCluster;
  removeCluster(cluster: SimulatedCluster): void;
  /** Changes regions, state or pause. */
  changeCluster(cluster: SimulatedCluster, changes: Omit<ClusterOptions, 'clusterType'>): void;
  /** Atlas gives the cluster no string, whatever the rule says. */
  withholdStrings(cluster: SimulatedCluster, withheld: boolean): void;
  optIntoManagedStrings(project: SimulatedProject): void;
  /** Adds one, or replaces the one of that id. It is `AVAILABLE` unless told otherwise, and opts the project in. */
  putManagedString(cluster: SimulatedCluster, options?: Partial<SimulatedManagedString>): SimulatedManagedString;
  removeManagedString(cluster: SimulatedCluster, string: SimulatedManagedString): void;
}

/** One private connection string, with the interface endpoints that it goes through. */
export interface SimulatedString {
  readonly endpoints: readonly (SimulatedInterfaceEndpoint & { readonly region: string })[];
}

export function createClusterActs({ projects, present }: WorldBook, random: Random): ClusterActs {
  const listed = (cluster: SimulatedCluster): Mutable<SimulatedCluster> => {
    if (projects.get(cluster.projectId)?.clusters.includes(cluster)) return cluster;
    throw new Error(`Cluster '${cluster.name}' is not in the simulated world (any more)`);
  };
  return {
    addCluster(project, name, { clusterType = 'REPLICASET', regions, paused = false, stateName = 'IDLE' } = {}) {
      const found = present(project);
      if (project.clusters.some((other) => other.name === name)) {
        throw new Error(`Project '${project.id}' has a cluster '${name}' already`);
      }
      const cluster: SimulatedCluster = {
        id: random.hex(24),
        projectId: project.id,
        name,
        clusterType,
        stateName,
        paused,
        regions: regions ?? [{ cloud: 'AWS', region: 'US_EAST_1' }],
        suffix: random.hex(5),
        withheld: false,
        coveredSince: null,
        managed: [],
      };
      found.clusters = [...project.clusters, cluster];
      return cluster;
    },
    removeCluster(cluster) {
      listed(cluster);
      const project = projects.get(cluster.projectId) as Mutable<SimulatedProject>;
      project.clusters = project.clusters.filter((other) => other !== cluster);
    },
    changeCluster(cluster, changes) {
      Object.assign(listed(cluster), changes);
    },
    withholdStrings(cluster, withheld) {
      listed(cluster).withheld = withheld;
    },
    optIntoManagedStrings(project) {
      present(project).managedStrings = true;
    },
    putManagedString(cluster, options = {}) {
      const found = listed(cluster);
      (projects.get(cluster.projectId) as Mutable<SimulatedProject>).managedStrings = true;
      const string: SimulatedManagedString = {
        ...{ connectionStringId: random.hex(24), name: cluster.name, status: 'AVAILABLE', errorMessage: null },
        ...{ privateEndpointIds: [], deleteRequested: false, ...options },
      };
      found.managed = [...withoutString(cluster, string), string];
      return string;
    },
    removeManagedString(cluster, string) {
      listed(cluster).managed = withoutString(cluster, string);
    },
  };
}

function withoutString({ managed }: SimulatedCluster, { connectionStringId: id }: SimulatedManagedString) {
  return managed.filter(({ connectionStringId }) => connectionStringId !== id);
}

/**
 * The private connection strings that Atlas gives now. There are none unless every region has a ready service with a ready
 * interface endpoint, and for `delayMs` after that began. A sharded cluster over several regions has a string for each
 * region when regional mode is on.
 */
export function stringsOf(
  project: SimulatedProject,
  cluster: SimulatedCluster,
  { now, delayMs }: { readonly now: number; readonly delayMs: number },
): readonly SimulatedString[] {
  const perRegion = cluster.regions.map(({ cloud, region }) => endpointsIn(project, cloud, region));
  const covered = perRegion.length > 0 && perRegion.every((endpoints) => endpoints.length > 0);
  const remembered: Mutable<SimulatedCluster> = cluster;
  remembered.coveredSince = covered ? (cluster.coveredSince ?? now) : null;
  if (cluster.withheld || cluster.coveredSince === null || now - cluster.coveredSince < delayMs) return [];
  if (project.regionalMode && cluster.clusterType !== 'REPLICASET') {
    return perRegion.map((endpoints) => ({ endpoints: endpoints.slice(0, 1) }));
  }
  return [{ endpoints: perRegion.flatMap((endpoints) => endpoints.slice(0, 1)) }];
}

function endpointsIn(project: SimulatedProject, cloud: Cloud, region: string): SimulatedString['endpoints'] {
  return project.connections
    .filter((service) => service.cloud === cloud && service.region === region && service.status === 'AVAILABLE')
    .flatMap((service) => service.interfaceEndpoints)
    .filter(({ status }) => status === 'AVAILABLE')
    .map((endpoint) => ({ ...endpoint, region }));
}
