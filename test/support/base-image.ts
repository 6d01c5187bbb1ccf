import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tryRun } from './containers.ts';
import { installTools, toolsFolder } from './helm.ts';

/** The name that the Dockerfile asks for. */
export const baseName = 'docker.io/library/node:24-bookworm-slim';

/** What Node, npm and the steps of the Dockerfile need of a Debian. */
const packages = [
  'base-files',
  'base-passwd',
  'coreutils',
  'dash',
  'libacl1',
  'libatomic1',
  'libattr1',
  'libc6',
  'libgcc-s1',
  'libgmp10',
  'libpcre2-8-0',
  'libselinux1',
  'libstdc++6',
];

/** Where the build finds what npm of this machine is told: empty files in the image, mounted over while it is built. */
export const npmrcPlace = '/usr/local/etc/npmrc';
export const authoritiesPlace = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Makes an image that stands in for the real base image, which no registry of this machine may have: Debian's own packages,
 * the Node that runs this, and npm. Once a run.
 */
export function makeBaseImage(): void {
  if (tryRun('podman', 'image', 'exists', baseName).code === 0) return;
  installTools();
  const folder = mkdtempSync(join(tmpdir(), 'base-image-'));
  const root = join(folder, 'root');
  try {
    unpackPackages(folder, root);
    addUsers(root);
    addNode(root);
    for (const place of [npmrcPlace, authoritiesPlace]) {
      mkdirSync(join(root, place, '..'), { recursive: true });
      writeFileSync(join(root, place), '');
    }
    exec(
      'tar',
      ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '-cf', join(folder, 'root.tar'), '.'],
      folder,
    );
    run('podman', 'import', '--quiet', '--change', 'CMD ["node"]', join(folder, 'root.tar'), baseName);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function unpackPackages(folder: string, root: string): void {
  const download = () => spawnSync('apt-get', ['download', '-qq', ...packages], { cwd: folder, encoding: 'utf8' });
  // The lists of packages may be missing or old.
  if (download().status !== 0) {
    exec('apt-get', ['update', '-qq'], folder);
    const { status, stderr } = download();
    if (status !== 0) throw new Error(`Cannot download ${packages.join(' ')}: ${stderr}`);
  }
  mkdirSync(root);
  exec('sh', ['-c', 'for package in *.deb; do dpkg-deb -x "$package" root || exit 1; done'], folder);
}

function addUsers(root: string): void {
  for (const name of ['passwd', 'group'])
    cpSync(join(root, 'usr/share/base-passwd', `${name}.master`), join(root, 'etc', name));
}

function addNode(root: string): void {
  const local = join(root, 'usr/local');
  mkdirSync(join(local, 'bin'), { recursive: true });
  cpSync(process.execPath, join(local, 'bin/node'), { dereference: true });
  cpSync(join(toolsFolder, 'node_modules/npm'), join(local, 'lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, 'bin', name));
}

function exec(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stdout + stderr}`);
}
