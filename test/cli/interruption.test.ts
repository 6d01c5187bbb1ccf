import { expect, test } from 'vitest';
import { listenForInterruption } from '../../src/cli/interruption.ts';
import { fakeWorld } from '../support/world.ts';

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s aborts once, with the exit code of shells, and nobody listens afterwards', (name, exitCode) => {
  const world = fakeWorld();
  const interruption = listenForInterruption(world);
  expect(interruption.exitCode()).toBeNull();
  world.signal(name);
  world.signal(name === 'SIGINT' ? 'SIGTERM' : 'SIGINT');
  expect(interruption.signal.aborted).toBe(true);
  expect(interruption.exitCode()).toBe(exitCode);
  interruption[Symbol.dispose]();
});
