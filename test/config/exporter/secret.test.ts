import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSecret, fixedSecret, readTogether, type Secret } from '../../../src/config/exporter/secret.ts';
import { loadTextFile } from '../../../src/config/text-file.ts';

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

function opened(path: string): Secret {
  const read = fileSecret(path);
  if (!read.ok) throw new Error(read.problem);
  return read.secret;
}

describe('a secret in a file', () => {
  test.each([
    ['plain', 'one', 'one'],
    ['with a line end', 'one\n', 'one'],
    ['from Windows', '\uFEFFone\r\n', 'one'],
    ['with spaces inside and around', ' one two ', ' one two '],
  ])('%s', (_name, content, value) => {
    writeFileSync(join(folder, 'key'), content);
    expect(opened(join(folder, 'key')).reveal()).toBe(value);
  });

  test('is read again when its file changed, and when a symlink above it was swapped', () => {
    const path = project('v1', 'one');
    const secret = opened(path);
    expect(secret.reveal()).toBe('one');
    project('v2', 'two\n');
    expect(secret.reveal()).toBe('two');
    writeFileSync(path, 'three');
    expect(secret.reveal()).toBe('three');
  });

  test.each(['', '  \n', '{"key": "two"}', 'one\ntwo'])(
    'keeps its last good value while the file is gone or holds %j',
    (bad) => {
      const path = join(folder, 'key');
      writeFileSync(path, 'one');
      const secret = opened(path);
      writeFileSync(path, bad);
      expect(secret.reveal()).toBe('one');
      unlinkSync(path);
      expect(secret.reveal()).toBe('one');
      writeFileSync(path, 'two');
      expect(secret.reveal()).toBe('two');
    },
  );
});

test('a secret that is written while it is read is read again with the next use', () => {
  const path = join(folder, 'key');
  writeFileSync(path, 'one');
  // The content of before, and the new file there as soon as it was read.
  const read = fileSecret(path, (name) =>
    loadTextFile(name, (fd, buffer) => {
      const count = readSync(fd, buffer);
      if (count > 0 && readFileSync(path, 'utf8') === 'one') writeFileSync(path, 'second');
      return count;
    }),
  );
  expect(read.ok && read.secret.reveal()).toBe('second');
});

test.each([
  ['no file', () => {}, /^there is no such file$/],
  ['an empty file', (path: string) => writeFileSync(path, '\n'), /^the file is empty$/],
  ['a file of blanks', (path: string) => writeFileSync(path, ' \t\n'), /^the file holds only blanks$/],
  [
    'a file of JSON',
    (path: string) => writeFileSync(path, ' {\n  "privateKey": "marked"\n}\n'),
    /^the file holds a JSON object: write one value alone, without braces, quotes or its name$/,
  ],
  [
    'a value in quotes',
    (path: string) => writeFileSync(path, '"marked"\n'),
    /^the file holds quotes around the value: leave them out$/,
  ],
  [
    'a file of several lines',
    (path: string) => writeFileSync(path, 'public\nmarked\n'),
    /^the file holds several lines: write one value alone$/,
  ],
])('%s is a problem', (_name, make, problem) => {
  const path = join(folder, 'key');
  make(path);
  expect(fileSecret(path)).toMatchObject({ ok: false, problem: expect.stringMatching(problem), seen: { path } });
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

describe('two secrets that belong together', () => {
  const write = (files: Readonly<Record<string, string>>) => {
    for (const name of ['user', 'password']) rmSync(join(folder, name), { force: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };

  test.each([
    ['the first is missing', { password: 'two-password' }],
    ['the second is missing', { user: 'two-user' }],
    ['one is empty', { user: 'two-user', password: '' }],
  ])('%s: the last good pair stays until both can be read', (_name, half) => {
    write({ user: 'one-user', password: 'one-password' });
    const read = readTogether(opened(join(folder, 'user')), opened(join(folder, 'password')));
    const one = { user: 'one-user', password: 'one-password' };
    expect(read()).toEqual(one);
    write(half);
    expect([read(), read()]).toEqual([one, one]);
    write({ user: 'two-user', password: 'two-password' });
    expect(read()).toEqual({ user: 'two-user', password: 'two-password' });
  });

  test('one of them may stand in the config', () => {
    write({ password: 'one' });
    const read = readTogether(fixedSecret('user'), opened(join(folder, 'password')));
    write({ password: 'two-password' });
    expect(read()).toEqual({ user: 'user', password: 'two-password' });
  });
});
