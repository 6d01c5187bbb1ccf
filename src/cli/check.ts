/** `check`: whether the config is right, its plan can work, and, with `--online`, Atlas can be read with it. */
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { planLoad } from '../config/exporter/arithmetic.ts';
import { maskedConfig } from '../config/exporter/masked.ts';
import { formatProblems } from '../config/problems.ts';
import { loadWebConfig } from '../config/web/web.ts';
import { runsPerHour } from '../polling/cron.ts';
import { checkOnline } from './check-online.ts';
import { loadOrExplain } from './load.ts';
import { pollTimeLines } from './poll-times.ts';

export interface CheckFlags extends ConfigFlags {
  /** A web config to validate too. */
  readonly webConfigFile: string | null;
  readonly online: boolean;
  /** Prints the verdict alone. */
  readonly quiet: boolean;
}

/** Exit code: 0 when all is well, 1 for the config, 2 when `--online` found something that cannot be read, 130 when it was stopped. */
export async function runCheck(flags: CheckFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  const web = flags.webConfigFile === null ? null : loadWebConfig(flags.webConfigFile, world.cwd);
  if (web && !web.ok) world.stderr.write(`${formatProblems(web.origin, web.problems)}\n`);
  if (!loaded || web?.ok === false) return 1;
  const { config, origin } = loaded;
  const { lines, problems } = planLoad(config, runsPerHour);
  if (!flags.quiet) world.stdout.write(`# Effective config (${origin})\n${maskedConfig(config)}\n`);
  if (!flags.quiet)
    world.stdout.write(`${[...lines, ...pollTimeLines(config)].map((line) => `# ${line}`).join('\n')}\n`);
  for (const problem of problems) world.stderr.write(`${problem}\n`);
  const online = flags.online
    ? await checkOnline(config, flags.quiet ? { ...world, stdout: { ...world.stdout, write() {} } } : world)
    : 0;
  if (problems.length > 0) return 1;
  if (online !== 0) return online;
  world.stdout.write('# The config is good\n');
  return 0;
}
