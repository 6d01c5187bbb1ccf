import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStore, type Store, type StoreEvent, type StoreOptions } from '../../src/state/store.ts';
import { type FileDisk, type MemoryDisk, mountFile, mountMemory, refusalOf } from '../support/disk.ts';
import { aChange, aPut } from '../support/state.ts';

const clock = { wall: () => 1_000_000, monotonic: () => performance.now() };
const told: StoreEvent[] = [];
const openIn = (folder: string, options: Partial<StoreOptions> = {}) =>
  openStore({
    path: join(folder, 'deep/state.db'),
    changesKept: 10_000,
    clock,
    retryMs: 20,
    tell: (event) => told.push(event),
    ...options,
  });
const commit = async (store: Store, key = 'a') => {
  const id = store.nextChangeId();
  await store.commit([aPut(key, [aChange(id)])]);
  return id;
};
const ids = async (store: Store) => (await store.changes({ limit: 10_000 })).map(({ id }) => id);
const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1);
const isGood = (store: Store) => vi.waitFor(() => expect(store.status().lastSaveSuccessful).toBe(true), 5_000);
const because = (refusal: string | null) => (refusal === null ? '' : `: not tried here, ${refusal}`);

beforeEach(() => {
  told.splice(0);
});

const noMemory = refusalOf(() => mountMemory(1024));
describe.skipIf(noMemory !== null)(`a small disk${because(noMemory)}`, () => {
  let disk: MemoryDisk;
  beforeEach(() => {
    disk = mountMemory(1024);
  });
  afterEach(() => disk[Symbol.dispose]());

  test('that is full takes what waits, in order and once, as soon as there is room', async () => {
    let last = 0;
    {
      await using store = await openIn(disk.folder);
      await commit(store);
      disk.fill();
      while (store.status().lastSaveSuccessful && last < 2000) last = await commit(store);
      for (let n = 0; n < 10; n++) last = await commit(store, `s${n}`);
      expect(store.status()).toMatchObject({ lastSaveSuccessful: false, restored: true });
      // What was written and what waits, in one answer.
      expect(await ids(store)).toEqual(upTo(last));
      disk.makeRoom();
      await isGood(store);
      expect(await ids(store)).toEqual(upTo(last));
    }
    expect(told).toMatchObject([{ type: 'failing', detail: expect.stringContaining('full') }, { type: 'recovered' }]);
    await using store = await openIn(disk.folder);
    expect(store.restored.sources.size).toBe(11);
    expect(store.restored.lastChangeId).toBe(last);
    expect(await ids(store)).toEqual(upTo(last));
  });

  test('that is full from the start is worked without, until it takes it', async () => {
    disk.fill();
    await using store = await openIn(disk.folder);
    expect(store.restored.sources.size).toBe(0);
    expect(store.status()).toMatchObject({ restored: false, lastSaveSuccessful: false, saveFailures: 1 });
    const id = await commit(store);
    expect(await ids(store)).toEqual([id]);
    disk.makeRoom();
    await isGood(store);
    expect(await ids(store)).toEqual([id]);
    expect(statSync(join(disk.folder, 'deep/state.db')).size).toBeGreaterThan(0);
    expect(told).toMatchObject([{ type: 'failing', detail: expect.stringContaining('full') }, { type: 'recovered' }]);
  });

  test('that is full still gives back what is on it', async () => {
    {
      await using store = await openIn(disk.folder);
      await commit(store);
    }
    disk.fill();
    await using store = await openIn(disk.folder);
    expect(store.restored.sources.size).toBe(1);
    expect(await ids(store)).toEqual([1]);
  });

  test('that is read-only from the start is refused', async () => {
    disk.makeReadOnly();
    await expect(openIn(disk.folder)).rejects.toThrow('the file system is read-only; choose another');
  });
});

const noFile = refusalOf(mountFile);
describe.skipIf(noFile !== null)(`a disk${because(noFile)}`, () => {
  let disk: FileDisk;
  beforeEach(() => {
    disk = mountFile();
  });
  afterEach(() => disk[Symbol.dispose]());

  test('that turns read-only takes what waits when it is whole again', async () => {
    {
      await using store = await openIn(disk.folder, { retryMs: 500 });
      await commit(store);
      disk.fail();
      await commit(store);
      await commit(store, 'b');
      expect(store.status()).toMatchObject({ lastSaveSuccessful: false, restored: true });
      disk.mend();
      await isGood(store);
      expect(await ids(store)).toEqual([1, 2, 3]);
    }
    expect(told.map(({ type }) => type)).toEqual(['failing', 'recovered']);
    await using store = await openIn(disk.folder);
    expect([...store.restored.sources.keys()]).toEqual(['a', 'b']);
    expect(await ids(store)).toEqual([1, 2, 3]);
  });

  test('that hangs holds nobody up for longer than the bound, and loses nothing', async () => {
    await using store = await openIn(disk.folder, { patienceMs: 200 });
    await commit(store);
    disk.freeze();
    try {
      await Promise.all([commit(store), commit(store, 'b')]);
      await commit(store, 'c');
      expect(store.status()).toMatchObject({ lastSaveSuccessful: false, saveFailures: 1 });
      await expect(store.changes({ limit: 10 })).rejects.toThrow('The disk does not answer');
    } finally {
      disk.thaw();
    }
    await isGood(store);
    expect(await ids(store)).toEqual([1, 2, 3, 4]);
  });

  test('that hangs holds up the end no longer than the bound', async () => {
    const store = await openIn(disk.folder, { patienceMs: 100, closeWithinMs: 300 });
    await commit(store);
    disk.freeze();
    const started = performance.now();
    try {
      await commit(store);
      await store[Symbol.asyncDispose]();
      // Ten times the bound.
      expect(performance.now() - started).toBeLessThan(4_000);
    } finally {
      disk.thaw();
    }
  });
});
