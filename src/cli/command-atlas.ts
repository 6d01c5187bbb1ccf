/** Atlas as a command asks it: nobody counts the requests, and a wait for a rate limit is said on stderr. */
import type { World } from '../app/host.ts';
import { toAtlasOptions } from '../app/settings.ts';
import { type Atlas, createAtlas } from '../atlas/atlas.ts';
import type { LimitWait } from '../atlas/visit.ts';
import type { Config } from '../config/exporter/config.ts';
import { clearLine } from './progress.ts';

export function createCommandAtlas(config: Config, world: World): Atlas {
  return createAtlas({ ...toAtlasOptions(config, world), observer: { request() {} }, onLimited: createWaits(world) });
}

/** Says how long a wait is and why; once for each credential and cause while one lasts. */
function createWaits({ stderr, clock }: World): (credential: string, wait: LimitWait) => void {
  const toldUntil = new Map<string, number>();
  return (credential, { waitMs, refusal }) => {
    const why = refusal?.detail ?? 'hardly anything of it is left';
    const key = `${credential} ${why}`;
    const now = clock.monotonic();
    if (now < (toldUntil.get(key) ?? 0)) return;
    toldUntil.set(key, now + waitMs);
    clearLine(stderr);
    stderr.write(`Waiting ${Math.ceil(waitMs / 1000)} s for a rate limit of credential '${credential}': ${why}\n`);
  };
}
