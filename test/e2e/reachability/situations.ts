/** Nine situations: each with a project of its own, and what has to fire because of it. */
import { effects } from '../../../src/simulator/faults.ts';
import type { Simulator } from '../../../src/simulator/simulator.ts';
import type { SimulatedProject } from '../../../src/simulator/world/model.ts';
import type { Network, Nodes } from './nodes.ts';

export interface Expected {
  /** Without `AtlasPrivateEndpoint`. */
  readonly alert: string;
  readonly severity: 'critical' | 'warning' | 'info';
  /** Labels that it has, among others; undefined: it has none of that name. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** What its description says, among other things. */
  readonly text?: string;
}

export interface Situation {
  readonly name: string;
  readonly projects: readonly SimulatedProject[];
  readonly expected: readonly Expected[];
  strike(): Promise<void> | void;
}

/** What fires once the prober is gone, by the words of docs/alerts.md. */
export const atTheEnd = 'the prober stops at the end';

const east = { cloud: 'AWS', region: 'US_EAST_1' } as const;
const west = { cloud: 'AWS', region: 'US_WEST_2' } as const;

interface Furnished {
  readonly project: SimulatedProject;
  readonly endpoint: string;
  readonly nodes: Nodes;
}

/** A project with a cluster that is reached through an interface endpoint in each of its regions. */
async function furnish(
  { world }: Simulator,
  network: Network,
  name: string,
  regions: readonly { readonly cloud: 'AWS'; readonly region: string }[] = [east],
): Promise<Furnished> {
  const project = world.addProject({ name });
  const endpoints = regions.map(({ region }) => world.attach(world.addConnection(project, { region })));
  const cluster = world.addCluster(project, `c-${name}`, { regions });
  const nodes = await network.add(`pl-0-${cluster.name}.${cluster.suffix}.mongodb.net`);
  return { project, endpoint: endpoints[0]?.id ?? '', nodes };
}

/** The first eight are of one exporter; the shards have a simulator of their own. */
export async function createSituations(
  fleet: Simulator,
  shards: Simulator,
  network: Network,
  prober: () => string,
): Promise<readonly Situation[]> {
  const here = (name: string) => furnish(fleet, network, name);
  const on = ({ project, endpoint }: Furnished) => ({
    ...{ atlas_project_id: project.id, org_id: project.orgId, prober: prober(), project_name: undefined },
    ...{ cloud_provider: 'AWS', atlas_region: 'US_EAST_1', interface_endpoint_id: endpoint, cluster_name: undefined },
  });
  const well = await here('well');
  const closed = await here('closed');
  const nameless = await here('nameless');
  const other = await here('other');
  const ending = await here('ending');
  const plain = await here('plain');
  const failed = await here('failed');
  const two = await furnish(fleet, network, 'two', [east, west]);
  const sharded: Furnished[] = [];
  for (let index = 0; index < 8; index += 1) sharded.push(await furnish(shards, network, `s${index}`));
  const [ofShard] = sharded as [Furnished];

  const of = ({ project }: Furnished, rest: Omit<Situation, 'projects'>): Situation => ({
    projects: [project],
    ...rest,
  });
  return [
    of(well, { name: 'all well', strike: () => {}, expected: [] }),
    of(closed, {
      name: 'port closed',
      strike: () => closed.nodes.closeOne(),
      expected: [
        { alert: 'Unreachable', severity: 'critical', labels: on(closed), text: 'c-closed, 1 where the port does not' },
      ],
    }),
    of(nameless, {
      name: 'DNS gone',
      strike: () => nameless.nodes.forget(),
      expected: [
        { alert: 'Unreachable', severity: 'critical', labels: on(nameless), text: 'c-nameless, 3 whose name does not' },
      ],
    }),
    of(other, {
      name: 'TLS of another host',
      strike: () => other.nodes.show(['elsewhere.example']),
      expected: [{ alert: 'TlsFailing', severity: 'warning', labels: on(other), text: 'Clusters: c-other.' }],
    }),
    of(ending, {
      name: 'certificate that ends',
      strike: () => ending.nodes.show([ending.nodes.host], 5),
      expected: [{ alert: 'CertificateEnds', severity: 'warning', labels: on(ending), text: 'ends in 4d 23h' }],
    }),
    of(plain, {
      name: 'port without TLS',
      strike: () => plain.nodes.goSilent(),
      expected: [{ alert: 'TlsFailing', severity: 'warning', labels: on(plain), text: 'Clusters: c-plain.' }],
    }),
    of(failed, {
      name: 'endpoint FAILED while the port answers',
      strike() {
        // Atlas gives the string up as soon as it sees it: the list of clusters is the one from before.
        const clusters = ({ operation, projectId }: { operation: string; projectId: string | null }) =>
          operation === 'v2.clusters' && projectId === failed.project.id;
        fleet.faults.add(effects.error(500, 'UNEXPECTED_ERROR'), clusters);
        const [connection] = failed.project.connections;
        const [endpoint] = connection?.interfaceEndpoints ?? [];
        if (!endpoint) throw new Error('The project has no interface endpoint');
        fleet.world.setStatus(endpoint, 'FAILED');
      },
      expected: [
        { alert: 'Failed', severity: 'critical', labels: { interface_endpoint_id: failed.endpoint } },
        { alert: 'ReachableThoughBroken', severity: 'info', labels: on(failed), text: '(3 hosts and ports)' },
      ],
    }),
    {
      name: 'four shards',
      projects: sharded.map(({ project }) => project),
      strike: () => ofShard.nodes.closeOne(),
      expected: [{ alert: 'Unreachable', severity: 'critical', labels: { ...on(ofShard), job: 'shards' } }],
    },
    of(two, {
      name: 'a string over two endpoints',
      strike: () => two.nodes.closeOne(),
      expected: [
        {
          ...{ alert: 'Unreachable', severity: 'critical' },
          labels: {
            ...on(two),
            ...{ interface_endpoint_id: undefined, cloud_provider: undefined, atlas_region: undefined },
            cluster_name: 'c-two',
          },
        },
      ],
    }),
  ];
}
