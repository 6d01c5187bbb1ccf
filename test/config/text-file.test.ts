import { execFileSync } from 'node:child_process';
import { mkdtempSync, readSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTextFile, signatureOf } from '../../src/config/text-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'text-file-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file is its text and the signature that it has', () => {
  writeFileSync(path, 'größer\n');
  expect(loadTextFile(path)).toEqual({ ok: true, text: 'größer\n', seen: { path, signature: signatureOf(path) } });
});

test('a long file comes whole', () => {
  const text = 'line\n'.repeat(100_000);
  writeFileSync(path, text);
  expect(loadTextFile(path)).toMatchObject({ ok: true, text });
});

test('what tells no size, such as a file of the kernel, comes whole', () => {
  expect(loadTextFile('/proc/self/status')).toMatchObject({ ok: true, text: expect.stringContaining('Name:') });
});

test.each([
  ['no file', () => {}, 'there is no such file'],
  ['a file below a file', () => `${import.meta.filename}/x`, 'there is no such file'],
  ['a directory', () => folder, 'it is a directory'],
  [
    'a pipe that nobody writes to',
    () => void execFileSync('mkfifo', [path]),
    'it is a pipe: write the text into a file',
  ],
  ['a device without end', () => '/dev/zero', 'it is a device: write the text into a file'],
  [
    'a file without end',
    () => {
      writeFileSync(path, '');
      truncateSync(path, 1024 ** 4);
    },
    'it is larger than 16 MiB',
  ],
  ['a link to itself', () => symlinkSync('file', path), 'its symbolic links lead in a circle'],
  ['a name that is too long', () => join(folder, 'x'.repeat(300)), 'its name is too long'],
])('%s is a problem in words, with a signature', (_name, make, problem) => {
  const name = make() ?? path;
  const read = loadTextFile(name);
  expect(read).toEqual({ ok: false, problem, seen: { path: name, signature: expect.stringMatching(/./) } });
  expect(read.seen.signature).toBe(signatureOf(name));
});

test('the signature is that from before the reading', () => {
  writeFileSync(path, 'one');
  const before = signatureOf(path);
  const read = loadTextFile(path, (fd, buffer) => {
    const count = readSync(fd, buffer);
    writeFileSync(path, 'longer');
    return count;
  });
  expect(read).toMatchObject({ ok: true, text: expect.stringMatching(/^one/), seen: { signature: before } });
  expect(signatureOf(path)).not.toBe(before);
});

test('the signature changes when the file goes, and when it comes back', () => {
  writeFileSync(path, 'one');
  const there = signatureOf(path);
  unlinkSync(path);
  expect(signatureOf(path)).toBe('ENOENT');
  writeFileSync(path, 'one');
  expect([there, 'ENOENT']).not.toContain(signatureOf(path));
});
