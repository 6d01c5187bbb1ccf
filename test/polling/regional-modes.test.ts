import { beforeEach, expect, test } from 'vitest';
import type { RecordedChange } from '../../src/domain/change-log.ts';
import type { Learned } from '../../src/domain/lookup.ts';
import { createFleet } from '../../src/polling/fleet.ts';
import { createRegionalModes, type FactsOf } from '../../src/polling/regional-modes.ts';

const modeOf = (regionalMode: boolean | null, id = 'p1'): Learned => ({ projects: new Map([[id, { regionalMode }]]) });
const minute = 60_000;
let now: number;
let told: RecordedChange[];
/** What was stored with each flip: the mode of p1 then. */
let stored: (boolean | null | undefined)[];
let written: PromiseWithResolvers<void>;
let fleet: ReturnType<typeof createFleet>;
let modes: ReturnType<typeof createRegionalModes>;
const shown = (id = 'p1') => fleet.learned(id)?.regionalMode;

beforeEach(() => {
  [now, told, stored, written] = [10 * minute, [], [], Promise.withResolvers()];
  written.resolve();
  fleet = createFleet();
  let lastId = 0;
  modes = createRegionalModes({
    clock: { wall: () => now, monotonic: () => now },
    fleet,
    async commit(_flips, factsOf: FactsOf) {
      stored.push(factsOf('p1')?.regionalMode);
      await written.promise;
    },
    nextChangeId: () => ++lastId,
    flipped: (change) => void told.push(change),
  });
});
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what is learned first is no change, a flip is one, and the same again is none', async () => {
  modes.learn(modeOf(false));
  expect([shown(), told]).toEqual([false, []]);
  now = 11 * minute;
  modes.learn(modeOf(false));
  now = 12 * minute;
  modes.learn(modeOf(true));
  modes.learn(modeOf(true));
  await settled();
  expect(told).toEqual([
    {
      ...{ id: 1, at: 12 * minute, not_before: 11 * minute, atlas_project_id: 'p1' },
      ...{ type: 'regional_mode', from: 'off', to: 'on' },
    },
  ]);
  expect([shown(), modes.readAt('p1')]).toEqual([true, 12 * minute]);
});

test('a flip is stored before it is shown or told, and what comes meanwhile waits behind it', async () => {
  modes.learn(modeOf(false));
  written = Promise.withResolvers();
  modes.learn(modeOf(true));
  modes.learn({ projects: new Map([['p1', { regionalMode: false, name: 'later' }]]) });
  await settled();
  expect([shown(), fleet.learned('p1')?.name, told, stored]).toEqual([false, undefined, [], [true]]);
  written.resolve();
  await settled();
  await settled();
  expect([shown(), fleet.learned('p1')?.name, stored]).toEqual([false, 'later', [true, false]]);
  expect(told.map(({ from, to }) => [from, to])).toEqual([
    ['off', 'on'],
    ['on', 'off'],
  ]);
});

test('a project that is no longer asked, and comes back, begins anew', async () => {
  modes.learn(modeOf(false));
  modes.learn(modeOf(null));
  expect([shown(), modes.readAt('p1')]).toEqual([null, null]);
  modes.learn(modeOf(true));
  await settled();
  expect([shown(), told]).toEqual([true, []]);
});

test('what an earlier process knew is shown at once, and compared with what is looked up; its times are not of the future', async () => {
  const project = { id: 'p1', name: 'shop', orgId: 'o1', removedAt: null };
  modes.restore([
    { ...project, regionalMode: { enabled: true, readAt: 5 * minute } },
    { ...project, id: 'p2', regionalMode: { enabled: false, readAt: 99 * minute } },
    { ...project, id: 'p3', regionalMode: null },
  ]);
  expect([shown('p1'), shown('p2'), shown('p3')]).toEqual([true, false, undefined]);
  modes.learn({ projects: new Map(['p1', 'p2', 'p3'].map((id) => [id, { regionalMode: id !== 'p1' }])) });
  await settled();
  expect(told.map(({ atlas_project_id: id, to, not_before }) => [id, to, not_before])).toEqual([
    ['p1', 'off', 5 * minute],
    ['p2', 'on', 10 * minute],
  ]);
});

test('news that say nothing of modes are passed on, and times are written together', () => {
  modes.learn({ projects: new Map([['p1', { name: 'shop' }]]) });
  expect([fleet.learned('p1')?.name, modes.readAt('p1'), modes.revision()]).toEqual(['shop', null, -1]);
  const revisions = [10, 11, 14.9, 15, 16].map((minutes) => {
    now = minutes * minute;
    modes.learn(modeOf(false, `p${minutes}`));
    return modes.revision();
  });
  expect(new Set(revisions).size).toBe(2);
});
