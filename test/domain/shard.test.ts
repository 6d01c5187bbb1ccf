import { expect, test } from 'vitest';
import { ownsProject } from '../../src/domain/shard.ts';

const projects = Array.from({ length: 3000 }, (_, n) => n.toString(16).padStart(24, '0'));
const ownerOf = (project: string, total: number) => {
  const owners = Array.from({ length: total }, (_, ordinal) => ordinal).filter((ordinal) =>
    ownsProject(project, { ordinal, total }),
  );
  expect(owners).toHaveLength(1);
  return owners[0] ?? -1;
};

test('every project has exactly one shard, and shards have about equal shares', () => {
  for (const total of [1, 2, 5]) {
    const shares = Map.groupBy(projects, (project) => ownerOf(project, total));
    for (const share of shares.values())
      expect(Math.abs(share.length - projects.length / total)).toBeLessThan(projects.length / total / 4);
    expect(shares.size).toBe(total);
  }
});

test('one more shard moves about its own share, and only to itself', () => {
  const moved = projects.filter((project) => ownerOf(project, 4) !== ownerOf(project, 5));
  expect(moved.every((project) => ownerOf(project, 5) === 4)).toBe(true);
  expect(Math.abs(moved.length - projects.length / 5)).toBeLessThan(projects.length / 20);
});
