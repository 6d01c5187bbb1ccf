import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { toForget } from '../../src/domain/stored.ts';
import { openStore, type Store, type StoreEvent, type StoreOptions } from '../../src/state/store.ts';
import { aConnection, aLedger } from '../support/builders.ts';
import { aChange, aPut } from '../support/state.ts';

let folder: string;
let path: string;
let workers: Worker[];
const keepWorker = (worker: Worker) => workers.push(worker);
const clock = { wall: () => 5_000, monotonic: () => performance.now() };
const open = (options: Partial<StoreOptions> = {}) =>
  openStore({ path, changesKept: 100, clock, retryMs: 10, ...options });
const ids = async (store: Store) => (await store.changes({ limit: 1000 })).map(({ id }) => id);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
  path = join(folder, 'deep/er/state.db');
  workers = [];
  process.on('worker', keepWorker);
});
afterEach(() => {
  process.off('worker', keepWorker);
  rmSync(folder, { recursive: true, force: true });
});

test('gives back after a restart what was committed, and goes on with the ids', async () => {
  {
    await using store = await open();
    expect(store.restored).toMatchObject({ sources: new Map(), projects: [], setAside: null });
    await store.commit([aPut('p1/cluster/AWS', [aChange(store.nextChangeId()), aChange(store.nextChangeId())])]);
    await store.commit([aPut('p2/cluster/AWS')]);
    await store.commit([aPut('p3/cluster/AWS')]);
    void store.commit([{ type: 'freshen', key: 'p2/cluster/AWS', up: false, lastSuccess: 99, changes: [] }]);
    store.saveProjects([{ id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null }]);
    void store.commit(['nobody', 'p3/cluster/AWS'].map(toForget));
    expect(store.status()).toEqual({ restored: true, lastSaveSuccessful: true, lastSaveAt: 5_000, saveFailures: 0 });
  }
  expect(readdirSync(join(folder, 'deep/er'))).toEqual(['state.db']);
  await using store = await open();
  expect([...store.restored.sources.keys()]).toEqual(['p1/cluster/AWS', 'p2/cluster/AWS']);
  expect(store.restored.sources.get('p1/cluster/AWS')).toEqual({
    key: 'p1/cluster/AWS',
    ledger: aLedger([aConnection('c1')]),
    up: true,
    lastSuccess: 1234,
  });
  expect(store.restored.sources.get('p2/cluster/AWS')).toMatchObject({ up: false, lastSuccess: 99 });
  expect(store.restored.projects).toEqual([
    { id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null },
  ]);
  expect(await ids(store)).toEqual([1, 2]);
  expect(store.nextChangeId()).toBe(3);
});

test('a change can be read as soon as its step is committed', async () => {
  await using store = await open();
  for (let id = 1; id <= 20; id++) {
    await store.commit([aPut('a', [aChange(id)])]);
    expect((await ids(store)).at(-1)).toBe(id);
  }
});

test('projects that did not change are not written again', async () => {
  let saves = 0;
  const counting = { ...clock, wall: () => ++saves };
  await using store = await open({ clock: counting });
  const projects = [{ id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null }];
  for (let n = 0; n < 5; n++) {
    store.saveProjects(structuredClone(projects));
    await store.changes({ limit: 1 });
  }
  expect(saves).toBe(1);
  store.saveProjects([]);
  await store.commit([aPut('a')]);
  expect(saves).toBe(2);
});

test(':memory: works and leaves no file', async () => {
  await using store = await open({ path: ':memory:' });
  await store.commit([aPut('a', [aChange(1)])]);
  expect(await ids(store)).toEqual([1]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a second process is refused with a message that says so', async () => {
  await using _first = await open();
  await expect(open()).rejects.toThrow(
    `Cannot use the state database '${path}': another process has it open; each process needs a file of its own`,
  );
});

test('a file that is no sound state is told, and not counted as restored', async () => {
  await (await open())[Symbol.asyncDispose]();
  writeFileSync(path, 'no database');
  await using store = await open();
  expect(store.status().restored).toBe(false);
  expect(store.restored.setAside).toMatch(/state\.db\.corrupt-\d{8}T\d{6}Z$/);
  await store.commit([aPut('b')]);
  expect(store.status().lastSaveSuccessful).toBe(true);
});

describe('while it runs', () => {
  const told: StoreEvent[] = [];
  const everything = () => [aPut('a'), aPut('b')];
  beforeEach(() => told.splice(0));

  test('a thread that dies is started again, and nothing of what it was asked is lost', async () => {
    {
      await using store = await open({ tell: (event) => told.push(event) });
      for (let id = 1; id <= 5; id++) {
        const committing = store.commit([aPut('a', [aChange(id)])]);
        await Promise.all([committing, workers.at(-1)?.terminate()]);
        await vi.waitFor(() => expect(store.status().lastSaveSuccessful).toBe(true), 10_000);
      }
      expect(workers.length).toBeGreaterThan(1);
      expect(await ids(store)).toEqual([1, 2, 3, 4, 5]);
    }
    await using store = await open();
    expect(await ids(store)).toEqual([1, 2, 3, 4, 5]);
    expect(store.restored.sources.size).toBe(1);
    expect(told.filter(({ type }) => type === 'set_aside')).toEqual([]);
  });

  test('a file that is spoilt is put aside, and everything that is known goes into the new one', async () => {
    {
      await using store = await open({ everything, tell: (event) => told.push(event) });
      store.saveProjects([{ id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null }]);
      await store.commit([aPut('a', [aChange(store.nextChangeId())])]);
      await store.commit([aPut('b')]);
      await workers[0]?.terminate();
      writeFileSync(path, readFileSync(path).fill(0xff));
      await store.commit([aPut('a', [aChange(store.nextChangeId())], 'FAILED')]);
      await vi.waitFor(() => expect(store.status().lastSaveSuccessful).toBe(true), 10_000);
      expect(await ids(store)).toEqual([2]);
    }
    expect(told).toMatchObject([{ type: 'set_aside', setAside: expect.stringMatching(/\.corrupt-/) }]);
    await using store = await open();
    expect(store.restored).toMatchObject({ lastChangeId: 2, projects: [{ id: 'p1' }], setAside: null });
    expect(store.restored.sources.get('a')?.ledger?.snapshot.connections).toMatchObject([{ status: 'FAILED' }]);
    expect(store.restored.sources.get('b')?.ledger).toEqual(aPut('b').ledger);
  });

  test('a memory that is lost with its thread is filled again', async () => {
    await using store = await open({ path: ':memory:', everything });
    await store.commit([aPut('a', [aChange(1)])]);
    await workers[0]?.terminate();
    await store.commit([aPut('a', [aChange(2)])]);
    await vi.waitFor(() => expect(store.status().lastSaveSuccessful).toBe(true), 10_000);
    expect(await ids(store)).toEqual([2]);
  });

  test('changes that cannot be read are an error, not none', async () => {
    await using store = await open();
    await store.commit([aPut('a', [aChange(1)])]);
    await workers[0]?.terminate();
    rmSync(join(folder, 'deep'), { recursive: true });
    writeFileSync(join(folder, 'deep'), '');
    await expect(store.changes({ limit: 10 })).rejects.toThrow('a part of the path is a file, not a directory');
  });
});

test('after the end nothing is asked of the disk any more', async () => {
  const store = await open();
  await store[Symbol.asyncDispose]();
  await store.commit([aPut('a')]);
  store.saveProjects([]);
  await expect(store.changes({ limit: 1 })).rejects.toThrow('The state thread ended');
  expect(workers).toHaveLength(1);
});
