/** `check`: is the config right, and can its plan work? */

import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { toAtlasOptions, toSettings } from '../app/settings.ts';
import { createAtlas } from '../atlas/atlas.ts';
import { toFailure } from '../atlas/error.ts';
import { planLoad } from '../config/exporter/arithmetic.ts';
import type { Config } from '../config/exporter/config.ts';
import { maskedConfig } from '../config/exporter/masked.ts';
import { formatProblems } from '../config/problems.ts';
import { loadWebConfig } from '../config/web/web.ts';
import { plan } from '../domain/plan.ts';
import type { Project } from '../domain/project.ts';
import { runsPerHour } from '../polling/cron.ts';
import { isWanted } from '../polling/discovery.ts';
import { pollDeadlineMs } from '../polling/poll-deadline.ts';
import { loadOrExplain } from './load.ts';

export interface CheckFlags extends ConfigFlags {
  /** A web config to validate too. */
  readonly webConfigFile: string | null;
  readonly online: boolean;
}

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

/** Polls every source of the config, lists each organization and polls one of its projects, and says what to mend. */
async function tryCredentials(config: Config, world: World): Promise<number> {
  await using atlas = createAtlas({ ...toAtlasOptions(config, world), observer: { request() {} } });
  const settings = toSettings(config);
  const signal = new AbortController().signal;
  let failures = 0;

  /** null when it failed, which was said then. */
  const attempt = async <T>(what: string, run: () => Promise<T>, inShort: (result: T) => string): Promise<T | null> => {
    try {
      const result = await run();
      world.stdout.write(`# ok: ${what}: ${inShort(result)}\n`);
      return result;
    } catch (thrown) {
      const { reason, detail, remedy } = toFailure(thrown);
      world.stderr.write(`Not ok: ${what}: ${reason}: ${detail}\n  ${remedy}\n`);
      failures++;
      return null;
    }
  };
  const trySources = (projects: readonly Project[]) =>
    Promise.all(
      plan({ ...settings, configured: projects, discovered: [] }).sources.map((source) =>
        attempt(
          `credential '${source.credential}', project ${source.projectId}, ${source.kind} ${source.cloudProvider}`.trimEnd(),
          () => atlas.fetchSnapshot(source, { signal, deadlineMs: (details) => pollDeadlineMs(source, details) }),
          ({ connections }) => count(connections.length, 'connection'),
        ),
      ),
    );

  await Promise.all([
    trySources(settings.projects),
    ...settings.organizations.map(async (entry) => {
      const { credential, organization } = entry;
      const listed = await attempt(
        `credential '${credential}', organization ${organization}`,
        () => atlas.listProjects(credential, { organization, signal }),
        (projects) => count(projects.length, 'project'),
      );
      // Its projects are polled alike: one of them shows whether the role is enough for every kind.
      const first = listed?.find(isWanted(entry));
      if (first) await trySources([entry.toProject(first)]);
    }),
  ]);
  return failures;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
