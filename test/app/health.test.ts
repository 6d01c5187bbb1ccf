import { expect, test } from 'vitest';
import { createReadiness, toHealth } from '../../src/app/health.ts';

test('ready once everything was tried, and for good', () => {
  let tried = false;
  const readiness = createReadiness({ monotonic: () => 0 }, () => tried);
  expect(readiness()).toEqual({ ready: false, detail: 'Some sources were not polled yet' });
  tried = true;
  expect(readiness()).toEqual({ ready: true, detail: 'Ready' });
  tried = false;
  expect(readiness().ready).toBe(true);
});

test('ready after a minute in any case', () => {
  let now = 5_000;
  const readiness = createReadiness({ monotonic: () => now }, () => false);
  now = 64_999;
  expect(readiness().ready).toBe(false);
  now = 65_000;
  expect(readiness().ready).toBe(true);
});

test('healthy while no tick is more than a minute late', () => {
  expect(toHealth(60_000)).toEqual({ healthy: true, detail: 'Healthy' });
  expect(toHealth(60_001)).toEqual({ healthy: false, detail: 'The scheduler is 60 s late' });
});
