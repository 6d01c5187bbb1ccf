import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRegionalModes, type RegionalModes } from '../../src/polling/regional-modes.ts';
import { fakeTime } from '../support/clock.ts';

const minute = 60_000;
const hour = 60 * minute;
let asked: string[];
let learned: Map<string, boolean>;
let told: string[][];
let failed: string[];
let answer: (projectId: string, signal: AbortSignal) => Promise<boolean>;
let modes: RegionalModes;

beforeEach(() => {
  asked = [];
  learned = new Map();
  told = [];
  failed = [];
  answer = async () => true;
  modes = createRegionalModes({
    clock: fakeTime(),
    fetch(credential, projectId, signal) {
      asked.push(`${credential} ${projectId}`);
      return answer(projectId, signal);
    },
    learned(modes) {
      told.push([...modes.keys()]);
      learned = new Map([...learned, ...modes]);
    },
    failed: (projectId) => void failed.push(projectId),
  });
});
afterEach(async () => {
  await modes[Symbol.asyncDispose]();
  vi.useRealTimers();
});

const all = (credential: string, ...ids: readonly string[]) => new Map(ids.map((id) => [id, credential]));
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('each is asked soon after it came, one after the other, and then once an hour', async () => {
  modes.configure(all('main', 'p1', 'p2', 'p3'));
  await pass(1_000);
  expect(asked).toEqual([]);
  await pass(2_000);
  expect(asked).toEqual(['main p1', 'main p2', 'main p3']);
  await pass(15_000);
  expect(Object.fromEntries(learned)).toEqual({ p1: true, p2: true, p3: true });
  await pass(59 * minute);
  expect(asked).toHaveLength(3);
  await pass(2 * minute);
  expect(asked).toHaveLength(6);
});

test('what is learned in a row is told together, the first at once', async () => {
  modes.configure(all('main', 'p1', 'p2', 'p3'));
  await pass(2_100);
  expect(told).toEqual([['p1']]);
  await pass(14_000);
  expect(told).toEqual([['p1']]);
  await pass(2_000);
  expect(told).toEqual([['p1'], ['p2', 'p3']]);
});

test('10,000 projects are no burst, and all are asked within seventy minutes', async () => {
  const slow = 150;
  answer = () => new Promise((resolve) => setTimeout(resolve, slow, false));
  modes.configure(all('main', ...Array.from({ length: 10_000 }, (_, n) => `p${n}`)));
  await pass(minute);
  expect(asked.length).toBeGreaterThan(100);
  expect(asked.length).toBeLessThan(160);
  await pass(69 * minute);
  expect(new Set(asked).size).toBe(10_000);
  expect(asked.length).toBeLessThan(10_600);
  modes.configure(new Map());
  await pass(slow);
}, 120_000);

test('one that fails is asked again after five minutes, and the others go on', async () => {
  answer = async (projectId) => {
    if (projectId === 'p1') throw new Error('refused');
    return false;
  };
  modes.configure(all('main', 'p1', 'p2'));
  await pass(3_000);
  expect([failed, [...learned]]).toEqual([['p1'], [['p2', false]]]);
  answer = async () => true;
  await pass(5 * minute);
  expect(learned.get('p1')).toBe(true);
  expect(asked).toHaveLength(3);
});

test('one that hangs is given up, and holds up no other credential meanwhile', async () => {
  answer = (projectId, signal) =>
    projectId === 'slow'
      ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      : Promise.resolve(true);
  modes.configure(new Map([...all('main', 'slow', 'p2'), ...all('other', 'p3')]));
  await pass(3_000);
  expect([...learned.keys()]).toEqual(['p3']);
  await pass(30_000);
  expect([[...learned.keys()], failed]).toEqual([['p3', 'p2'], ['slow']]);
});

test('whoever stays keeps its turn, who comes is asked soon, who left is asked no more', async () => {
  modes.configure(all('main', 'p1', 'p2'));
  await pass(3_000);
  modes.configure(all('main', 'p1', 'p3'));
  await pass(3_000);
  expect(asked).toEqual(['main p1', 'main p2', 'main p3']);
  modes.configure(all('other', 'p1'));
  await pass(hour);
  expect(asked.slice(3)).toEqual(['other p1']);
});

test('the end waits for nobody', async () => {
  answer = (_projectId, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  modes.configure(all('main', 'p1'));
  await pass(3_000);
  expect(asked).toHaveLength(1);
  await modes[Symbol.asyncDispose]();
  await pass(hour);
  expect([asked.length, failed]).toEqual([1, []]);
});
