/** From a path to an open state file that is this process's alone. */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StateError, UnsoundError } from '../errors.ts';
import type { RestoredText } from '../thread.ts';
import { createDatabase, type Database } from './database.ts';
import { kindOf, migrate } from './schema.ts';
import { explain, isUnsound } from './trouble.ts';

export interface OpenedDatabase {
  readonly database: Database;
  readonly restored: RestoredText;
}

/** How long another process may take to let go of the file, such as one that is just ending. */
const busyTimeoutMs = 1_500;
/** Files put aside in a row until something else must be wrong. */
const mostAttempts = 3;

/**
 * Opens the file for this process alone, making it and its directory if they are missing. A file that is no sound state
 * of this version or an older one is put aside under another name. Throws a StateError, or a DiskError when the disk is
 * full or fails.
 */
export function openDatabase(
  path: string,
  { changesKept, now }: { readonly changesKept: number; readonly now: () => Date },
): OpenedDatabase {
  try {
    if (path !== ':memory:') makeDirectory(path);
    let setAside: string | null = null;
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      const judged = inodeOf(path);
      const result = isStump(judged) ? stump : openSound(path, changesKept, judged === null);
      if (result.ok) {
        if (judged?.size === 0) setAside = putEmptyAside(path, now());
        return { database: result.database, restored: { ...result.restored, setAside } };
      }
      // Somebody else may have put it aside meanwhile: what is there now is another file.
      if (judged?.ino === inodeOf(path)?.ino) setAside = putAside(path, result.why, now());
    }
    throw new StateError(`Cannot use the state database '${path}': each new file there is unsound at once`);
  } catch (thrown) {
    throw explain(thrown, path);
  }
}

type Attempt =
  | { readonly ok: true; readonly database: Database; readonly restored: Omit<RestoredText, 'setAside'> }
  | { readonly ok: false; readonly why: 'corrupt' | 'newer' | 'foreign' };

const stump: Attempt = { ok: false, why: 'corrupt' };

function openSound(path: string, changesKept: number, isNew: boolean): Attempt {
  let db: DatabaseSync | null = null;
  try {
    if (isNew) createForOwner(path);
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    // Alone before the first look, and before anything of it is changed.
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    const kind = kindOf(db);
    if (kind !== 'usable') {
      db.close();
      return { ok: false, why: kind };
    }
    if (!isNew) shutOthersOut(path);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const [check] = db.prepare('PRAGMA quick_check(1)').all();
    if (check?.['quick_check'] !== 'ok') throw new UnsoundError('The file is damaged');
    migrate(db);
    const database = createDatabase(db, changesKept);
    return { ok: true, database, restored: database.restore() };
  } catch (thrown) {
    db?.close();
    if (thrown instanceof UnsoundError || thrown instanceof SyntaxError || isUnsound(thrown, path))
      return { ok: false, why: 'corrupt' };
    // The empty file is not left behind: the next time it would be somebody's state that was emptied.
    if (isNew && inodeOf(path)?.size === 0) rmSync(path);
    throw thrown;
  }
}

/** Creates the file readable for its owner alone: it holds names and messages. SQLite gives its other files the same mode. */
function createForOwner(path: string): void {
  if (path === ':memory:') return;
  try {
    closeSync(openSync(path, 'wx', ownerOnly));
  } catch {
    // SQLite tries next, and its error says why.
  }
}

/** Takes the file of an older version from everybody else. A group keeps it, because a volume may be shared by group. */
function shutOthersOut(path: string): void {
  if (path === ':memory:') return;
  try {
    if ((statSync(path).mode & 0o007) !== 0) chmodSync(path, ownerOnly);
  } catch {
    // The file belongs to another user, who decides.
  }
}

const ownerOnly = 0o600;

/** `recursive: true` will not do: it never returns where the kernel answers ENOENT for a parent that is there, as in /proc. */
function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  for (const folder of missing) makeUnlessThere(folder);
  if (!statSync(dirname(path)).isDirectory()) throw Object.assign(new Error('No directory'), { code: 'ENOTDIR' });
  if (existsSync(path) && statSync(path).isDirectory())
    throw Object.assign(new Error('A directory'), { code: 'EISDIR' });
  if (existsSync(path) && !statSync(path).isFile())
    throw Object.assign(new Error('No regular file'), { code: 'ENXIO' });
}

function makeUnlessThere(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (thrown) {
    // Another process may have been quicker; a link that leads nowhere says so itself.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    statSync(folder);
  }
}

/** Renames the file and what SQLite keeps beside it. */
function putAside(path: string, why: string, now: Date): string {
  const aside = freeName(path, why, now);
  for (const suffix of ['', '-wal', '-shm', '-journal']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

/**
 * A file without a byte holds no state, although SQLite takes it for a new one. It is told by an empty file of that name,
 * not renamed: another process may have just made it.
 */
function putEmptyAside(path: string, now: Date): string {
  const aside = freeName(path, 'corrupt', now);
  writeFileSync(aside, '', { flag: 'wx' });
  return aside;
}

function freeName(path: string, why: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const names = Array.from({ length: 100 }, (_, n) => `${path}.${why}-${stamp}${n === 0 ? '' : `-${n}`}`);
  return names.find((name) => !existsSync(name)) ?? `${path}.${why}-${now.getTime()}`;
}

interface Inode {
  readonly ino: number;
  readonly size: number;
}

function inodeOf(path: string): Inode | null {
  const stats = path === ':memory:' ? undefined : statSync(path, { throwIfNoEntry: false });
  return stats ? { ino: stats.ino, size: stats.size } : null;
}

/** What is smaller than the smallest page SQLite takes for a new file, and overwrites. */
function isStump(inode: Inode | null): boolean {
  return inode !== null && inode.size > 0 && inode.size < 512;
}
