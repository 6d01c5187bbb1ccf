/** `check`: is the config right, and can its plan work? */
import { createAtlas } from '../atlas/atlas.ts';
import { toAtlasError } from '../atlas/error.ts';
import type { ConfigFlags } from '../cli.ts';
import { planLoad } from '../config/arithmetic.ts';
import type { Config } from '../config/config.ts';
import { maskedConfig } from '../config/masked.ts';
import { formatProblems } from '../config/problems.ts';
import { loadWebConfig } from '../config/web.ts';
import { plan } from '../domain/plan.ts';
import { runsPerHour } from '../runtime/cron.ts';
import { toAtlasOptions, toSettings } from '../settings.ts';
import type { World } from '../world.ts';
import { loadOrExplain } from './config.ts';

export interface CheckFlags extends ConfigFlags {
  /** A web config to validate too. */
  readonly webConfigFile: string | null;
  readonly online: boolean;
}

const deadlineMs = 30_000;

/** Exit code: 0 when all is well, else 1. */
export async function runCheck(flags: CheckFlags, world: World): Promise<number> {
  const loaded = await loadOrExplain(flags, world);
  const web = flags.webConfigFile === null ? null : loadWebConfig(flags.webConfigFile, world.cwd);
  if (web && !web.ok) world.stderr.write(`${formatProblems(web.origin, web.problems)}\n`);
  if (!loaded || web?.ok === false) return 1;
  const { config, origin } = loaded;
  world.stdout.write(`# Effective config (${origin})\n${maskedConfig(config)}\n`);
  const { lines, problems } = planLoad(config, runsPerHour);
  world.stdout.write(`${lines.map((line) => `# ${line}`).join('\n')}\n`);
  for (const problem of problems) world.stderr.write(`${problem}\n`);
  const failures = flags.online ? await tryCredentials(config, world) : 0;
  if (problems.length + failures > 0) return 1;
  world.stdout.write('# The config is good\n');
  return 0;
}

/** Polls one source of each credential and kind, or lists its organization, and says what to mend. */
async function tryCredentials(config: Config, world: World): Promise<number> {
  await using atlas = createAtlas({ ...toAtlasOptions(config, world), observer: { request() {} } });
  const settings = toSettings(config);
  const signal = new AbortController().signal;
  const { sources } = plan({ ...settings, configured: settings.projects, discovered: [] });
  const trials = [
    ...settings.organizations.map(({ credential, organization }) => ({
      what: `credential '${credential}', organization ${organization}`,
      run: async () => `${(await atlas.listProjects(credential, { organization, signal })).length} projects`,
    })),
    ...sources.map((source) => ({
      what: `credential '${source.credential}', project ${source.projectId}, ${source.kind} ${source.cloudProvider}`.trimEnd(),
      run: async () => `${(await atlas.fetchSnapshot(source, { signal, deadlineMs })).connections.length} connections`,
    })),
  ];
  const results = await Promise.all(
    trials.map(async ({ what, run }) => {
      try {
        world.stdout.write(`# ok: ${what}: ${await run()}\n`);
        return 0;
      } catch (thrown) {
        const { reason, detail, remedy } = toAtlasError(thrown);
        world.stderr.write(`Not ok: ${what}: ${reason}: ${detail}\n  ${remedy}\n`);
        return 1;
      }
    }),
  );
  return results.filter((failed) => failed === 1).length;
}
