/** Reads the config for a command, or says what is wrong with it. */

import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { type Loaded, loadConfig } from '../config/exporter/load.ts';
import { formatProblems } from '../config/problems.ts';
import { checkSchedule } from '../polling/cron.ts';

/** Loads what the flags and the environment ask for. */
export function load({ configFile }: ConfigFlags, { env, cwd }: World): Promise<Loaded> {
  return loadConfig({ file: configFile, env, cwd, checkSchedule });
}

/** The config, or null after its problems were written to stderr. */
export async function loadOrExplain(flags: ConfigFlags, world: World): Promise<Extract<Loaded, { ok: true }> | null> {
  const loaded = await load(flags, world);
  if (loaded.ok) return loaded;
  world.stderr.write(`${formatProblems(loaded.origin, loaded.problems).trimEnd()}\n`);
  return null;
}
