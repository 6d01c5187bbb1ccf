/** The scenario of the demo: two minutes that show everything, again and again. */
import type { SimulatorClock } from '../clock.ts';
import type { AtlasWorld } from '../world/atlas-world.ts';
import type { SimulatedConnection, SimulatedInterfaceEndpoint, SimulatedProject } from '../world/model.ts';
import { arrangeOthers, type Cue } from './other-scenes.ts';

/** Ids of the demo's projects, in the order of their names. */
export const demoProjects = {
  analytics: '5df264b8f10fab7d2cad2f01',
  payments: '5df264b8f10fab7d2cad2f02',
  shop: '5df264b8f10fab7d2cad2f03',
  telemetry: '5df264b8f10fab7d2cad2f04',
} as const;

const cycleMs = 120_000;

/** Fills the world and plays the scenario on the clock until the returned function is called. */
export function playScenario(world: AtlasWorld, clock: SimulatorClock): () => void {
  const cast = arrange(world);
  let cancels: (() => void)[] = [];
  const cycle = () => {
    cancels = play(world, cast).map(([seconds, act]) => clock.after(seconds * 1000, act));
    cancels.push(clock.after(cycleMs, cycle));
  };
  cycle();
  return () => {
    for (const cancel of cancels) cancel();
  };
}

type Cast = ReturnType<typeof arrange>;

function arrange(world: AtlasWorld) {
  const payments = world.addProject({ id: demoProjects.payments, name: 'payments-prod' });
  const shop = world.addProject({ id: demoProjects.shop, name: 'shop-prod', regionalMode: true });
  const analytics = world.addProject({ id: demoProjects.analytics, name: 'analytics-prod' });
  const telemetry = world.addProject({ id: demoProjects.telemetry, name: 'telemetry-staging' });

  nearlyUseUp(world, payments);
  const calm = world.addConnection(payments, {
    id: '66b1d2e3f405162738495a01',
    region: 'US_EAST_1',
    remoteRegions: ['US_WEST_2'],
  });
  world.attach(calm, { id: 'vpce-0a1b2c3d4e5f60711' });
  world.attach(calm, { id: 'vpce-0a1b2c3d4e5f60712' });
  const ledger = world.addConnection(payments, { id: '66b1d2e3f405162738495a02', region: 'EU_CENTRAL_1' });
  const ledgerEndpoint = world.attach(ledger, { id: 'vpce-0a1b2c3d4e5f60713' });
  const azure = world.addConnection(shop, { id: '66c1d2e3f405162738495b01', cloud: 'AZURE', region: 'EUROPE_WEST' });
  const azureEndpoint = world.attach(azure, {
    id: '/subscriptions/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1/resourceGroups/rg-shop.prod/providers/Microsoft.Network/privateEndpoints/pe-shop-01',
  });
  const backup = world.addConnection(shop, { id: '66c1d2e3f405162738495b02', cloud: 'AZURE', region: 'EUROPE_NORTH' });
  world.attach(backup, {
    id: '/subscriptions/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1/resourceGroups/rg-shop.prod/providers/Microsoft.Network/privateEndpoints/pe-shop-02',
  });
  const legacy = world.addConnection(analytics, {
    id: '66d1d2e3f405162738495c01',
    cloud: 'GCP',
    region: 'WESTERN_EUROPE',
  });
  const group = world.attach(legacy, { id: 'atlas-psc-grp' });
  const mapped = world.addConnection(analytics, {
    id: '66d1d2e3f405162738495c02',
    cloud: 'GCP',
    region: 'US_EAST_4',
    portMapped: true,
  });
  world.attach(mapped, { id: 'atlas-psc-pm' });
  world.addConnection(telemetry, {
    id: '66b1d2e3f405162738495a04',
    region: 'US_WEST_2',
    status: 'FAILED',
    errorMessage: 'Failed to create the endpoint service: the quota of network load balancers is exceeded.',
  });
  // What hangs on the links: one cluster in two regions, one that Atlas gives no string although its link is AVAILABLE, one
  // that waits for the region that failed, and one that is paused.
  world.addCluster(payments, 'orders', {
    regions: [
      { cloud: 'AWS', region: 'US_EAST_1' },
      { cloud: 'AWS', region: 'EU_CENTRAL_1' },
    ],
  });
  world.addCluster(payments, 'invoices', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
  const catalogue = world.addCluster(shop, 'catalogue', { regions: [{ cloud: 'AZURE', region: 'EUROPE_NORTH' }] });
  world.withholdStrings(catalogue, true);
  world.addCluster(analytics, 'events', { regions: [{ cloud: 'GCP', region: 'WESTERN_EUROPE' }] });
  world.addCluster(telemetry, 'traces', { regions: [{ cloud: 'AWS', region: 'US_WEST_2' }] });
  world.addCluster(telemetry, 'archive', { regions: [{ cloud: 'AWS', region: 'US_WEST_2' }], paused: true });
  const others = arrangeOthers(world, { analytics, payments, shop });
  return { telemetry, calm, ledgerEndpoint, azure, azureEndpoint, legacy, group, others };
}

/** The first limit, that of nodes behind PrivateLink. */
function nearlyUseUp(world: AtlasWorld, project: SimulatedProject): void {
  const [nodes, ...others] = project.limits;
  if (nodes) world.setLimits(project, [{ ...nodes, currentUsage: 47 }, ...others]);
}

function play(world: AtlasWorld, cast: Cast): readonly Cue[] {
  return [
    ...remoteRegions(world, cast.calm),
    ...rejection(world, cast.ledgerEndpoint),
    ...wholeLife(world, cast.telemetry),
    ...azureFailure(world, cast),
    ...googleFailure(world, cast),
    ...cast.others(),
  ];
}

/** Another region may connect for a while. */
function remoteRegions(world: AtlasWorld, calm: SimulatedConnection): readonly Cue[] {
  return [
    [18, () => world.setRemoteRegions(calm, ['EU_WEST_1', 'US_WEST_2'])],
    [68, () => world.setRemoteRegions(calm, ['US_WEST_2'])],
  ];
}

/** An interface endpoint is rejected. Its message is set, worded anew, replaced and cleared. */
function rejection(world: AtlasWorld, ledgerEndpoint: SimulatedInterfaceEndpoint): readonly Cue[] {
  const denied = (request: number) =>
    `Failed to accept interface endpoint due to an unexpected error with code=AccessDenied and message=Request ${request} was denied from AWS API.`;
  return [
    [4, () => world.setStatus(ledgerEndpoint, 'PENDING_ACCEPTANCE')],
    [10, () => world.setStatus(ledgerEndpoint, 'REJECTED')],
    [10, () => world.setErrorMessage(ledgerEndpoint, denied(4711))],
    [24, () => world.reword(ledgerEndpoint, denied(4712))],
    [40, () => world.setErrorMessage(ledgerEndpoint, `Interface endpoint ${ledgerEndpoint.id} was not found.`)],
    [56, () => world.setStatus(ledgerEndpoint, 'PENDING')],
    [62, () => world.setErrorMessage(ledgerEndpoint, null)],
    [66, () => world.setStatus(ledgerEndpoint, 'AVAILABLE')],
  ];
}

/** A connection is created, gets an interface endpoint, and is deleted. */
function wholeLife(world: AtlasWorld, telemetry: SimulatedProject): readonly Cue[] {
  let born: SimulatedConnection | null = null;
  let attached: SimulatedInterfaceEndpoint | null = null;
  const withBorn = (act: (connection: SimulatedConnection) => void) => () => {
    if (born) act(born);
  };
  const withAttached = (act: (endpoint: SimulatedInterfaceEndpoint) => void) => () => {
    if (attached) act(attached);
  };
  return [
    [
      6,
      () => {
        born = world.addConnection(telemetry, { region: 'EU_WEST_1', status: 'INITIATING' });
      },
    ],
    [20, withBorn((connection) => world.setStatus(connection, 'AVAILABLE'))],
    [
      28,
      withBorn((connection) => {
        attached = world.attach(connection, { status: 'NONE' });
      }),
    ],
    [34, withAttached((endpoint) => world.setStatus(endpoint, 'PENDING_ACCEPTANCE'))],
    [44, withAttached((endpoint) => world.setStatus(endpoint, 'PENDING'))],
    [52, withAttached((endpoint) => world.setStatus(endpoint, 'AVAILABLE'))],
    [64, withAttached((endpoint) => world.requestDeletion(endpoint))],
    [74, withAttached((endpoint) => world.setStatus(endpoint, 'DELETING'))],
    [84, withAttached((endpoint) => world.detach(endpoint))],
    [86, withBorn((connection) => world.setStatus(connection, 'DELETING'))],
    [98, withBorn((connection) => world.removeConnection(connection))],
  ];
}

/** An Azure endpoint fails with a message and comes back; its service waits for the user for a moment. */
function azureFailure(world: AtlasWorld, { azure, azureEndpoint }: Cast): readonly Cue[] {
  return [
    [30, () => world.setStatus(azureEndpoint, 'FAILED')],
    [30, () => world.setErrorMessage(azureEndpoint, 'Private endpoint connection could not be approved.')],
    [70, () => world.setErrorMessage(azureEndpoint, null)],
    [70, () => world.setStatus(azureEndpoint, 'INITIATING')],
    [80, () => world.setStatus(azureEndpoint, 'AVAILABLE')],
    [88, () => world.setStatus(azure, 'WAITING_FOR_USER')],
    [100, () => world.setStatus(azure, 'AVAILABLE')],
  ];
}

/** A Google group is verified, fails by one of its rules, and comes back; its service fails for a moment. */
function googleFailure(world: AtlasWorld, { group, legacy }: Cast): readonly Cue[] {
  return [
    [14, () => world.setStatus(group, 'INITIATING')],
    [22, () => world.setStatus(group, 'VERIFIED')],
    [29, () => world.setMember(group, `${group.id}-1`, 'FAILED')],
    [36, () => world.setErrorMessage(group, `Forwarding rule ${group.id}-1 was not found.`)],
    [50, () => world.setErrorMessage(group, null)],
    [50, () => world.setStatus(group, 'AVAILABLE')],
    [76, () => world.setStatus(legacy, 'FAILED')],
    [76, () => world.setErrorMessage(legacy, 'The service attachments could not be updated.')],
    [94, () => world.setErrorMessage(legacy, null)],
    [94, () => world.setStatus(legacy, 'AVAILABLE')],
  ];
}
