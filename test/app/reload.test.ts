import { expect, test } from 'vitest';
import { createReloader, type ReloadResult } from '../../src/app/reload.ts';

function setUp() {
  const applied: number[] = [];
  const told: ReloadResult[] = [];
  let loads = 0;
  const world = {
    applied,
    told,
    loads: () => loads,
    answer: { ok: true, config: 1 } as { ok: true; config: number } | { ok: false; problems: string },
    release: [] as (() => void)[],
    held: false,
  };
  const reload = createReloader<number>({
    load: async () => {
      loads++;
      if (world.held) await new Promise<void>((resolve) => world.release.push(resolve));
      return world.answer;
    },
    needsRestart: (config) => (config === 99 ? 'state.path changed: this needs a restart' : null),
    apply: (config) => void applied.push(config),
    tell: (result) => void told.push(result),
  });
  return { ...world, world, reload };
}

test('a valid config is applied and told', async () => {
  const { reload, applied, told } = setUp();
  expect(await reload()).toEqual({ ok: true });
  expect(applied).toEqual([1]);
  expect(told).toEqual([{ ok: true }]);
});

test.each([
  ['a bad config', { ok: false, problems: 'line 3: no' } as const, 'line 3: no'],
  ['what needs a restart', { ok: true, config: 99 } as const, 'state.path changed: this needs a restart'],
])('%s changes nothing and says why', async (_name, answer, problems) => {
  const { world, reload, applied, told } = setUp();
  world.answer = answer;
  expect(await reload()).toEqual({ ok: false, problems });
  expect(applied).toEqual([]);
  expect(told).toEqual([{ ok: false, problems }]);
});

test('a storm of reloads is one that runs and one after it', async () => {
  const { world, reload, applied, loads } = setUp();
  world.held = true;
  const all = Array.from({ length: 50 }, () => reload());
  await new Promise(setImmediate);
  expect(loads()).toBe(1);
  world.held = false;
  for (const release of world.release) release();
  expect(await Promise.all(all)).toHaveLength(50);
  expect(loads()).toBe(2);
  expect(applied).toEqual([1, 1]);
  await reload();
  expect(applied).toHaveLength(3);
});
