import { expect, test } from 'vitest';
import { type SourceState, unpolled } from '../../src/domain/poll.ts';
import { createFirstPolls } from '../../src/polling/first-polls.ts';
import { aSource } from '../support/builders.ts';

function polling() {
  const begun: string[] = [];
  const states = new Map<string, SourceState>();
  const ends: (() => void)[] = [];
  const firstPolls = createFirstPolls({
    poll(key) {
      begun.push(key);
      return new Promise((resolve) => ends.push(resolve));
    },
    stateOf: (key) => states.get(key),
  });
  const sources = (credential: string, count: number) =>
    Array.from({ length: count }, (_, n) => {
      const source = { ...aSource({ credential }), key: `${credential}-${n}` };
      states.set(source.key, unpolled);
      return { source, state: unpolled };
    });
  return { begun, states, ends, firstPolls, sources };
}

test('some of each credential are under way at a time, and the next one begins when one ends', async () => {
  const { begun, ends, firstPolls, sources } = polling();
  firstPolls.add(sources('slow', 1_000));
  expect(begun).toHaveLength(256);
  firstPolls.add(sources('other', 10));
  expect(begun.filter((key) => key.startsWith('other'))).toHaveLength(10);
  ends[0]?.();
  await new Promise(setImmediate);
  expect(begun).toHaveLength(267);
  while (ends.length > 0) {
    for (const end of ends.splice(0)) end();
    await new Promise(setImmediate);
  }
  expect(new Set(begun).size).toBe(1_010);
  expect(begun).toHaveLength(1_010);
  firstPolls.add(sources('slow', 1));
  expect(begun.at(-1)).toBe('slow-0');
});

test('what a tick tried meanwhile, or what is no longer watched, is left out', async () => {
  const { begun, states, ends, firstPolls, sources } = polling();
  firstPolls.add(sources('main', 300));
  for (let n = 256; n < 280; n++) states.set(`main-${n}`, { ...unpolled });
  for (let n = 280; n < 299; n++) states.delete(`main-${n}`);
  ends[0]?.();
  await new Promise(setImmediate);
  expect(begun.slice(256)).toEqual(['main-299']);
});
