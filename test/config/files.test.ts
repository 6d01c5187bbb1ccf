import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FileWatch, watchFiles } from '../../src/config/files.ts';
import { type SeenFile, signatureOf } from '../../src/config/text-file.ts';

let folder: string;
let told: number;
let files: FileWatch;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  told = 0;
  files = watchFiles(() => void told++, 20);
});
afterEach(() => {
  files[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);
const put = (name: string, text: string): SeenFile => {
  writeFileSync(at(name), text);
  return { path: at(name), signature: signatureOf(at(name)) };
};
/** Ten looks and more. */
const pass = () => new Promise((resolve) => setTimeout(resolve, 400));
const isTold = (times: number) => expect.poll(() => told).toBe(times);

/** As the kubelet does it: a folder of its own for each version, and `..data` swapped to it in one step. */
function project(version: string, entries: Readonly<Record<string, string>>): void {
  mkdirSync(at(version));
  for (const [name, text] of Object.entries(entries)) writeFileSync(join(at(version), name), text);
  symlinkSync(version, at('..data_tmp'));
  renameSync(at('..data_tmp'), at('..data'));
}

test('a change is told once, when it has settled', async () => {
  project('v1', { key: 'one' });
  const path = at('..data/key');
  files.watch([{ path, signature: signatureOf(path) }]);
  await pass();
  expect(told).toBe(0);
  project('v2', { key: 'two' });
  await isTold(1);
  await pass();
  expect(told).toBe(1);
});

test('a change between the reading of a file and the watching is told', async () => {
  const seen = put('key', 'one');
  put('key', 'second');
  files.watch([seen]);
  await isTold(1);
});

test.each([
  ['is gone', (path: string) => unlinkSync(path)],
  ['was renamed', (path: string) => renameSync(path, `${path}.old`)],
])('a file that %s is told once, and so is its return; others are still watched', async (_name, remove) => {
  const [key, other] = [put('key', 'one'), put('other', 'one')];
  files.watch([key, other]);
  remove(key.path);
  await isTold(1);
  await pass();
  expect(told).toBe(1);
  put('other', 'second');
  await isTold(2);
  put('key', 'one');
  await isTold(3);
  await pass();
  expect(told).toBe(3);
});

test('a file that is not there from the beginning is told when it comes', async () => {
  files.watch([{ path: at('key'), signature: 'ENOENT' }]);
  await pass();
  expect(told).toBe(0);
  put('key', 'one');
  await isTold(1);
});

test('what is kept goes on from what was last seen; what is neither kept nor given is watched no more', async () => {
  const [kept, left, mended] = [put('kept', 'one'), put('left', 'one'), at('mended')];
  files.watch([kept, left]);
  unlinkSync(kept.path);
  await isTold(1);
  files.watch([{ path: mended, signature: 'ENOENT' }], [kept.path]);
  put('left', 'second');
  await pass();
  expect(told).toBe(1);
  put('mended', 'one');
  await isTold(2);
  put('kept', 'one');
  await isTold(3);
});
