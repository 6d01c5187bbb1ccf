import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReloader, type Reloader, type ReloadPart, type ReloadResult, reloadable } from '../../src/app/reload.ts';
import { loadTextFile, type SeenFile } from '../../src/config/text-file.ts';

let taken: number[];
let told: [ReloadResult, unknown][];
let now: number;
let reloader: Reloader | null;
beforeEach(() => {
  taken = [];
  told = [];
  now = 1000;
  reloader = null;
});
afterEach(() => reloader?.[Symbol.dispose]());

const noFiles: readonly SeenFile[] = [];
const good = { ok: true, value: 1, files: noFiles } as const;

function part(more: Partial<ReloadPart<number>> = {}) {
  return reloadable<number>({
    files: noFiles,
    load: async () => good,
    take(value) {
      taken.push(value);
      return null;
    },
    tell: (...heard) => void told.push(heard as [ReloadResult, unknown]),
    ...more,
  });
}
function open(...parts: ReturnType<typeof part>[]): Reloader {
  reloader = createReloader({ parts, now: () => now, lookEveryMs: 20 });
  reloader.follow();
  return reloader;
}

test('before the first reload the start counts as the last good one', () => {
  const { status } = open(part());
  now = 2000;
  expect(status()).toEqual({ successful: true, lastSuccessAt: 1000 });
});

test('a good value is taken, and told with both gauges', async () => {
  const { reload, status } = open(part());
  now = 2000;
  expect(await reload()).toEqual({ ok: true });
  expect(taken).toEqual([1]);
  expect(told).toEqual([[{ ok: true }]]);
  expect(status()).toEqual({ successful: true, lastSuccessAt: 2000 });
});

const broken = new Error('a defect');
describe.each<[string, Partial<ReloadPart<number>>, string, unknown?]>([
  ['what cannot be loaded', { load: async () => ({ ok: false, problems: 'line 3: no', files: [] }) }, 'line 3: no'],
  [
    'what needs a restart',
    { take: () => 'state.path changed: this needs a restart' },
    'state.path changed: this needs a restart',
  ],
  ['a defect of the loading', { load: async () => Promise.reject(broken) }, 'Unexpected error: a defect', broken],
  [
    'a defect of the taking',
    {
      take() {
        throw broken;
      },
    },
    'Unexpected error: a defect',
    broken,
  ],
])('%s', (_name, more, problems, thrown) => {
  test('is told as a failure, never as a success, on both gauges, and rejects nothing', async () => {
    const { reload, status } = open(part(more));
    now = 2000;
    expect(await reload()).toEqual({ ok: false, problems });
    expect(taken).toEqual([]);
    expect(told).toEqual([[{ ok: false, problems }, ...(thrown === undefined ? [] : [thrown])]]);
    expect(status()).toEqual({ successful: false, lastSuccessAt: 1000 });
  });

  test('does not hold up another part, and the next good reload mends it', async () => {
    let bad = true;
    const mended = part(more);
    const wholly = part();
    const changing = { ...mended, attempt: () => (bad ? mended : wholly).attempt() };
    const { reload, status } = open(changing, part());
    expect(await reload()).toEqual({ ok: false, problems });
    expect(taken).toEqual([1]);
    expect(status().successful).toBe(false);
    bad = false;
    now = 3000;
    expect(await reload()).toEqual({ ok: true });
    expect(status()).toEqual({ successful: true, lastSuccessAt: 3000 });
  });
});

test('the problems of all parts are told together', async () => {
  const failing = (problems: string) => part({ load: async () => ({ ok: false, problems, files: [] }) });
  expect(await open(failing('a'), failing('b')).reload()).toEqual({ ok: false, problems: 'a\nb' });
});

test('a storm of reloads is one that runs and one after it', async () => {
  let loads = 0;
  let release: (() => void) | null = null;
  const held = part({
    async load() {
      loads++;
      if (loads === 1) await new Promise<void>((resolve) => (release = resolve));
      return good;
    },
  });
  const { reload } = open(held);
  const all = Array.from({ length: 50 }, () => reload());
  await new Promise(setImmediate);
  expect(loads).toBe(1);
  (release as (() => void) | null)?.();
  expect(await Promise.all(all)).toHaveLength(50);
  expect(loads).toBe(2);
  expect(taken).toEqual([1, 1]);
  await reload();
  expect(taken).toHaveLength(3);
});

describe('files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reload-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A config whose first line names a second file, and the second file holds a number. */
  function setUp() {
    const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
    put('config', 'key');
    put('key', '1');
    const load = async () => {
      const config = loadTextFile(join(folder, 'config'));
      if (!config.ok) return { ok: false, problems: `config: ${config.problem}`, files: [config.seen] } as const;
      const key = loadTextFile(join(folder, config.text));
      const files = [config.seen, key.seen];
      if (!key.ok) return { ok: false, problems: `${config.text}: ${key.problem}`, files } as const;
      return { ok: true, value: Number(key.text), files } as const;
    };
    const files = ['config', 'key'].map((name) => loadTextFile(join(folder, name)).seen);
    open(part({ files, load }));
    return put;
  }
  const results = () => told.map(([result]) => (result.ok ? 'ok' : result.problems));
  const become = (...wanted: string[]) => expect.poll(results).toEqual(wanted);

  test('a file that goes is told, and its return is noticed', async () => {
    const put = setUp();
    unlinkSync(join(folder, 'key'));
    await become('key: there is no such file');
    put('key', '2');
    await become('key: there is no such file', 'ok');
    expect(taken).toEqual([2]);
  });

  test('the config that goes is told, and its return is noticed', async () => {
    const put = setUp();
    unlinkSync(join(folder, 'config'));
    await become('config: there is no such file');
    put('config', 'key');
    await become('config: there is no such file', 'ok');
  });

  test('a file that goes while the config stops naming it is no mistake', async () => {
    const put = setUp();
    put('other', '7');
    put('config', 'other');
    unlinkSync(join(folder, 'key'));
    await become('ok');
    put('key', '1');
    put('other', '8');
    await become('ok', 'ok');
    expect(taken).toEqual([7, 8]);
  });

  test('a file that a refused config names is waited for, and so are those in force', async () => {
    const put = setUp();
    put('config', 'misspelt');
    await become('misspelt: there is no such file');
    put('key', '5');
    await become('misspelt: there is no such file', 'misspelt: there is no such file');
    put('misspelt', '9');
    await expect.poll(results).toHaveLength(3);
    expect(results().at(-1)).toBe('ok');
    expect(taken).toEqual([9]);
  });

  test('a change between the reading of the start and the following is noticed', async () => {
    const put = setUp();
    put('key', '22');
    await become('ok');
    expect(taken).toEqual([22]);
  });
});
