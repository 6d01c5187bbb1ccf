/** Atlas' managed private connection strings, from the simulator to metrics, page and JSON, with and without their kind. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { SimulatedCluster, SimulatedProject } from '../../src/simulator/world/model.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../support/daemon.ts';

let simulator: Simulator;
let project: SimulatedProject;
let orders: SimulatedCluster;
const message = 'vpce-0a1b2c3d4e5f60799 is gone: make the string anew.';
const polls = (kinds: string) =>
  `poll: {schedule: "* * * * * *", slowSchedule: "* * * * * *", spread: 0s, fastSchedule: false, kinds: [${kinds}]}`;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ name: 'payments' });
  orders = simulator.world.addCluster(project, 'orders');
  simulator.world.withholdStrings(orders, true);
});
afterEach(() => simulator[Symbol.asyncDispose]());

interface Told {
  readonly standing: string;
  readonly reason: string;
  readonly private_connection_strings: number;
}
async function clusterOf(daemon: Daemon): Promise<Told | undefined> {
  const answer = (await (await daemon.get('/api/v1/clusters')).json()) as { clusters: readonly Told[] };
  return answer.clusters[0];
}
const stands = (daemon: Daemon, standing: string) =>
  daemon.until(standing, async () => (await clusterOf(daemon))?.standing === standing);
const family = async (daemon: Daemon, name: string) =>
  Object.entries(await daemon.series()).filter(([series]) => series.startsWith(`mongodb_atlas_cluster_${name}{`));

test('without the kind, a cluster whose endpoints are ready is asked before it is said to lack its string', async () => {
  const { world } = simulator;
  world.attach(world.addConnection(project, { region: 'US_EAST_1' }));
  await using daemon = await startDaemon(
    simulatorConfig(simulator.url, [project.id], polls('cluster, connection_strings')),
  );
  // A project that has not opted in.
  await stands(daemon, 'no_connection_string');
  const pending = world.putManagedString(orders, { status: 'PENDING' });
  await stands(daemon, 'updating');
  expect(await family(daemon, 'private_connection_strings_pending')).toMatchObject([[expect.any(String), 1]]);
  world.putManagedString(orders, { ...pending, status: 'FAILED', errorMessage: message });
  await stands(daemon, 'no_connection_string');
  expect((await clusterOf(daemon))?.reason).toContain(`Atlas could not make the managed one: ${message}`);
  expect(await (await daemon.get(`/projects/${project.id}`)).text()).toContain(message);
  expect(await family(daemon, 'private_connection_strings_pending')).toEqual([]);
  const [[error = ''] = []] = await family(daemon, 'private_connection_string_error_info');
  expect(error).toContain(`error_message="${message}"`);
  world.putManagedString(orders, { ...pending, status: 'AVAILABLE' });
  await stands(daemon, 'ready');
  expect(await clusterOf(daemon)).toMatchObject({ private_connection_strings: 1 });
  expect(await family(daemon, 'private_connection_string_error_info')).toEqual([]);
  world.removeManagedString(orders, pending);
  await stands(daemon, 'connection_string_lost');
});

test('where no endpoint is in its regions nobody asks for it', async () => {
  simulator.world.attach(simulator.world.addConnection(project, { region: 'EU_WEST_1' }));
  await using daemon = await startDaemon(
    simulatorConfig(simulator.url, [project.id], polls('cluster, connection_strings')),
  );
  await stands(daemon, 'no_endpoint');
  simulator.forgetRequests();
  await daemon.until('another list', async () =>
    simulator.requests.some(({ operation }) => operation === 'v2.clusters'),
  );
  expect(simulator.requests.filter(({ operation }) => operation === 'v2.managedStrings')).toEqual([]);
});

test('with the kind, a record is a connection whose message and changes are told; a project that has not opted in is not supported', async () => {
  await using daemon = await startDaemon(
    simulatorConfig(simulator.url, [project.id], polls('managed_connection_strings')),
  );
  const failing = 'mongodb_atlas_exporter_source_failure{';
  await daemon.until('a refusal', async () =>
    Object.keys(await daemon.series()).some((name) => name.startsWith(failing) && name.includes('"not_supported"')),
  );
  const { world } = simulator;
  world.optIntoManagedStrings(project);
  await daemon.until('an empty list', async () =>
    Object.entries(await daemon.series()).some(
      ([name, value]) => name.startsWith('mongodb_atlas_exporter_source_up{') && value === 1,
    ),
  );
  const made = world.putManagedString(orders, { status: 'PENDING', privateEndpointIds: ['vpce-1'] });
  world.putManagedString(orders, made);
  const status = async () => {
    const { connections } = (await (await daemon.get('/api/v1/connections')).json()) as {
      connections: readonly { readonly status: string; readonly endpoint_service_name: string }[];
    };
    return connections.map((one) => `${one.endpoint_service_name} ${one.status}`);
  };
  await daemon.until('a record', async () => `${await status()}` === 'orders PENDING');
  world.putManagedString(orders, { ...made, status: 'FAILED', errorMessage: message });
  await daemon.until('a failure', async () => `${await status()}` === 'orders FAILED');
  const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: readonly object[] };
  expect(changes).toMatchObject([
    { type: 'added', kind: 'managed_connection_strings', to: 'PENDING' },
    { type: 'added', interface_endpoint_id: 'vpce-1' },
    { type: 'status', from: 'PENDING', to: 'FAILED' },
    { type: 'error_message', change: 'set', to: message },
  ]);
  const refusals = daemon.log.filter((line) => line.message === 'Poll failed' && line['reason'] === 'not_supported');
  expect(refusals).toHaveLength(1);
});
