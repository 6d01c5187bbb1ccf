/** `simulate`: the Atlas simulator alone, as an HTTP server. */

import type { World } from '../app/host.ts';
import { parseListenAddress } from '../http/listen-address.ts';
import { createSimulator, demoKeys } from '../simulator/simulator.ts';
import { seedEstate } from '../simulator/world/seed.ts';

export interface SimulateFlags {
  readonly projects: number;
  readonly connections: number;
  readonly seed: number;
  readonly listen: string;
  /** Ms before each answer. */
  readonly latency: number;
}

/** Runs until SIGTERM or SIGINT. Exit code: 0, or 1 when it cannot listen. */
export async function runSimulate(flags: SimulateFlags, world: World): Promise<number> {
  await using simulator = createSimulator({ seed: flags.seed, latencyMs: flags.latency });
  const ids = seedEstate(simulator.world, { ...flags, otherKinds: true, clusters: 1 });
  const ended = new Promise<void>((resolve) => {
    world.onSignal('SIGTERM', resolve);
    world.onSignal('SIGINT', resolve);
  });
  try {
    const { host, port } = parseListenAddress(flags.listen);
    await simulator.start({ host: host ?? '::', port });
  } catch (error) {
    world.stderr.write(
      `Cannot listen on "${flags.listen}": ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  }
  world.stdout.write(
    [
      `Simulating Atlas at ${simulator.url}: ${ids.length} projects with ${flags.connections} connections each,`,
      'and one private endpoint of each other kind (kinds in a config file chooses them). Try:',
      '',
      `  export MONGODB_ATLAS_BASE_URL=${simulator.url.replace('[::]', 'localhost')}`,
      `  export MONGODB_ATLAS_PUBLIC_API_KEY=${demoKeys.publicKey}`,
      `  export MONGODB_ATLAS_PRIVATE_API_KEY=${demoKeys.privateKey}`,
      `  export MONGODB_ATLAS_ORG_ID=${demoKeys.orgId}      # every project; or one of them:`,
      `  # MONGODB_ATLAS_PROJECT_ID=${ids[0] ?? '(none)'}`,
      '  atlas-private-endpoint-exporter poll',
      '',
      `A service account is there too: ${demoKeys.clientId}, ${demoKeys.clientSecret}`,
      '',
    ].join('\n'),
  );
  await ended;
  return 0;
}
