import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RecordedChange } from '../../src/domain/change-log.ts';
import type { Batch } from '../../src/domain/stored.ts';
import { type Backlog, createBacklog } from '../../src/state/backlog.ts';
import { createPending } from '../../src/state/pending.ts';

let disk: 'good' | 'full' | 'hung';
let tries: number;
let written: (readonly number[])[];
let told: string[];
let backlog: Backlog;
let release: () => void;

const start = (failing: string | null = null) =>
  createBacklog(
    {
      pending: createPending(1000),
      patienceMs: 10_000,
      retryMs: 5_000,
      monotonic: () => performance.now(),
      async write(batch) {
        tries++;
        if (disk === 'hung') await new Promise<void>((resolve) => (release = resolve));
        if (disk === 'full') throw new Error('full');
        written.push(idsOf(batch));
      },
      failed: (why) => told.push(why),
      recovered: () => told.push('recovered'),
    },
    failing,
  );

beforeEach(() => {
  vi.useFakeTimers();
  disk = 'good';
  tries = 0;
  written = [];
  told = [];
  backlog = start();
});
afterEach(() => vi.useRealTimers());

const step = (key: string, ...ids: number[]): Batch => {
  const changes = ids.map((id) => ({ id }) as RecordedChange);
  return { writes: [{ type: 'freshen', key, up: true, lastSuccess: null, changes }], projects: null };
};
const idsOf = ({ writes }: Batch) => writes.flatMap(({ changes }) => changes.map(({ id }) => id));
const unwritten = () => backlog.unwritten().map(({ id }) => id);
/** Whether it is settled once everything that is due was done. */
const isSettled = async (promise: Promise<void>) => {
  let settled = false;
  void promise.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(0);
  return settled;
};

test('whatever waits goes into one transaction', async () => {
  await Promise.all([step('a', 1), step('b', 2), step('c', 3)].map((write) => backlog.add(write)));
  expect(written).toEqual([[1, 2, 3]]);
});

test('what comes while one is written goes into the next', async () => {
  disk = 'hung';
  const first = backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(1);
  const others = [backlog.add(step('b', 2)), backlog.add(step('a', 3))];
  expect(await isSettled(others[0] as Promise<void>)).toBe(false);
  disk = 'good';
  release();
  await Promise.all([first, ...others]);
  expect(written).toEqual([[1], [2, 3]]);
});

test('nothing is told of what is about to be written: it could still be lost', async () => {
  disk = 'hung';
  const adding = backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(1);
  expect(unwritten()).toEqual([]);
  disk = 'good';
  release();
  await adding;
});

test('a full disk holds nobody up, says so, and gets everything once it takes it again', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  await backlog.add(step('b', 2));
  expect(backlog.status().lastSaveSuccessful).toBe(false);
  expect(unwritten()).toEqual([1, 2]);
  disk = 'good';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written).toEqual([[1, 2]]);
  expect(backlog.status()).toEqual({ lastSaveSuccessful: true, saveFailures: 1 });
  expect(unwritten()).toEqual([]);
  expect(told).toEqual(['full', 'recovered']);
});

test('a step that comes while it fails tries again, but not each of many', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  for (let id = 2; id <= 50; id++) await backlog.add(step('a', id));
  expect(tries).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  disk = 'good';
  await backlog.add(step('a', 51));
  expect(tries).toBe(2);
  expect(written).toEqual([Array.from({ length: 51 }, (_, n) => n + 1)]);
});

test('it is tried again for as long as it takes, and told once', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(backlog.status()).toEqual({ lastSaveSuccessful: false, saveFailures: 13 });
  expect(told).toEqual(['full']);
});

test('nobody waits for a disk that hangs, neither in the transaction nor behind it, and what it writes counts', async () => {
  disk = 'hung';
  const inside = backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(5_000);
  const behind = backlog.add(step('b', 2));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(await isSettled(inside)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all([inside, behind]);
  await backlog.add(step('c', 3));
  expect(backlog.status()).toEqual({ lastSaveSuccessful: false, saveFailures: 1 });
  expect(unwritten()).toEqual([1, 2, 3]);
  disk = 'good';
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(written).toEqual([[1], [2, 3]]);
  expect(backlog.status().lastSaveSuccessful).toBe(true);
  expect(told).toEqual(['The disk does not answer', 'recovered']);
});

test('a disk that hangs and then refuses loses nothing', async () => {
  disk = 'hung';
  const adding = backlog.add(step('a', 1));
  await vi.advanceTimersByTimeAsync(10_000);
  await adding;
  await backlog.add(step('a', 2));
  disk = 'full';
  release();
  await vi.advanceTimersByTimeAsync(0);
  expect(unwritten()).toEqual([1, 2]);
  disk = 'good';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written).toEqual([[1, 2]]);
});

test('a disk that failed from the start is tried again as soon as something waits', async () => {
  disk = 'full';
  backlog = start('full');
  expect(backlog.status()).toEqual({ lastSaveSuccessful: false, saveFailures: 1 });
  await backlog.add(step('a', 1));
  disk = 'good';
  await vi.advanceTimersByTimeAsync(5_000);
  expect(written).toEqual([[1]]);
  expect(told).toEqual(['recovered']);
});

test('the end writes what waits, and waits no longer than it may', async () => {
  disk = 'full';
  await backlog.add(step('a', 1));
  disk = 'good';
  await backlog.close(1000);
  expect(written).toEqual([[1]]);
  await backlog.add(step('a', 2));
  expect(written).toEqual([[1]]);

  disk = 'hung';
  backlog = start();
  const waiting = backlog.add(step('a', 1));
  const closing = backlog.close(1000);
  await vi.advanceTimersByTimeAsync(1000);
  await Promise.all([closing, waiting]);
});
