import { expect, test } from 'vitest';
import type { ProjectFacts } from '../../src/domain/lookup.ts';
import { plan } from '../../src/domain/plan.ts';
import { recordPoll, unpolled } from '../../src/domain/poll.ts';
import { createFleet } from '../../src/polling/fleet.ts';
import { aConnection, aFailure, aProject, aSnapshot, at } from '../support/builders.ts';

const project = aProject();

function watching() {
  const fleet = createFleet();
  fleet.apply(plan({ api: 'v2', configured: [project], discovered: [], interfaceEndpoints: true }));
  const [watched] = fleet.sources();
  if (!watched) throw new Error('Nothing is watched');
  const { source } = watched;
  /** Whether the revision grew. */
  const grows = (act: () => void) => {
    const before = fleet.revision();
    act();
    return fleet.revision() > before;
  };
  const poll = (status: string | null, ms: number) => {
    const state = fleet.find(source.key)?.state ?? unpolled;
    const outcome =
      status === null
        ? ({ ok: false, failure: aFailure('timeout', `after ${ms} ms`) } as const)
        : ({ ok: true, reading: aSnapshot([aConnection('c1', { status })]) } as const);
    fleet.publish(source.key, recordPoll(source, state, outcome, at(ms)).state);
  };
  return { fleet, source, grows, poll };
}

test('the revision grows with what becomes visible, and not with a poll that saw nothing new', () => {
  const { fleet, grows, poll } = watching();
  expect(grows(() => poll('AVAILABLE', 0))).toBe(true);
  expect(grows(() => poll('AVAILABLE', 60_000))).toBe(false);
  expect(grows(() => poll('FAILED', 120_000))).toBe(true);
  expect(grows(() => poll(null, 180_000))).toBe(true);
  expect(grows(() => poll(null, 240_000))).toBe(false);
  expect(grows(() => poll('FAILED', 300_000))).toBe(true);
  expect(grows(() => fleet.learn({ projects: new Map([[project.id, { name: 'payments', orgId: 'o1' }]]) }))).toBe(true);
  expect(grows(() => fleet.apply({ projects: [], sources: [] }))).toBe(true);
});

test('the time of the last success is published all the same', () => {
  const { fleet, source, poll } = watching();
  poll('AVAILABLE', 0);
  poll('AVAILABLE', 60_000);
  expect(fleet.find(source.key)?.state.freshness.lastSuccess).toEqual(at(60_000));
});

test('what is published of a source that is no longer watched is nowhere to be seen', () => {
  const { fleet, grows, poll } = watching();
  fleet.apply({ projects: [], sources: [] });
  expect(grows(() => poll('AVAILABLE', 0))).toBe(false);
  expect([...fleet.sources()]).toEqual([]);
});

test('what is learned is kept as long as nothing else is learned, also from before its project is watched', () => {
  const { fleet, grows } = watching();
  const known = () => [...fleet.projects()].map(({ name, orgId, facts }) => [name, orgId, facts.regionalMode ?? null]);
  const learn = (facts: Partial<ProjectFacts>) =>
    grows(() => fleet.learn({ projects: new Map([[project.id, facts]]) }));
  expect(known()).toEqual([[project.name ?? project.id, '', null]]);
  expect(learn({ regionalMode: false })).toBe(true);
  expect(learn({ regionalMode: false })).toBe(false);
  expect(learn({ name: 'Atlas says', orgId: 'o1' })).toBe(true);
  expect(learn({ name: 'Atlas says', orgId: 'o1' })).toBe(false);
  fleet.apply({ projects: [], sources: [] });
  fleet.apply(plan({ api: 'v2', configured: [{ ...project, name: null }], discovered: [], interfaceEndpoints: true }));
  expect(known()).toEqual([['Atlas says', 'o1', false]]);
  expect(learn({ regionalMode: null })).toBe(true);
  expect(known()).toEqual([['Atlas says', 'o1', null]]);
});

test('what is watched keeps its state, whatever an earlier process left of it', () => {
  const { fleet, source, poll } = watching();
  poll('AVAILABLE', 1_000);
  const state = fleet.find(source.key)?.state;
  const again = plan({ api: 'v2', configured: [project], discovered: [], interfaceEndpoints: true });
  fleet.apply(again, new Map([[source.key, unpolled]]));
  expect(fleet.find(source.key)?.state).toBe(state);
});
