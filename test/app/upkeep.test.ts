import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startUpkeep } from '../../src/app/upkeep.ts';
import { createFleet } from '../../src/polling/fleet.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what is saved seldom is saved with the first flush, and then when its revision is another', () => {
  let revision = 'a';
  const saved: string[] = [];
  let minutes = 0;
  const parts = {
    fleet: createFleet(),
    everyMinute: async () => void minutes++,
    saveFreshness: () => void saved.push('freshness'),
    restRevision: () => revision,
    saveRest: () => void saved.push(revision),
  };
  {
    using upkeep = startUpkeep(parts);
    upkeep.flush();
    vi.advanceTimersByTime(60_000);
    expect([saved, minutes]).toEqual([['a'], 1]);
    revision = 'b';
    vi.advanceTimersByTime(15_000);
  }
  revision = 'c';
  vi.advanceTimersByTime(120_000);
  expect([saved, minutes]).toEqual([['a', 'b'], 1]);
});
