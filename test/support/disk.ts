/** Disks that refuse, for tests that may mount some: root on Linux, outside of a sealed container. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface Disk extends Disposable {
  /** Where it is mounted. */
  readonly folder: string;
}

export interface MemoryDisk extends Disk {
  /** Leaves no room at all. */
  fill(): void;
  makeRoom(): void;
  makeReadOnly(): void;
}

export interface FileDisk extends Disk {
  /** From now on whatever writes to it waits in the system. */
  freeze(): void;
  thaw(): void;
  /** What the kernel does after an error of the file system: nothing is written any more, also not to open files. */
  fail(): void;
  mend(): void;
}

/** A disk in memory of so many KiB. */
export function mountMemory(kib: number): MemoryDisk {
  const disk = makeFolder((folder) => run('mount', '-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder));
  const ballast = join(disk.folder, 'ballast');
  return {
    ...disk,
    fill() {
      for (let size = kib * 1024; size >= 1; size = Math.floor(size / 2)) {
        try {
          writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
        } catch {
          // No room for so much: less may still fit.
        }
      }
    },
    makeRoom: () => rmSync(ballast),
    makeReadOnly: () => void run('mount', '-o', 'remount,ro', disk.folder),
  };
}

/** A disk in a file. */
export function mountFile(): FileDisk {
  const options = ['-o', 'loop,errors=remount-ro'];
  const disk = makeFolder((folder, image) => {
    run('truncate', '-s', '16M', image);
    run('mkfs.ext4', '-q', image);
    run('mount', ...options, image, folder);
  });
  return {
    ...disk,
    freeze: () => void run('fsfreeze', '-f', disk.folder),
    thaw: () => void run('fsfreeze', '-u', disk.folder),
    fail() {
      const device = run('losetup', '-n', '-O', 'NAME', '-j', disk.image).trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1');
    },
    mend() {
      run('umount', disk.folder);
      // It says by its exit code that there was something to mend.
      tryRun('e2fsck', '-fy', disk.image);
      run('mount', ...options, disk.image, disk.folder);
    },
  };
}

/** Why no such disk can be had here, null when it can. */
export function refusalOf(make: () => Disk): string | null {
  try {
    make()[Symbol.dispose]();
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

function makeFolder(mount: (folder: string, image: string) => void): Disk & { readonly image: string } {
  const parent = mkdtempSync(join(tmpdir(), 'disk-'));
  const folder = mkdtempSync(join(parent, 'mounted-'));
  const image = join(parent, 'image');
  const dispose = () => {
    tryRun('umount', '-l', folder);
    rmSync(parent, { recursive: true, force: true });
  };
  try {
    mount(folder, image);
  } catch (thrown) {
    dispose();
    throw thrown;
  }
  return { folder, image, [Symbol.dispose]: dispose };
}

function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = tryRun(command, ...args);
  if (status !== 0) throw new Error(`'${command}' cannot be used: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

function tryRun(command: string, ...args: readonly string[]) {
  return spawnSync(command, args, { encoding: 'utf8', timeout: 10_000 });
}
