import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createWalk, type Walk } from '../../src/polling/walk.ts';
import { fakeTime } from '../support/clock.ts';

let asked: string[];
let answer: (question: string, signal: AbortSignal) => Promise<number | null>;
let walk: Walk<string>;
beforeEach(() => {
  asked = [];
  answer = async () => null;
  walk = createWalk({
    clock: fakeTime(),
    ask(question, signal) {
      asked.push(question);
      return answer(question, signal);
    },
  });
});
afterEach(async () => {
  await walk[Symbol.asyncDispose]();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const never = (_question: string, signal: AbortSignal) =>
  new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null)));

test('what is due soonest is asked first, whatever it waits for', async () => {
  walk.put('a', 'a', 5_000);
  walk.put('b', 'b', 1_000);
  walk.put('c', 'c', 5_000);
  await pass(1_000);
  expect([asked, walk.has('a'), walk.has('b')]).toEqual([['b'], true, false]);
  await pass(5_000);
  expect(asked).toEqual(['b', 'a', 'c']);
});

test('a tenth of a second lies between two questions', async () => {
  for (let n = 0; n < 100; n++) walk.put(`${n}`, `${n}`, 0);
  await pass(1_000);
  expect(asked.length).toBeGreaterThanOrEqual(9);
  expect(asked.length).toBeLessThanOrEqual(11);
});

test('four are under way at most', async () => {
  answer = never;
  for (let n = 0; n < 10; n++) walk.put(`${n}`, `${n}`, 0);
  await pass(60_000);
  expect(asked).toEqual(['0', '1', '2', '3']);
});

test('one that is put again is asked once, with the words of the last time', async () => {
  walk.put('a', 'first', 1_000);
  walk.put('a', 'second', 3_000);
  await pass(60_000);
  expect(asked).toEqual(['second']);
});

test('one that is dropped while it is asked does not come again', async () => {
  let settle = (_again: number) => {};
  answer = () => new Promise((resolve) => (settle = resolve));
  walk.put('a', 'a', 0);
  await pass(10);
  walk.drop('a');
  expect(walk.has('a')).toBe(false);
  settle(1_000);
  await pass(60_000);
  expect(asked).toEqual(['a']);
});
