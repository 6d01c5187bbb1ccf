import type { WebSettings } from '../../domain/protection.ts';
import { watchFiles } from '../files.ts';
import { formatProblems } from '../problems.ts';
import { type LoadedWeb, loadWebConfig } from './web.ts';

export type WebReload = { readonly ok: true } | { readonly ok: false; readonly problems: string };

export interface WebFollower extends Disposable {
  /** Reads the web config again now. */
  reload(): WebReload;
}

export interface WebFollowOptions {
  /** `--web.config.file`, and what it was read as at the start. */
  readonly file: string;
  readonly cwd: string;
  readonly loaded: Extract<LoadedWeb, { ok: true }>;
  /** Takes it, or says why it cannot be taken without a restart. */
  readonly apply: (web: WebSettings) => { readonly ok: true } | { readonly ok: false; readonly problem: string };
  /** Hears of every reading, also of those that a change of the files brought. */
  readonly tell: (result: WebReload) => void;
  readonly everyMs?: number;
}

/**
 * Reads the web config again when it, or a certificate that it names, has changed. What cannot be used changes nothing:
 * the last good one stays, so that a mistake neither opens the door nor shuts it.
 */
export function followWebConfig({ file, cwd, loaded, apply, tell, everyMs }: WebFollowOptions): WebFollower {
  const watched = watchFiles(() => void reload(), everyMs);
  watched.watch(loaded.files);

  function read(): WebReload {
    const again = loadWebConfig(file, cwd);
    if (!again.ok) return { ok: false, problems: formatProblems(again.origin, again.problems) };
    const applied = apply(again.web);
    if (!applied.ok) return { ok: false, problems: `The config (${file}) was not taken: ${applied.problem}` };
    watched.watch(again.files);
    return { ok: true };
  }

  function reload(): WebReload {
    const result = read();
    tell(result);
    return result;
  }

  return { reload, [Symbol.dispose]: () => watched[Symbol.dispose]() };
}
