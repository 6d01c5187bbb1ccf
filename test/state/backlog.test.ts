import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RecordedChange } from '../../src/domain/change.ts';
import { type Backlog, createBacklog } from '../../src/state/backlog.ts';
import type { Write } from '../../src/state/store.ts';

let disk: 'good' | 'full' | 'hung';
let written: Write[][];
let reopened: number;
let backlog: Backlog;
let release: () => void;

const start = (opened = true) =>
  createBacklog({
    patienceMs: 10_000,
    retryMs: 5_000,
    opened,
    reopen: async () => {
      reopened++;
      if (disk === 'full') throw new Error('full');
    },
    write: async (writes) => {
      if (disk === 'hung') await new Promise<void>((resolve) => (release = resolve));
      if (disk === 'full') throw new Error('full');
      written.push([...writes]);
    },
    saved: () => {},
  });

beforeEach(() => {
  vi.useFakeTimers();
  disk = 'good';
  written = [];
  reopened = 0;
  backlog = start();
});
afterEach(() => vi.useRealTimers());

const step = (key: string, ...ids: number[]): Write => ({
  type: 'step',
  step: { key, ledger: null, up: true, lastSuccess: null, changes: ids.map((id) => ({ id }) as RecordedChange) },
});
const idsOf = (writes: readonly Write[]) =>
  writes.flatMap((write) => (write.type === 'step' ? write.step.changes.map(({ id }) => id) : []));

test('whatever waits goes into one transaction', async () => {
  await Promise.all([step('a', 1), step('b', 2), step('c', 3)].map((write) => backlog.add(write)));
  expect(written.map(idsOf)).toEqual([[1, 2, 3]]);
  expect(backlog.waiting()).toEqual([]);
});

test('a full disk holds nobody up, says so, and gets everything once it takes it again', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  await backlog.add(step('b', 2));
  expect(backlog.status()).toEqual({ lastSaveSuccessful: false, saveFailures: 2 });
  expect(idsOf(backlog.waiting())).toEqual([1, 2]);
  disk = 'good';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written.map(idsOf)).toEqual([[1, 2]]);
  expect(reopened).toBeGreaterThan(0);
  expect(backlog.status()).toEqual({ lastSaveSuccessful: true, saveFailures: 2 });
  expect(backlog.waiting()).toEqual([]);
});

test('while it fails the steps of a source are joined, and keep every change', async () => {
  disk = 'full';
  for (let id = 1; id <= 50; id++) await backlog.add(step(id % 2 ? 'odd' : 'even', id));
  expect(backlog.waiting()).toHaveLength(2);
  disk = 'good';
  await backlog.add(step('odd', 51));
  expect(written).toHaveLength(1);
  expect(idsOf(written.flat()).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, n) => n + 1));
});

test('a step before it was forgotten does not come back after it', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  await backlog.add({ type: 'forget', keys: ['a'] });
  disk = 'good';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written.flat().map(({ type }) => type)).toEqual(['step', 'forget']);
});

test('nobody waits for a disk that hangs, and what it writes in the end counts', async () => {
  disk = 'hung';
  const waiting = backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(10_000);
  await waiting;
  await backlog.add(step('b', 2));
  expect(backlog.status().lastSaveSuccessful).toBe(false);
  disk = 'good';
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(written.map(idsOf)).toEqual([[1], [2]]);
  expect(backlog.status().lastSaveSuccessful).toBe(true);
});

test('a database that could not be opened at the start is opened when it can be', async () => {
  disk = 'full';
  backlog = start(false);
  expect(backlog.status().lastSaveSuccessful).toBe(false);
  await backlog.add(step('a', 1));
  disk = 'good';
  await backlog.add(step('b', 2));
  expect(written.map(idsOf)).toEqual([[1, 2]]);
});

test('the end writes what waits, and waits no longer than it may', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  disk = 'good';
  await backlog.close(1000);
  expect(written.map(idsOf)).toEqual([[1]]);
  disk = 'hung';
  backlog = start();
  const waiting = backlog.add(step('a', 1));
  const closing = backlog.close(1000);
  await vi.advanceTimersByTimeAsync(1000);
  await Promise.all([closing, waiting]);
});
