import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSecret, fixedSecret } from '../../../src/config/exporter/secret.ts';
import { watchFiles } from '../../../src/config/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the kubelet does it: a folder of its own for each version, and `..data` swapped to it in one step. */
function project(version: string, value: string): string {
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, 'key'), value);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  return join(folder, '..data', 'key');
}

describe('a secret in a file', () => {
  test.each([
    ['plain', 'one', 'one'],
    ['with a line end', 'one\n', 'one'],
    ['from Windows', '\uFEFFone\r\n', 'one'],
    ['with spaces inside and around', ' one two ', ' one two '],
  ])('%s', (_name, content, value) => {
    writeFileSync(join(folder, 'key'), content);
    expect(fileSecret(join(folder, 'key')).reveal()).toBe(value);
  });

  test('is read again when its file changed, and when a symlink above it was swapped', () => {
    const path = project('v1', 'one');
    const secret = fileSecret(path);
    expect(secret.reveal()).toBe('one');
    project('v2', 'two\n');
    expect(secret.reveal()).toBe('two');
    writeFileSync(path, 'three');
    expect(secret.reveal()).toBe('three');
  });

  test('keeps its last good value while the file is gone or empty', () => {
    const path = join(folder, 'key');
    writeFileSync(path, 'one');
    const secret = fileSecret(path);
    writeFileSync(path, '');
    expect(secret.reveal()).toBe('one');
    unlinkSync(path);
    expect(secret.reveal()).toBe('one');
    writeFileSync(path, 'two');
    expect(secret.reveal()).toBe('two');
  });
});

test('a secret shows itself to nothing', () => {
  const secret = fixedSecret('marked-secret');
  const shown = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ deep: { secret } }),
    Object.keys(secret).join(),
  ];
  expect(shown.join(' ')).not.toContain('marked');
  expect(secret.reveal()).toBe('marked-secret');
});

test('a change of a watched file is told once, when it has settled', async () => {
  const path = project('v1', 'one');
  let told = 0;
  using files = watchFiles(() => void told++, 20);
  files.watch([path]);
  const pass = () => new Promise((resolve) => setTimeout(resolve, 200));
  await pass();
  expect(told).toBe(0);
  project('v2', 'two');
  await pass();
  expect(told).toBe(1);
  await pass();
  expect(told).toBe(1);
});
