/** The two parts of a reload: the config with its secrets, and the web config with its certificates. */
import type { Config } from '../config/exporter/config.ts';
import type { Loaded } from '../config/exporter/load.ts';
import { formatProblems } from '../config/problems.ts';
import { type LoadedWeb, loadWebConfig } from '../config/web/web.ts';
import type { WebSettings } from '../domain/protection.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Reloadable, reloadable } from './reload.ts';
import { needsRestart } from './settings.ts';

/** The config that the process works by. A reload assigns another one, once all parts have taken it over. */
export interface InForce {
  config: Config;
}

export interface ConfigPart {
  readonly loaded: Extract<Loaded, { ok: true }>;
  readonly inForce: InForce;
  /** Reads the config again. */
  readonly load: () => Promise<Loaded>;
  /** The config as the flags overrule it. */
  readonly overruled: (config: Config) => Config;
  /** Puts a config into effect. */
  readonly put: (config: Config) => { readonly added: number; readonly removed: number };
  readonly log: Logger;
}

export function configPart({ loaded, inForce, load, overruled, put, log }: ConfigPart): Reloadable {
  let applied = { added: 0, removed: 0 };
  return reloadable<Config>({
    files: loaded.files,
    async load() {
      const again = await load();
      if (!again.ok) return { ok: false, problems: formatProblems(again.origin, again.problems), files: again.files };
      return { ok: true, value: overruled(again.config), files: again.files };
    },
    take(config) {
      const restart = needsRestart(inForce.config, config);
      if (restart !== null) return restart;
      try {
        applied = put(config);
      } catch (thrown) {
        // A defect half-way: the config in force is put back, so that one config is in effect and not two halves.
        put(inForce.config);
        throw thrown;
      }
      inForce.config = config;
      return null;
    },
    tell(result, thrown) {
      if (result.ok) log.info(applied, 'Config reloaded');
      else
        log.error({ problems: result.problems, ...(thrown !== undefined && { err: thrown }) }, 'Config not reloaded');
    },
  });
}

export interface WebPart {
  /** `--web.config.file`. */
  readonly file: string;
  readonly cwd: string;
  readonly loaded: Extract<LoadedWeb, { ok: true }>;
  /** Takes other settings, or says why only a restart can. */
  readonly reconfigure: (web: WebSettings) => { readonly ok: true } | { readonly ok: false; readonly problem: string };
  readonly log: Logger;
}

/** A web config that cannot be used changes nothing: a mistake in it neither opens the port to everybody nor shuts it. */
export function webPart({ file, cwd, loaded, reconfigure, log }: WebPart): Reloadable {
  return reloadable<WebSettings>({
    files: loaded.files,
    async load() {
      const again = loadWebConfig(file, cwd);
      if (!again.ok) return { ok: false, problems: formatProblems(again.origin, again.problems), files: again.files };
      return { ok: true, value: again.web, files: again.files };
    },
    take(web) {
      const taken = reconfigure(web);
      return taken.ok ? null : `The config (${file}) was not taken: ${taken.problem}`;
    },
    tell(result, thrown) {
      if (result.ok) log.info({ file }, 'Web config reloaded');
      else
        log.error(
          { problems: result.problems, ...(thrown !== undefined && { err: thrown }) },
          'Web config not reloaded',
        );
    },
  });
}
