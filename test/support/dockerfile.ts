/** The Dockerfile, and what of it others run by. */
import { readFileSync } from 'node:fs';

export const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8');

/** What the image runs: node, its flags, the program. */
export const entrypoint: readonly string[] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');

/** The flags that the image gives to node; throws where there is no such line any more. */
export const nodeFlags: readonly string[] = (() => {
  if (entrypoint[0] !== 'node' || entrypoint.length < 2) throw new Error('The Dockerfile has no ENTRYPOINT of node');
  return entrypoint.slice(1, -1);
})();

/** What the image asks whether it is well: node, the program. */
export const healthCheck: readonly string[] = JSON.parse(/^HEALTHCHECK .*CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]');
