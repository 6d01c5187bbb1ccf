/** The scenes of the demo with private endpoints of Atlas' other features. */
import type { AtlasWorld } from '../world/atlas-world.ts';
import type { OtherEndpoint, SimulatedProject } from '../world/model.ts';

/** Seconds into the cycle, and what happens then. */
export type Cue = readonly [seconds: number, act: () => void];

interface Places {
  readonly analytics: SimulatedProject;
  readonly payments: SimulatedProject;
  readonly shop: SimulatedProject;
}

/** Adds the endpoints. The returned function gives the cues of one cycle. */
export function arrangeOthers(world: AtlasWorld, { analytics, payments, shop }: Places): () => readonly Cue[] {
  const lake = world.addOtherEndpoint(analytics, {
    kind: 'data_federation',
    id: 'vpce-0a1b2c3d4e5f60721',
    region: 'US_EAST_1',
    fields: { comment: 'analytics' },
  });
  world.addOtherEndpoint(analytics, {
    kind: 'data_federation',
    id: '/subscriptions/1f2e3d4c-5b6a-4798-8897-a6b5c4d3e2f1/resourceGroups/rg-lake/providers/Microsoft.Network/privateEndpoints/pe-lake-01',
    cloud: 'AZURE',
    region: 'US_EAST_2',
  });
  world.addOtherEndpoint(payments, {
    kind: 'streams',
    id: '66e1d2e3f405162738495d01',
    region: 'EU_CENTRAL_1',
    fields: {
      serviceEndpointId: 'com.amazonaws.vpce.eu-central-1.vpce-svc-0b1c2d3e4f5a69791',
      vendor: 'CONFLUENT',
    },
  });
  const key = world.addOtherEndpoint(payments, {
    kind: 'encryption_at_rest',
    id: '66f1d2e3f405162738495e01',
    cloud: 'AZURE',
    region: 'EUROPE_NORTH',
  });
  const vault = world.addOtherEndpoint(shop, {
    kind: 'backup',
    id: '66f1d2e3f405162738495e02',
    region: 'US_EAST_1',
  });
  return () => [
    ...federation(world, lake),
    ...streams(world, payments),
    ...encryption(world, key),
    ...backup(world, vault),
  ];
}

/** A request is refused first, and then approved. */
function federation(world: AtlasWorld, lake: OtherEndpoint): readonly Cue[] {
  return [
    [12, () => world.setStatus(lake, 'PENDING')],
    [26, () => world.setStatus(lake, 'FAILED')],
    [26, () => world.setErrorMessage(lake, 'Endpoint could not be approved.')],
    [58, () => world.setErrorMessage(lake, null)],
    [58, () => world.setStatus(lake, 'PENDING')],
    [64, () => world.setStatus(lake, 'OK')],
  ];
}

/** A stream connection is made and deleted again. */
function streams(world: AtlasWorld, payments: SimulatedProject): readonly Cue[] {
  let born: OtherEndpoint | null = null;
  const then = (act: (endpoint: OtherEndpoint) => void) => () => {
    if (born) act(born);
  };
  return [
    [
      16,
      () => {
        born = world.addOtherEndpoint(payments, {
          kind: 'streams',
          cloud: 'AZURE',
          region: 'US_EAST_2',
          status: 'IDLE',
          fields: { dnsDomain: 'orders.servicebus.windows.net', vendor: 'EVENTHUB' },
        });
      },
    ],
    [22, then((endpoint) => world.setStatus(endpoint, 'WORKING'))],
    [60, then((endpoint) => world.setStatus(endpoint, 'DONE'))],
    [90, then((endpoint) => world.setStatus(endpoint, 'DELETE_REQUESTED'))],
    [96, then((endpoint) => world.setStatus(endpoint, 'DELETING'))],
    [106, then((endpoint) => world.removeOtherEndpoint(endpoint))],
  ];
}

/** The connection request is removed in Azure. Atlas makes another one, which has to be approved. */
function encryption(world: AtlasWorld, key: OtherEndpoint): readonly Cue[] {
  return [
    [32, () => world.setStatus(key, 'PENDING_RECREATION')],
    [32, () => world.setErrorMessage(key, 'Connection request removed, recreating endpoint')],
    [42, () => world.setStatus(key, 'INITIATING')],
    [48, () => world.setErrorMessage(key, null)],
    [48, () => world.setStatus(key, 'PENDING_ACCEPTANCE')],
    [78, () => world.setStatus(key, 'ACTIVE')],
  ];
}

/** The interface endpoint of the backup is lost and made again. */
function backup(world: AtlasWorld, vault: OtherEndpoint): readonly Cue[] {
  return [
    [38, () => world.setStatus(vault, 'FAILED')],
    [38, () => world.setErrorMessage(vault, 'Interface endpoint vpce-0a1b2c3d4e5f60741 was not found.')],
    [82, () => world.setErrorMessage(vault, null)],
    [82, () => world.setStatus(vault, 'INITIATING')],
    [92, () => world.setStatus(vault, 'PENDING_ACCEPTANCE')],
    [102, () => world.setStatus(vault, 'ACTIVE')],
  ];
}
