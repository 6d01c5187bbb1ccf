import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordedChange } from '../../src/domain/change.ts';
import { openStore, type Step, type Store } from '../../src/state/store.ts';
import { aConnection, aLedger } from '../support/builders.ts';

let folder: string;
let path: string;
const clock = { wall: () => 5_000, monotonic: () => 0 };
const open = (options: { changesKept?: number; path?: string } = {}) =>
  openStore({ path, changesKept: 100, clock, ...options });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(folder, 'deep/er/state.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function change(id: number, overrides: Partial<RecordedChange> = {}): RecordedChange {
  return {
    id,
    at: id * 1000,
    atlas_project_id: 'p1',
    kind: 'cluster',
    cloud_provider: 'AWS',
    connection_id: 'c1',
    type: 'status',
    from: 'INITIATING',
    to: 'AVAILABLE',
    ...overrides,
  };
}

function step(key: string, changes: readonly RecordedChange[] = [], status = 'AVAILABLE'): Step {
  return { key, ledger: aLedger([aConnection('c1', { status })]), up: true, lastSuccess: 1234, changes };
}

const ids = async (store: Store, query: Partial<Parameters<Store['changes']>[0]> = {}) =>
  (await store.changes({ limit: 1000, ...query })).map(({ id }) => id);

test('gives back after a restart what was committed, and goes on with the ids', async () => {
  {
    await using store = await open();
    expect(store.restored).toMatchObject({ sources: new Map(), projects: [], setAside: null });
    await store.commit(step('p1/cluster/AWS', [change(store.nextChangeId()), change(store.nextChangeId())]));
    await store.commit(step('p2/cluster/AWS'));
    store.saveFreshness([{ key: 'p2/cluster/AWS', up: false, lastSuccess: 99 }]);
    store.saveProjects([{ id: 'p1', name: 'shop', orgId: 'o1', removedAt: null }]);
    store.forget(['nobody']);
    expect(store.status()).toEqual({ restored: true, lastSaveSuccessful: true, lastSaveAt: 5_000, saveFailures: 0 });
  }
  await using store = await open();
  expect([...store.restored.sources.keys()]).toEqual(['p1/cluster/AWS', 'p2/cluster/AWS']);
  expect(store.restored.sources.get('p1/cluster/AWS')).toEqual({
    key: 'p1/cluster/AWS',
    ledger: aLedger([aConnection('c1')]),
    up: true,
    lastSuccess: 1234,
  });
  expect(store.restored.sources.get('p2/cluster/AWS')).toMatchObject({ up: false, lastSuccess: 99 });
  expect(store.restored.projects).toEqual([{ id: 'p1', name: 'shop', orgId: 'o1', removedAt: null }]);
  expect(await ids(store)).toEqual([1, 2]);
  expect(store.nextChangeId()).toBe(3);
});

test('what is no longer watched is deleted', async () => {
  {
    await using store = await open();
    await store.commit(step('a'));
    await store.commit(step('b'));
    store.forget(['a']);
  }
  await using store = await open();
  expect([...store.restored.sources.keys()]).toEqual(['b']);
});

describe('changes', () => {
  test('are found by project, id, time, and newest first', async () => {
    await using store = await open();
    await store.commit(
      step(
        'a',
        [1, 2, 3, 4].map((id) => change(id, id % 2 ? {} : { atlas_project_id: 'p2' })),
      ),
    );
    expect(await ids(store, { projectId: 'p2' })).toEqual([2, 4]);
    expect(await ids(store, { sinceId: 2 })).toEqual([3, 4]);
    expect(await ids(store, { sinceAt: 4000 })).toEqual([4]);
    expect(await ids(store, { limit: 2 })).toEqual([1, 2]);
    expect(await ids(store, { limit: 2, newestFirst: true })).toEqual([4, 3]);
  });

  test('over the number kept the oldest reworded go first, then the oldest; ids are never used again', async () => {
    {
      await using store = await open({ changesKept: 4 });
      const reworded = { type: 'error_message', change: 'reworded' } as const;
      const all = [change(1), change(2, reworded), change(3), change(4, reworded), change(5), change(6)];
      for (const one of all) {
        store.nextChangeId();
        await store.commit(step('a', [one]));
      }
      expect(await ids(store)).toEqual([1, 3, 5, 6]);
      for (const id of [7, 8]) await store.commit(step('a', [change(id)]));
      expect(await ids(store)).toEqual([5, 6, 7, 8]);
    }
    const db = new DatabaseSync(path);
    db.exec('DELETE FROM changes');
    db.close();
    await using store = await open();
    expect(store.nextChangeId()).toBe(9);
  });

  test('a change that is written twice is there once', async () => {
    await using store = await open();
    await store.commit(step('a', [change(1)]));
    await store.commit(step('a', [change(1)]));
    expect(await ids(store)).toEqual([1]);
  });
});

test(':memory: works and leaves no file', async () => {
  await using store = await open({ path: ':memory:' });
  await store.commit(step('a', [change(1)]));
  expect(await ids(store)).toEqual([1]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a second process is refused with a message that says so', async () => {
  await using _first = await open();
  await expect(open()).rejects.toThrow(`Cannot use the state database '${path}': another process has it open`);
});

describe('a file that is no sound state is put aside', () => {
  beforeEach(async () => {
    const store = await open();
    await store.commit(step('a', [change(store.nextChangeId())]));
    await store[Symbol.asyncDispose]();
  });

  test.each([
    ['garbage', () => writeFileSync(path, 'this is no database, and never was one'), 'corrupt'],
    ['empty', () => writeFileSync(path, ''), 'corrupt'],
    ['truncated', () => writeFileSync(path, readFileSync(path).subarray(0, 5000)), 'corrupt'],
    [
      'overwritten in the middle',
      () => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 4096);
        writeFileSync(path, bytes);
      },
      'corrupt',
    ],
    ['a ledger that is no JSON', () => execute("UPDATE sources SET ledger = '{'"), 'corrupt'],
    ['of a newer version', () => execute('PRAGMA user_version = 1000'), 'newer'],
  ])('%s', async (_name, damage, why) => {
    damage();
    await using store = await open();
    expect(store.restored.sources.size).toBe(0);
    expect(store.status().restored).toBe(false);
    expect(store.restored.setAside).toMatch(new RegExp(`state\\.db\\.${why}-\\d{8}T\\d{6}Z$`));
    expect(readdirSync(join(folder, 'deep/er'))).toContain(store.restored.setAside?.split('/').at(-1));
    await store.commit(step('b'));
    expect(store.status().lastSaveSuccessful).toBe(true);
  });

  function execute(sql: string) {
    const db = new DatabaseSync(path);
    db.exec(sql);
    db.close();
  }
});

test('an older version is brought up to date', async () => {
  new DatabaseSync(join(folder, 'old.db')).exec('CREATE TABLE older (a); PRAGMA user_version = 0');
  await using store = await open({ path: join(folder, 'old.db') });
  expect(store.restored.setAside).toBeNull();
  await store.commit(step('a'));
  expect(store.status().lastSaveSuccessful).toBe(true);
});

test.each([
  [
    'a part of the path is a file',
    () => join('/dev/null', 'state.db'),
    'a part of the path is a file, not a directory',
  ],
  ['a directory', () => folder, 'it is a directory'],
  ['a file system that nobody may write', () => '/proc/exporter/state.db', 'Cannot use the state database'],
])('%s is refused with a message', async (_name, place, message) => {
  await expect(open({ path: place() })).rejects.toThrow(message);
});
