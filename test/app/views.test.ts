import { expect, test } from 'vitest';
import { createSharedView, storedProjectsRevision, toStoredProjects } from '../../src/app/views.ts';
import { plan } from '../../src/domain/plan.ts';
import { createFleet } from '../../src/polling/fleet.ts';
import { aProject, at } from '../support/builders.ts';

test('projects are stored again when one comes, is named, leaves, or its tombstone ends, and not for nothing', () => {
  const fleet = createFleet();
  const removed = new Map([['gone', at(0)]]);
  const watch = { removedProjects: () => removed };
  const modes = { revision: () => 0, readAt: () => null };
  const project = aProject();
  const watching = (...configured: readonly (typeof project)[]) =>
    plan({ api: 'v2', configured, discovered: [], interfaceEndpoints: true });
  const isAnother = (act: () => void) => {
    const before = storedProjectsRevision(fleet, watch, modes);
    act();
    return storedProjectsRevision(fleet, watch, modes) !== before;
  };
  expect(isAnother(() => fleet.apply(watching(project)))).toBe(true);
  expect(isAnother(() => fleet.learn({ projects: new Map([[project.id, { name: 'payments', orgId: 'o1' }]]) }))).toBe(
    true,
  );
  expect(isAnother(() => fleet.learn({ projects: new Map([[project.id, { regionalMode: true }]]) }))).toBe(false);
  expect(toStoredProjects(fleet, watch, modes)).toHaveLength(2);
  expect(isAnother(() => removed.delete('gone'))).toBe(true);
  expect(isAnother(() => fleet.apply(watching()))).toBe(true);
  expect(toStoredProjects(fleet, watch, modes)).toEqual([]);
});

test('a view is shared for a second, and made again after it', () => {
  let now = 0;
  let made = 0;
  const view = createSharedView(
    () => {
      made += 1;
      return { at: made, projects: [], credentials: [] };
    },
    () => now,
  );
  const first = view();
  now = 999;
  expect(view()).toBe(first);
  now = 1_000;
  expect(view()).not.toBe(first);
  expect(made).toBe(2);
});
