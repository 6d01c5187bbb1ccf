import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { authoritiesPlace, makeBaseImage, npmrcPlace } from './base-image.ts';
import { run } from './containers.ts';

const project = new URL('../../', import.meta.url).pathname;

/** With `--format docker`, because the other format knows no health check. */
const how = {
  podman: ['build', '--pull=never', '--format', 'docker'],
  buildah: ['bud', '--pull-never', '--format', 'docker', '--isolation', 'chroot'],
} as const;

export type Builder = keyof typeof how;

export const builders = ['podman', 'buildah'] as const satisfies readonly Builder[];

/** Builds the project's image as its Dockerfile says, and gives its name. Podman keeps layers: a second time costs nothing. */
export function buildImage(by: Builder): string {
  makeBaseImage();
  const name = `localhost/exporter:${by}`;
  const folder = mkdtempSync(join(tmpdir(), 'npm-'));
  try {
    run(by, ...how[by], '--network', 'host', ...npmMounts(folder), '--tag', name, project);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return name;
}

/** What npm of this machine is told about its registry and whom to trust holds inside the build too, and leaves no trace. */
function npmMounts(folder: string): readonly string[] {
  const authorities = [npmSetting('cafile'), process.env['NODE_EXTRA_CA_CERTS'] ?? ''].find((file) => existsSync(file));
  const settings = ['registry', 'proxy', 'https-proxy', 'noproxy'].flatMap((key) => {
    const value = npmSetting(key);
    return value === '' ? [] : [`${key}=${value}`];
  });
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, [...settings, ...(authorities ? [`cafile=${authoritiesPlace}`] : []), ''].join('\n'));
  // What one build fetched, the next need not.
  const cache = join(inject('containers'), 'npm-cache');
  mkdirSync(cache, { recursive: true });
  return [
    '-v',
    `${cache}:/root/.npm`,
    '-v',
    `${npmrc}:${npmrcPlace}:ro`,
    ...(authorities ? ['-v', `${authorities}:${authoritiesPlace}:ro`] : []),
  ];
}

/** Empty when npm is not told. */
function npmSetting(key: string): string {
  const { stdout } = spawnSync('npm', ['config', 'get', key], { encoding: 'utf8', cwd: tmpdir() });
  const value = stdout.trim();
  return ['null', 'undefined'].includes(value) ? '' : value;
}
