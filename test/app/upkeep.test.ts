import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startUpkeep } from '../../src/app/upkeep.ts';
import { plan } from '../../src/domain/plan.ts';
import { recordPoll, unpolled } from '../../src/domain/poll.ts';
import { createFleet } from '../../src/polling/fleet.ts';
import { aConnection, aProject, aSnapshot, at } from '../support/builders.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('when a source was polled is saved with the next flush, and not again until it is polled again', () => {
  const fleet = createFleet();
  fleet.apply(plan({ api: 'v2', configured: [aProject()], discovered: [], interfaceEndpoints: true }));
  const [watched] = fleet.sources();
  if (!watched) throw new Error('Nothing is watched');
  const { source } = watched;
  const poll = (ms: number) => {
    const state = fleet.find(source.key)?.state ?? unpolled;
    const outcome = { ok: true, reading: aSnapshot([aConnection('c1')]) } as const;
    fleet.publish(source.key, recordPoll(source, state, outcome, at(ms)).state);
  };
  const saved: (readonly string[])[] = [];
  using upkeep = startUpkeep({
    fleet,
    everyMinute: async () => {},
    saveFreshness: (writes) => void saved.push(writes.map(({ key }) => key)),
    restRevision: () => '',
    saveRest: () => {},
  });
  upkeep.flush();
  expect(saved).toEqual([]);
  poll(1_000);
  upkeep.flush();
  upkeep.flush();
  expect(saved).toEqual([[source.key]]);
  poll(2_000);
  upkeep.flush();
  expect(saved).toEqual([[source.key], [source.key]]);
});

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
