/** How every command begins that polls once: config, Ctrl+C, Atlas, and the projects that were asked for. */
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { toSettings } from '../app/settings.ts';
import type { Atlas } from '../atlas/atlas.ts';
import { createCommandAtlas } from './command-atlas.ts';
import { type Interruption, listenForInterruption } from './interruption.ts';
import { loadOrExplain } from './load.ts';
import type { PollFilter } from './poll-filter.ts';
import { type Listed, narrowed, planPoll } from './poll-once.ts';

/** Closing it ends all connections to Atlas and leaves signals alone again. */
export interface OpenPoll extends Listed, AsyncDisposable {
  readonly ok: true;
  readonly atlas: Atlas;
  readonly interruption: Interruption;
}

/** Or the exit code of a command that cannot begin, after stderr said why: 1 config error, 2 projects could not be listed. */
export async function openPoll(
  flags: ConfigFlags,
  wanted: Pick<PollFilter, 'projects' | 'kinds'>,
  world: World,
): Promise<OpenPoll | { readonly ok: false; readonly exit: 1 | 2 }> {
  const loaded = await loadOrExplain(flags, world);
  if (!loaded) return { ok: false, exit: 1 };
  await using opening = new AsyncDisposableStack();
  const interruption = opening.use(listenForInterruption(world));
  const atlas = opening.use(createCommandAtlas(loaded.config, world));
  const listed = await planPoll(atlas, toSettings(loaded.config), interruption.signal);
  const asked = narrowed(listed.planned, listed.names, wanted);
  if ('problem' in asked) {
    for (const problem of [...listed.problems, asked.problem]) world.stderr.write(`${problem}\n`);
    return { ok: false, exit: listed.problems.length > 0 ? 2 : 1 };
  }
  const opened = opening.move();
  return {
    ok: true,
    ...listed,
    planned: asked.planned,
    atlas,
    interruption,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
