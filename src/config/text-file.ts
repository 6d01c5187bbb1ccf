/** Text files: the config, and the files that it names. Bounded, and read together with what tells a later change. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** A file as it was at one moment. */
export interface SeenFile {
  readonly path: string;
  /** Changes with the file: with its inode, size and times, and with the error code where there is no file to look at. */
  readonly signature: string;
}

export type TextFile =
  | { readonly ok: true; readonly text: string; readonly seen: SeenFile }
  /** `problem` completes a sentence: `the file cannot be read: …`. */
  | { readonly ok: false; readonly problem: string; readonly seen: SeenFile };

const mib = 1024 * 1024;
/** Larger than the config of a hundred thousand projects. */
const mostBytes = 16 * mib;
const chunkBytes = 64 * 1024;

/** As readSync: the number of bytes that it put into the buffer, 0 at the end. */
type Read = (fd: number, buffer: Uint8Array) => number;

/**
 * Reads a whole regular file as UTF-8. Never throws, and never waits: a pipe or a device, which might have no end, is a
 * problem. The signature is taken before the content, so that a change between the two counts as a later one.
 */
export function loadTextFile(path: string, read: Read = readSync): TextFile {
  let fd: number | null = null;
  let signature: string | null = null;
  try {
    // O_NONBLOCK: the opening of a pipe would wait for a writer.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    signature = toSignature(stats);
    const seen = { path, signature };
    const problem = kindProblem(stats);
    if (problem !== null) return { ok: false, problem, seen };
    const bytes = readBounded(fd, read);
    if (bytes === null) return { ok: false, problem: `it is larger than ${mostBytes / mib} MiB`, seen };
    return { ok: true, text: bytes.toString('utf8'), seen };
  } catch (thrown) {
    return {
      ok: false,
      problem: errorProblem(codeOf(thrown)),
      seen: { path, signature: signature ?? signatureOf(path) },
    };
  } finally {
    if (fd !== null) closeSync(fd);
  }
}

/** The signature of the file now; an error code when there is no file to look at. */
export function signatureOf(path: string): string {
  try {
    return toSignature(statSync(path));
  } catch (thrown) {
    return codeOf(thrown);
  }
}

/** The signature of a file whose stats were read already. */
export function toSignature({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join();
}

/** The code of a system's error, such as `ENOENT`. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
}

function kindProblem(stats: Stats): string | null {
  if (stats.isFile()) return null;
  if (stats.isDirectory()) return 'it is a directory';
  return stats.isFIFO() ? 'it is a pipe: write the text into a file' : 'it is a device: write the text into a file';
}

/** null when there is more than the bound. By the bytes, not by the size that is told: files of /proc tell 0. */
function readBounded(fd: number, read: Read): Buffer | null {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= mostBytes; ) {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const count = read(fd, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return null;
}

function errorProblem(code: string): string {
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    ENOTDIR: 'there is no such file',
    EACCES: 'this user may not read it',
    EISDIR: 'it is a directory',
    ELOOP: 'its symbolic links lead in a circle',
    ENAMETOOLONG: 'its name is too long',
    ENXIO: 'it is a device: write the text into a file',
  };
  return known[code] ?? `the system says ${code}`;
}
