import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where this run keeps its images and containers. */
    containers: string;
  }
}

/** Runs Debian's podman or buildah: gives what it wrote to stdout, and throws what it said when it fails. */
export function run(command: 'podman' | 'buildah', ...args: readonly string[]): string {
  const { code, stdout, stderr } = tryRun(command, ...args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout.trim();
}

/** As `run`, for what may fail. */
export function tryRun(command: 'podman' | 'buildah', ...args: readonly string[]) {
  return exec(command, args, inject('containers'));
}

/**
 * A folder for images and containers of one run, so that nobody's own are touched. runc and cgroupfs, because they work on
 * a machine without systemd too; limits that a machine without CAP_SYS_RESOURCE can set.
 */
export function createContainerFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'containers-'));
  writeFileSync(
    join(folder, 'containers.conf'),
    [
      '[containers]',
      'default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]',
      '[network]',
      `network_config_dir = "${folder}/networks"`,
      '[engine]',
      'runtime = "runc"',
      'cgroup_manager = "cgroupfs"',
      'events_logger = "file"',
      'lock_type = "file"',
      `tmp_dir = "${folder}/libpod"`,
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'storage.conf'),
    ['[storage]', 'driver = "overlay"', `graphroot = "${folder}/graph"`, `runroot = "${folder}/run"`].join('\n'),
  );
  return folder;
}

/** Ends what still runs in it, and removes it. Not in one go, because the one who asks has workers to look after. */
export async function removeContainerFolder(folder: string): Promise<void> {
  if (existsSync(join(folder, 'graph'))) {
    const podman = (...args: readonly string[]) => execFileAsync('podman', args, { env: envOf(folder) });
    await podman('pod', 'rm', '--all', '--force', '--time', '0');
    await podman('rm', '--all', '--force', '--time', '0');
    // Podman mounts its own storage on itself, on some machines.
    await execFileAsync('umount', [join(folder, 'graph/overlay')]).catch(() => {});
  }
  await rm(folder, { recursive: true, force: true });
}

const execFileAsync = promisify(execFile);

function envOf(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
}

function exec(command: string, args: readonly string[], folder: string) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env: envOf(folder),
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (error) throw new Error(`Cannot run ${command}: ${error.message}`);
  return { code: status, stdout, stderr };
}
