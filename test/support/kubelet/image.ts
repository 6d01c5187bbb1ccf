/** What the image is made of, without a container engine: the compiled exporter, and how its Dockerfile starts it. */
import { execFileSync } from 'node:child_process';
import { realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { dockerfile, entrypoint } from '../dockerfile.ts';

export interface Image {
  /** Is seen in the pod as `/app`. */
  readonly app: string;
  readonly node: string;
  /** From the Dockerfile. */
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const root = new URL('../../../', import.meta.url).pathname;

/** Compiles into the folder. */
export function compileImage(folder: string): Image {
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['--outDir', join(folder, 'dist')], { cwd: root });
  for (const name of ['node_modules', 'package.json']) symlinkSync(join(root, name), join(folder, name));
  const [, variables = ''] = /^ENV (.*)$/m.exec(dockerfile.replace(/\\\n/g, ' ')) ?? [];
  const environment = [...variables.matchAll(/(\w+)=(\w+)/g)].map(([, name = '', value = '']) => [name, value]);
  return {
    app: folder,
    node: realpathSync(join(root, 'node_modules/node/bin/node')),
    entrypoint,
    environment: Object.fromEntries(environment),
  };
}
