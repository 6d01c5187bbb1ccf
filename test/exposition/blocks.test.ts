import { describe, expect, test } from 'vitest';
import { type Blocks, createBlocks, toGroups } from '../../src/exposition/blocks.ts';
import type { Family } from '../../src/metrics/family.ts';
import { textOf } from '../support/pieces.ts';

interface View {
  readonly id: string;
  readonly value: number;
}

const family = (name: string, shows: (view: View) => boolean = () => true): Family<View> => ({
  name,
  help: 'Test',
  type: 'gauge',
  labels: ['id'],
  samples(view, emit) {
    if (shows(view)) emit([view.id], view.value);
  },
});

function countingBlocks(families: readonly Family<View>[] = [family('a'), family('b', ({ value }) => value > 1)]) {
  const shown: string[] = [];
  const blocks: Blocks<View> = createBlocks({
    families,
    show(view: View) {
      shown.push(view.id);
      return view;
    },
    same: (before, now) => before.id === now.id && before.value === now.value,
  });
  const piecesOf = (index: number) => [...blocks.families()][index]?.[1] ?? [];
  const texts = () => [...blocks.families()].map(([, pieces]) => pieces.map(textOf));
  return { blocks, shown, texts, piecesOf };
}

const breathe = async () => {};

describe('blocks', () => {
  test('have one piece for each family, and none where it has no sample', async () => {
    const { blocks, texts } = countingBlocks();
    await blocks.update([[{ id: 'x', value: 1 }], [{ id: 'y', value: 2 }]], 'text', breathe);
    expect(texts()).toEqual([['a{id="x"} 1\n', 'a{id="y"} 2\n'], ['b{id="y"} 2\n']]);
  });

  test('are rendered again only where something changed', async () => {
    const { blocks, shown, piecesOf } = countingBlocks();
    await blocks.update([[{ id: 'x', value: 1 }], [{ id: 'y', value: 2 }]], 'text', breathe);
    const [first, second] = piecesOf(0);
    shown.length = 0;
    await blocks.update([[{ id: 'x', value: 1 }], [{ id: 'y', value: 3 }]], 'text', breathe);
    expect(shown).toEqual(['y']);
    expect(piecesOf(0)[0]).toBe(first);
    expect(piecesOf(0)[1]).not.toBe(second);
  });

  test('keep the piece of a family whose text came out the same', async () => {
    const { blocks, piecesOf } = countingBlocks([
      family('a'),
      { ...family('c'), samples: ({ id }, emit) => emit([id], 1) },
    ]);
    await blocks.update([[{ id: 'x', value: 1 }]], 'text', breathe);
    const [moves, stays] = [piecesOf(0)[0], piecesOf(1)[0]];
    await blocks.update([[{ id: 'x', value: 2 }]], 'text', breathe);
    expect(piecesOf(0)[0]).not.toBe(moves);
    expect(piecesOf(1)[0]).toBe(stays);
  });

  test('say the same deflated as in plain text, whichever they were before', async () => {
    const { blocks, texts, piecesOf } = countingBlocks();
    const views = (values: readonly number[]) => values.map((value, index) => [{ id: `${index}`, value }]);
    await blocks.update(views([1, 1, 2, 2]), 'deflated', breathe);
    const stays = piecesOf(0)[3];
    expect(stays?.text).toBeNull();
    await blocks.update(views([1, 2, 1, 2]), 'text', breathe);
    await blocks.update(views([1, 2, 3, 2]), 'deflated', breathe);
    expect(texts()).toEqual([
      ['a{id="0"} 1\n', 'a{id="1"} 2\n', 'a{id="2"} 3\n', 'a{id="3"} 2\n'],
      ['b{id="1"} 2\n', 'b{id="2"} 3\n', 'b{id="3"} 2\n'],
    ]);
    expect(piecesOf(0)[3]).toBe(stays);
  });

  test('let others have their turn before each of them is looked at, and while it is rendered', async () => {
    const { blocks, shown } = countingBlocks();
    const turn = async () => {
      shown.push('turn');
    };
    const many = Array.from({ length: 9 }, (_, index) => ({ id: `${index}`, value: index }));
    const groups = [[{ id: 'x', value: 1 }], many];
    await blocks.update(groups, 'text', turn);
    expect(shown.join(' ')).toBe('turn x turn turn turn 0 1 2 3 4 5 6 7 turn turn 8 turn turn');
    shown.length = 0;
    await blocks.update(groups, 'text', turn);
    expect(shown.join(' ')).toBe('turn turn');
  });

  test('forget what is no longer there', async () => {
    const { blocks, texts } = countingBlocks();
    await blocks.update([[{ id: 'x', value: 1 }], [{ id: 'y', value: 2 }]], 'text', breathe);
    await blocks.update([[]], 'text', breathe);
    expect(texts()).toEqual([[], []]);
  });
});

describe('groups', () => {
  const views = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      project: Math.floor(index / 3)
        .toString(16)
        .padStart(24, '0'),
      index,
    }));
  const groupsOf = (count: number) => toGroups(views(count), ({ project }) => project);

  test.each([0, 1, 64])('%i views are one group', (count) => {
    expect(groupsOf(count)).toEqual([views(count)]);
  });

  test.each([
    [1_800, 32],
    [10_000, 128],
    [30_000, 512],
  ])('%i views are %i groups of about 64', (count, expected) => {
    const groups = groupsOf(count);
    expect(groups).toHaveLength(expected);
    expect(groups.flat()).toHaveLength(count);
    for (const { length } of groups) {
      expect(length).toBeGreaterThan(8);
      expect(length).toBeLessThan(160);
    }
  });

  test('a project stays together, in the order given, and stays in its group while others come', () => {
    const before = groupsOf(1_800);
    const after = groupsOf(1_803);
    const moved = after.filter((group, index) => JSON.stringify(group) !== JSON.stringify(before[index]));
    expect(moved).toHaveLength(1);
    for (const group of before) {
      expect(group.map(({ index }) => index)).toEqual(group.map(({ index }) => index).toSorted((a, b) => a - b));
      const projects = new Map<string, number>();
      for (const { project } of group) projects.set(project, (projects.get(project) ?? 0) + 1);
      expect(new Set(projects.values())).toEqual(new Set([3]));
    }
  });
});
