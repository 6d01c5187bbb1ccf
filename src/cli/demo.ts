/** `demo`: the daemon against the embedded simulator. It needs no account, and keeps nothing. */

import type { DaemonFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { loadConfig } from '../config/exporter/load.ts';
import { kinds } from '../domain/status.ts';
import { checkSchedule } from '../polling/cron.ts';
import { systemClock } from '../simulator/clock.ts';
import { demoProjects, playScenario } from '../simulator/scenes/scenario.ts';
import { createSimulator, demoKeys } from '../simulator/simulator.ts';
import { serve } from './run.ts';

/** Runs until SIGTERM or SIGINT; exit code as of `run`. */
export async function runDemo(flags: DaemonFlags, world: World): Promise<number> {
  await using simulator = createSimulator({ stringDelayMs: 15_000 });
  await simulator.start();
  const stop = playScenario(simulator.world, systemClock);
  // A preview that a project has to turn on: without it the page would begin with lists that cannot be read.
  for (const project of simulator.world.projects.values()) simulator.world.optIntoManagedStrings(project);
  const env = {
    MONGODB_ATLAS_BASE_URL: simulator.url,
    MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
    MONGODB_ATLAS_PROJECT_ID: Object.values(demoProjects).join(),
  };
  const load = async () => {
    const loaded = await loadConfig({ file: null, env, cwd: '/nonexistent', checkSchedule });
    if (!loaded.ok) return loaded;
    const { config } = loaded;
    const poll = {
      ...config.poll,
      kinds,
      schedule: '*/5 * * * * *',
      spreadMs: 2_000,
      fastSchedule: '*/2 * * * * *',
      slowSchedule: '*/10 * * * * *',
    };
    const projects = config.projects.map((project) => ({
      ...project,
      kinds,
      schedule: poll.schedule,
      slowSchedule: poll.slowSchedule,
    }));
    return {
      ...loaded,
      origin: 'demo',
      config: { ...config, projects, poll, state: { ...config.state, path: ':memory:' } },
    };
  };
  const loaded = await load();
  if (!loaded.ok) throw new Error('The demo config is not valid');
  const started = ([address = '']: readonly string[]) => {
    const port = address.slice(address.lastIndexOf(':') + 1);
    world.stderr.write(
      [
        'Demo: a simulated Atlas, four projects, every kind of private endpoint. What you see repeats every two minutes.',
        `  Status page  http://localhost:${port}${flags.routePrefix}/`,
        `  Metrics      curl -s localhost:${port}${flags.routePrefix}${flags.telemetryPath} | grep 'error_message_changes_total{.* [1-9]'`,
        '  Stop with Ctrl+C',
        '',
      ].join('\n'),
    );
  };
  try {
    return await serve(flags, { ...world, env: {} }, loaded, load, started);
  } finally {
    stop();
  }
}
