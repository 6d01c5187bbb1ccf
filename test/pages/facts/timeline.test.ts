import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stretchFor, toLane } from '../../../src/pages/facts/timeline.ts';
import { aChange } from '../view.ts';

const stretch = { name: '15m', words: '15 minutes', from: 100, to: 200 } as const;
const status = (at: number, from: string | null, to: string | null) => aChange({ at, from, to });
const message = (at: number, from: string | null, to: string | null) =>
  aChange({ at, type: 'error_message', change: to === null ? 'cleared' : from === null ? 'set' : 'changed', from, to });
const available = { status: 'AVAILABLE', since: 0, firstLook: null, lastSeen: null, errorMessage: null };

describe('toLane', () => {
  test.each([
    ['nothing changed', { ...available, since: 50 }, [], [[100, 200, 'AVAILABLE']]],
    ['seen first in the middle', { ...available, since: 150 }, [], [[150, 200, 'AVAILABLE']]],
    ['the past of a status is unknown', { ...available, since: null }, [], []],
    [
      'went through others',
      { ...available, status: 'C' },
      [status(120, 'A', 'B'), status(180, 'B', 'C')],
      [
        [100, 120, 'A'],
        [120, 180, 'B'],
        [180, 200, 'C'],
      ],
    ],
    ['changed before', { ...available, status: 'B' }, [status(50, 'A', 'B')], [[100, 200, 'B']]],
    [
      'appeared',
      available,
      [aChange({ at: 150, type: 'added', from: null, to: 'AVAILABLE' })],
      [
        [100, 150, null],
        [150, 200, 'AVAILABLE'],
      ],
    ],
    [
      'went and came back',
      available,
      [
        aChange({ at: 120, type: 'removed', from: 'DELETING', to: null }),
        aChange({ at: 160, type: 'added', from: null, to: 'AVAILABLE' }),
      ],
      [
        [100, 120, 'DELETING'],
        [120, 160, null],
        [160, 200, 'AVAILABLE'],
      ],
    ],
  ])('%s', (_, present, changes, segments) => {
    expect(toLane(present, changes, stretch).segments).toMatchObject(
      segments.map(([from, to, word]) => ({ from, to, status: word })),
    );
  });

  test.each([
    ['there all the time', 'No', [], [[100, 200]]],
    ['set', 'No', [message(150, null, 'No')], [[150, 200]]],
    ['set and cleared', null, [message(120, null, 'No'), message(150, 'No', null)], [[120, 150]]],
    ['cleared', null, [message(150, 'No', null)], [[100, 150]]],
    [
      'changed',
      'Other',
      [message(120, null, 'No'), message(150, 'No', 'Other')],
      [
        [120, 150],
        [150, 200],
      ],
    ],
    ['never there', null, [], []],
  ])('a message %s', (_, errorMessage, changes, errors) => {
    const lane = toLane({ ...available, errorMessage }, changes, stretch);
    expect(lane.errors).toEqual(errors.map(([from, to]) => ({ from, to })));
    expect(lane.marks.map(({ at }) => at)).toEqual(changes.map(({ at }) => at));
  });

  test.each([
    ['before it was first seen', { ...available, since: 150, firstLook: 150 }, [], [[100, 150]]],
    ['not where it was seen, and its changes are no longer kept', { ...available, since: 150 }, [], []],
    [
      'between the polls around a change',
      available,
      [aChange({ at: 150, not_before: 130, to: 'AVAILABLE' })],
      [[130, 150]],
    ],
    ['while blind', { ...available, lastSeen: 170 }, [], [[170, 200]]],
    ['only within the stretch', { ...available, lastSeen: 50 }, [], [[100, 200]]],
  ])('nobody looked %s', (_, present, changes, unseen) => {
    expect(toLane(present, changes, stretch).unseen).toEqual(unseen.map(([from, to]) => ({ from, to })));
  });

  test('what stood before the first change that is kept is presumed', () => {
    const presumed = (changes: Parameters<typeof toLane>[1]) =>
      toLane({ ...available, status: 'B' }, changes, stretch).segments.map((segment) => segment.presumed);
    expect(presumed([])).toEqual([false]);
    expect(presumed([status(150, 'A', 'B')])).toEqual([true, false]);
    expect(presumed([status(50, 'C', 'A'), status(150, 'A', 'B')])).toEqual([false, false]);
  });

  test('whatever happened, segments follow each other inside the stretch', () => {
    const word = fc.constantFrom('A', 'B', null);
    const change = fc.record({ at: fc.integer({ min: 0, max: 200 }), from: word, to: word, isMessage: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change), fc.option(fc.integer({ min: 0, max: 200 })), (changes, since) => {
        const sorted = changes
          .toSorted((a, b) => a.at - b.at)
          .map(({ at, from, to, isMessage }) => (isMessage ? message(at, from, to) : status(at, from, to)));
        const { segments, errors } = toLane(
          { status: 'A', since, firstLook: since, lastSeen: null, errorMessage: null },
          sorted,
          stretch,
        );
        for (const list of [segments, errors]) {
          list.forEach(({ from, to }, index) => {
            expect(from).toBeGreaterThanOrEqual(stretch.from);
            expect(to).toBeGreaterThan(from);
            expect(to).toBeLessThanOrEqual(list[index + 1]?.from ?? stretch.to);
          });
        }
      }),
    );
  });
});

describe('stretchFor', () => {
  const hour = 3_600_000;
  const now = 1_000 * 24 * hour;
  test.each([
    ['asked for', '30d', [], [], '30d'],
    ['nothing ever changed', 'auto', [], [], '24h'],
    ['just broken', 'auto', [now - 60_000], [now - 40 * 24 * hour], '5m'],
    ['broken for a while', 'auto', [now - 50 * hour, now - 2 * hour], [], '6h'],
    ['well, with changes of the last days', 'auto', [], [now - 3 * 24 * hour, now - hour], '7d'],
    ['well, with changes of long ago', 'auto', [], [now - 900 * 24 * hour], '1y'],
  ] as const)('%s', (_, asked, broken, changes, name) => {
    const stretch = stretchFor(
      asked,
      broken,
      changes.map((at) => aChange({ at })),
      now,
    );
    expect(stretch.name).toBe(name);
    expect(stretch.to).toBe(now);
  });
});
