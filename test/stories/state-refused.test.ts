import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore } from '../../src/state/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refused-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const clock = { wall: () => 0, monotonic: () => 0 };
const advice = "; choose another with state.path or --state.path, ':memory:' keeps nothing";

test.each([
  ['a part of the path is a file', () => '/dev/null/state.db', 'a part of the path is a file, not a directory'],
  ['a directory', () => folder, 'it is a directory'],
  ['a device', () => '/dev/null', 'it is a pipe or a device, not a file'],
  [
    'a pipe',
    () => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      return join(folder, 'pipe');
    },
    'it is a pipe or a device, not a file',
  ],
  ['a file system that nobody may write', () => '/proc/exporter/state.db', 'its directory cannot be made there'],
  [
    'links in a circle',
    () => {
      symlinkSync('b', join(folder, 'a'));
      symlinkSync('a', join(folder, 'b'));
      return join(folder, 'a/state.db');
    },
    'its symbolic links go round in a circle',
  ],
  ['a name that is too long', () => join(folder, 'x'.repeat(300)), 'its name is too long'],
])('%s is refused with a message that says what to do', async (_name, place, why) => {
  const path = place();
  const refused = openStore({ path, changesKept: 1, clock });
  await expect(refused).rejects.toThrow(`Cannot use the state database '${path}': ${why}${advice}`);
  await expect(refused).rejects.toMatchObject({ name: 'StateError' });
});

describe('a user who may not write', () => {
  const script = `
    import { openStore } from '${new URL('../../src/state/store.ts', import.meta.url).pathname}';
    const clock = { wall: () => 0, monotonic: () => 0 };
    await openStore({ path: process.argv[1], changesKept: 1, clock }).catch((thrown) => console.log(thrown.message));
  `;
  /** What is told to somebody who is not root. */
  const toldToNobody = (path: string) => {
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const args = ['--input-type=module', '-e', script, path];
    return spawnSync(process.execPath, args, { encoding: 'utf8', ...user }).stdout;
  };

  test.each([
    ['into the directory', 'there/state.db', () => mkdirSync(join(folder, 'there'), { mode: 0o555 })],
    [
      'where the directory is missing',
      'there/deeper/state.db',
      () => mkdirSync(join(folder, 'there'), { mode: 0o555 }),
    ],
    ['into a directory that is closed', 'there/state.db', () => mkdirSync(join(folder, 'there'), { mode: 0 })],
    [
      'to the file',
      'state.db',
      () => {
        chmodSync(folder, 0o777);
        writeFileSync(join(folder, 'state.db'), '', { mode: 0o400 });
      },
    ],
  ])('%s is told so', (_name, name, prepare) => {
    chmodSync(folder, 0o755);
    prepare();
    const path = join(folder, name);
    expect(toldToNobody(path)).toBe(
      `Cannot use the state database '${path}': this user may not write there${advice}\n`,
    );
  });
});
