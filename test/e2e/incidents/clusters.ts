/** Eight incidents of clusters, and of links whose statuses are well; each has a project of its own. */
import { sunsetAt } from '../../../src/domain/sunset.ts';
import type { Expected, Incident } from './incidents.ts';
import type { Stage } from './stage.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const day = 86_400;

/** The day that Atlas announced is some months or years away, or over: for these incidents it is worth a warning. */
export function sunsetThresholds(now: number) {
  const left = Math.round((sunsetAt('gcp_not_port_mapped') - now) / 1000);
  return { sunsetInfoSeconds: left + 2 * day, sunsetWarningSeconds: left + day, sunsetCriticalSeconds: left - day };
}

export function ofClusters(stage: Stage): readonly Incident[] {
  const { world } = stage.clusters.simulator;
  const here = (name: string, strike: Made['strike'], expected: (made: Made) => readonly Expected[] = () => []) => {
    const project = world.addProject({ name: name.replaceAll(' ', '-') });
    const connection = world.addConnection(project, { region: 'US_EAST_1' });
    const endpoint = world.attach(connection);
    world.attach(connection);
    const cluster = world.addCluster(project, 'orders', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
    const ids = { atlas_project_id: project.id, org_id: project.orgId };
    const made = { project, connection, endpoint, cluster, ids, strike };
    return {
      ...{ name, job: 'clusters', project: project.id, expected: expected(made) },
      strike: () => strike(made),
    } satisfies Incident;
  };
  const google = (
    name: string,
    portMapped: boolean,
    rest: (made: OnGoogle) => Pick<Incident, 'strike' | 'expected'>,
  ) => {
    const project = world.addProject({ name: name.replaceAll(' ', '-') });
    const connection = world.addConnection(project, { cloud: 'GCP', portMapped });
    const group = world.attach(connection);
    const ids = { atlas_project_id: project.id, org_id: project.orgId };
    return {
      ...{ name, job: 'clusters', project: project.id },
      ...rest({ project, connection, group, ids }),
    } satisfies Incident;
  };
  const lost = ({ ids }: Made, text: string): Expected => ({
    ...{ alert: 'ConnectionStringLost', severity: 'critical', text },
    labels: { ...ids, cluster_name: 'orders' },
  });

  /** Its first link comes up, and Atlas works on the cluster for longer than a missing string may last. */
  const takesItsTime = (): Incident => {
    const project = world.addProject({ name: 'late' });
    const cluster = world.addCluster(project, 'orders', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
    world.withholdStrings(cluster, true);
    return {
      ...{ name: 'Atlas takes its time to give a string', job: 'clusters', project: project.id, expected: [] },
      async strike() {
        world.changeCluster(cluster, { stateName: 'UPDATING' });
        world.attach(world.addConnection(project, { region: 'US_EAST_1' }));
        await wait(8_000);
        world.withholdStrings(cluster, false);
        world.changeCluster(cluster, { stateName: 'IDLE' });
      },
    };
  };

  return [
    here(
      'a region is added to a cluster',
      ({ cluster }) =>
        world.changeCluster(cluster, { regions: [...cluster.regions, { cloud: 'AWS', region: 'EU_CENTRAL_1' }] }),
      (made) => [lost(made, 'without a ready endpoint: AWS EU_CENTRAL_1')],
    ),
    here(
      'a link fails under a cluster',
      ({ connection }) => world.setStatus(connection, 'FAILED'),
      (made) => [
        {
          ...{ alert: 'Failed', severity: 'critical', text: 'Clusters that hang on it: orders.' },
          labels: { ...made.ids, connection_id: made.connection.id },
        },
        lost(made, 'without a ready endpoint: AWS US_EAST_1'),
      ],
    ),
    takesItsTime(),
    here('a cluster is paused', ({ cluster }) => {
      world.withholdStrings(cluster, true);
      world.changeCluster(cluster, { paused: true });
    }),
    here('a cluster is deleted', ({ cluster }) => world.removeCluster(cluster)),
    here(
      'a removal that was asked for',
      async ({ endpoint }) => {
        world.requestDeletion(endpoint);
        await wait(4_000);
        world.detach(endpoint);
      },
      ({ ids, connection, endpoint }) => [
        {
          ...{ alert: 'Deleted', severity: 'info' },
          labels: { ...ids, connection_id: connection.id, interface_endpoint_id: endpoint.id },
        },
      ],
    ),
    google('a legacy link of Google Cloud', true, ({ project, ids }) => ({
      strike: () => void world.attach(world.addConnection(project, { cloud: 'GCP', portMapped: false })),
      expected: [{ alert: 'Sunset', severity: 'warning', labels: ids, text: 'are not port-mapped' }],
    })),
    google('a member of a Google group fails', true, ({ connection, group, ids }) => ({
      strike: () => world.setMember(group, group.members[0]?.name ?? '', 'FAILED'),
      expected: [
        {
          ...{ alert: 'MemberFailed', severity: 'warning', text: 'has members that failed: 1.' },
          labels: { ...ids, connection_id: connection.id, interface_endpoint_id: group.id },
        },
      ],
    })),
  ];
}

type World = Stage['clusters']['simulator']['world'];

interface Made {
  readonly connection: ReturnType<World['addConnection']>;
  readonly endpoint: ReturnType<World['attach']>;
  readonly cluster: ReturnType<World['addCluster']>;
  readonly ids: Readonly<Record<'atlas_project_id' | 'org_id', string>>;
  strike(made: Made): Promise<void> | void;
}

interface OnGoogle extends Pick<Made, 'connection' | 'ids'> {
  readonly project: ReturnType<World['addProject']>;
  readonly group: ReturnType<World['attach']>;
}
