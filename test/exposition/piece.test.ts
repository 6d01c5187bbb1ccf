import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ensureDeflated, ensureText, type Form, toPiece, toPieces, twoAtATime } from '../../src/exposition/piece.ts';
import { textOf } from '../support/pieces.ts';

const text = fc.string({ unit: 'binary', maxLength: 3_000 }).map((characters) => Buffer.from(characters));
const texts = fc.array(text, { maxLength: 20 });
const strings = (all: readonly Buffer[]) => all.map(String);

describe.each<Form>(['text', 'deflated'])('pieces as %s', (form) => {
  test('say what their texts say, null for an empty one, and no longer stand where those stood', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (all) => {
        const expected = strings(all);
        const pieces = await toPieces(all, form);
        for (const overwritten of all) overwritten.fill('#');
        expect(pieces.map(textOf)).toEqual(expected);
        expect(pieces.map((piece) => piece === null)).toEqual(expected.map((each) => each === ''));
      }),
    );
  });

  test('have that form only, in no more bytes than they say', async () => {
    const pieces = await toPieces(['a 1\n', '', 'b 2\n'.repeat(100)].map(Buffer.from), form);
    for (const piece of pieces.filter((each) => each !== null)) {
      expect([piece.text === null, piece.deflated === null]).toEqual([form === 'deflated', form === 'text']);
      // All texts of a block are one Buffer.
      const length = piece.text ? 4 + 400 : piece.deflated?.bytes.length;
      expect((piece.text ?? piece.deflated?.bytes)?.buffer.byteLength).toBe(length);
    }
  });

  test.each<Form>(['text', 'deflated'])(
    'are those from before, which were %s, where they say the same',
    async (earlier) => {
      const pair = fc.tuple(fc.constantFrom('', 'a 1\n', 'a 2\n', 'a 11\n'), fc.constantFrom('', 'a 1\n', 'a 2\n'));
      await fc.assert(
        fc.asyncProperty(fc.array(pair, { maxLength: 12 }), async (pairs) => {
          const before = await toPieces(
            pairs.map(([one]) => Buffer.from(one)),
            earlier,
          );
          const pieces = await toPieces(
            pairs.map(([, other]) => Buffer.from(other)),
            form,
            before,
          );
          for (const [index, [one, other]] of pairs.entries()) {
            expect(textOf(pieces[index])).toBe(other);
            expect(pieces[index] === before[index]).toBe(one === other);
          }
        }),
      );
    },
  );
});

test('a piece has its text again after it was kept deflated only', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.infiniteStream(fc.boolean()), async (all, letGo) => {
      const pieces = await toPieces(all, 'text');
      await ensureDeflated(pieces);
      for (const piece of pieces) if (piece && letGo.next().value) piece.text = null;
      await ensureText(pieces);
      expect(pieces.map((piece) => piece?.text?.toString() ?? '')).toEqual(strings(all));
    }),
  );
});

test('the form that a piece has is not made again', async () => {
  const piece = toPiece('a 1\n');
  const { text: before } = piece;
  await ensureDeflated([piece]);
  const { deflated } = piece;
  await ensureText([piece]);
  await ensureDeflated([piece]);
  expect(piece.text).toBe(before);
  expect(piece.deflated).toBe(deflated);
});

test('another text of the same length and checksum is another piece', async () => {
  // Found by trying.
  const [one, other] = ['a 304451600148\n', 'a 619112783898\n'].map(Buffer.from);
  const before = await toPieces([one ?? Buffer.alloc(0)], 'deflated');
  const [piece] = await toPieces([other ?? Buffer.alloc(0)], 'deflated', before);
  expect(piece?.deflated?.crc).toBe(before[0]?.deflated?.crc);
  expect(piece).not.toBe(before[0]);
  expect(textOf(piece)).toBe('a 619112783898\n');
});

test('of many things two are under way at a time, and each is done once', async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  await twoAtATime([...Array(50).keys()], async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item % 5; turn++) await new Promise(setImmediate);
    done.push(item);
    running -= 1;
  });
  expect(done.toSorted((a, b) => a - b)).toEqual([...Array(50).keys()]);
  expect(most).toBe(2);
});
