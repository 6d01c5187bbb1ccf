/** `simulate`: the Atlas simulator alone, as an HTTP server. */

import type { World } from '../app/host.ts';
import { type ListenAddress, toListenError } from '../http/listen-address.ts';
import { createScenes, SceneError } from '../simulator/scenes/named-scenes.ts';
import { createSimulator, demoKeys } from '../simulator/simulator.ts';
import { seedEstate } from '../simulator/world/seed.ts';

export interface SimulateFlags {
  readonly projects: number;
  readonly connections: number;
  readonly seed: number;
  readonly listen: ListenAddress;
  /** Scenes that are played before it listens. */
  readonly scenes: readonly string[];
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
  const scenes = createScenes(simulator);
  try {
    for (const name of flags.scenes) world.stdout.write(`Scene ${name}: ${scenes.play(name)}\n`);
  } catch (error) {
    if (!(error instanceof SceneError)) throw error;
    world.stderr.write(`${error.message}\n`);
    return 1;
  }
  simulator.serveScenes(scenes);
  const { host, port } = flags.listen;
  try {
    await simulator.start({ host: host ?? '::', port });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    world.stderr.write(`${toListenError(error, flags.listen, '--listen').message}\n`);
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
      `Make something go wrong, to try your alerts: curl -X POST ${simulator.url.replace('[::]', 'localhost')}/scenes/failed-link`,
      `(GET /scenes lists them, POST /scenes/calm ends them)`,
      `A service account is there too: ${demoKeys.clientId}, ${demoKeys.clientSecret}`,
      '',
    ].join('\n'),
  );
  await ended;
  return 0;
}
