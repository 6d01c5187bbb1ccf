/** What SQLite and the system say when they refuse, in words for a person. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DiskError, StateError } from '../errors.ts';

/** Primary result codes: https://sqlite.org/rescode.html */
const sqlite = { perm: 3, busy: 5, locked: 6, nomem: 7, readonly: 8, ioerr: 10, full: 13, cantopen: 14 } as const;
const systemDisk = new Set(['ENOSPC', 'EDQUOT', 'EIO']);

/** Whether it speaks of what is in the file, not of the way to it. */
export function isUnsound(thrown: unknown, path: string): boolean {
  const code = primaryCode(thrown);
  // SQLite also takes a file for read-only whose header asks for that.
  if (code === sqlite.readonly) return refusalOf(path) === null;
  return code !== null && !Object.values<number>(sqlite).includes(code);
}

/** Whether the open file is as good as before: there is only no room, or no leave, to write now. */
export function isOnlyRefused(thrown: unknown): boolean {
  const code = primaryCode(thrown);
  return code === sqlite.full || code === sqlite.readonly;
}

/** Why the state file cannot be used: a DiskError when it may pass, else a StateError that says what to do. */
export function explain(thrown: unknown, path: string): DiskError | StateError {
  const cannot = `Cannot use the state database '${path}'`;
  const options = { cause: thrown };
  if (thrown instanceof StateError || thrown instanceof DiskError) return thrown;
  const code = primaryCode(thrown);
  if (code === sqlite.busy || code === sqlite.locked) {
    return new StateError(
      `${cannot}: another process has it open; each process needs a file of its own, see state.path or --state.path`,
      options,
    );
  }
  const isOfAccess = code === sqlite.cantopen || code === sqlite.readonly || code === sqlite.perm;
  const system = systemCode((isOfAccess && refusalOf(path)) || thrown);
  if (code === sqlite.full || code === sqlite.ioerr || systemDisk.has(system ?? '')) {
    return new DiskError(`${cannot}: ${messageOf(thrown)}`, options);
  }
  const why = reasons[system ?? ''] ?? messageOf(thrown);
  return new StateError(
    `${cannot}: ${why}; choose another with state.path or --state.path, ':memory:' keeps nothing`,
    options,
  );
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is a file, not a directory',
  EISDIR: 'it is a directory',
  ENXIO: 'it is a pipe or a device, not a file',
  ENOENT: 'its directory cannot be made there',
  ELOOP: 'its symbolic links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
};

/** SQLite only says that it cannot open a file; the system says why. */
function refusalOf(path: string): unknown {
  try {
    accessSync(existsSync(path) ? path : dirname(path), constants.R_OK | constants.W_OK);
    // Beside the file SQLite makes others.
    accessSync(dirname(path), constants.W_OK | constants.X_OK);
    return null;
  } catch (thrown) {
    return thrown;
  }
}

function primaryCode(thrown: unknown): number | null {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number'
    ? thrown.errcode & 0xff
    : null;
}

function systemCode(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
