import { expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';

function run(isTTY: boolean, total: number, steps: number): string {
  const written: string[] = [];
  const stderr = { isTTY, columns: 80, write: (text: string) => void written.push(text) };
  const progress = createProgress({ stderr }, total, 'tried');
  for (let step = 0; step < steps; step++) progress.step();
  progress.clear();
  return written.join('');
}

test('a terminal shows one line that is taken off again', () => {
  expect(run(true, 3, 2)).toBe('\r1 of 3 tried\r2 of 3 tried\r\u001b[K');
});

test('a log file gets a line for each tenth, and none when there is little to do', () => {
  expect(run(false, 300, 61)).toBe('30 of 300 tried\n60 of 300 tried\n');
  expect(run(false, 19, 19)).toBe('');
});
