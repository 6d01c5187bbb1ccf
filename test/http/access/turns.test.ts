import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurns } from '../../../src/http/access/turns.ts';

const stays = () => false;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Names of those who got a turn, in order; `refused` of those who did not. */
function setUp(limits = { most: 6, mostOfOne: 4 }) {
  const turns = createTurns(limits);
  const got: string[] = [];
  const refused: string[] = [];
  const ask = (asker: string, name: string, gone = stays) =>
    turns.wait(asker, gone).then((turn) => (turn ? got : refused).push(name));
  const passAll = async (count: number) => {
    for (let passed = 0; passed < count; passed += 1) {
      await settled();
      turns.next();
    }
    await settled();
  };
  return { ask, got, refused, passAll, turns };
}

test('askers take turns, and one asker is served in the order of asking', async () => {
  const { ask, got, passAll } = setUp();
  for (const [asker, name] of ['a1', 'a2', 'a3', 'b1', 'b2', 'c1'].map((name) => [name.slice(0, 1), name] as const)) {
    void ask(asker, name);
  }
  await passAll(6);
  expect(got).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
});

test('of one asker only so many wait', async () => {
  const { ask, refused } = setUp();
  for (const name of ['1', '2', '3', '4', '5', '6']) void ask('a', name);
  await settled();
  expect(refused).toEqual(['6']);
});

test('when all places are taken the last of the longest queue gives way to a newcomer, and not to its equal', async () => {
  const { ask, got, refused, passAll } = setUp();
  void ask('x', 'first');
  for (const name of ['a1', 'a2', 'a3', 'a4']) void ask('a', name);
  for (const name of ['b1', 'b2', 'b3']) void ask('b', name);
  await settled();
  expect(refused).toEqual(['a4']);
  void ask('b', 'b4');
  await settled();
  expect(refused).toEqual(['a4', 'b4']);
  await passAll(8);
  expect(got).toEqual(['first', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3']);
});

test('who has gone is passed over, and leaves the place', async () => {
  const { ask, got, refused, passAll } = setUp({ most: 1, mostOfOne: 1 });
  let gone = false;
  void ask('a', 'a1');
  void ask('b', 'b1', () => gone);
  gone = true;
  void ask('c', 'c1');
  await passAll(3);
  expect(got).toEqual(['a1', 'c1']);
  expect(refused).toEqual(['b1']);
});

test('everybody is told something, and a turn is free again in the end', async () => {
  const asker = fc.constantFrom('a', 'b', 'c');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(asker), { maxLength: 60 }), async (steps) => {
      const { ask, got, refused, passAll, turns } = setUp({ most: 3, mostOfOne: 2 });
      let asked = 0;
      let ended = 0;
      for (const step of steps) {
        if (step !== null) void ask(step, `${asked++}`);
        await Promise.resolve();
        if (step === null && ended < got.length) {
          ended += 1;
          turns.next();
        }
      }
      await passAll(asked);
      expect(got.length + refused.length).toBe(asked);
      expect(await turns.wait('d', stays)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
