import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combineCrc32, shiftOf } from '../../src/exposition/crc32.ts';
import { createGzipMember } from '../../src/exposition/gzip-member.ts';
import { type Piece, toPiece } from '../../src/exposition/piece.ts';

const piece = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 0, max: 400 }))
  .map(([text, times]) => Buffer.from(text.repeat(times)));

describe('checksums', () => {
  test('of two texts in a row follow from those of each', () => {
    fc.assert(
      fc.property(piece, piece, (a, b) => {
        expect(combineCrc32(crc32(a), crc32(b), shiftOf(b.length))).toBe(crc32(Buffer.concat([a, b])));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a text that is longer than 512 MiB, whose bits no longer fit into 32', () => {
    // Worked out piece by piece, because so long a text is nothing for a test: zeros, and one more.
    const mebibyte = Buffer.alloc(2 ** 20);
    let crc = 0;
    for (let n = 0; n < 600; n++) crc = crc32(mebibyte, crc);
    const start = crc32(Buffer.from('a'));
    let whole = start;
    for (let n = 0; n < 600; n++) whole = crc32(mebibyte, whole);
    expect(combineCrc32(start, crc, shiftOf(600 * 2 ** 20))).toBe(whole);
  });
});

const piecesOf = (texts: readonly Buffer[]): readonly Piece[] => texts.map((text) => ({ text, deflated: null }));

describe('a member', () => {
  test('says what gzip of the whole text says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (texts) => {
        const whole = Buffer.concat(texts);
        const member = Buffer.concat(await createGzipMember()(piecesOf(texts)));
        expect(gunzipSync(member).equals(whole)).toBe(true);
        // The checksum and the length at the end are those of any compressor.
        expect(member.subarray(-8)).toEqual(gzipSync(whole).subarray(-8));
      }),
      { numRuns: 300 },
    );
  });

  test('comes in a few chunks, however many pieces there are', async () => {
    const pieces = Array.from({ length: 2_000 }, (_, n) => toPiece(`a_metric{id="${n}"} ${n}\n`));
    expect((await createGzipMember()(pieces)).length).toBeLessThan(20);
  });

  test('deflates a piece once, and needs no text of it from then on', async () => {
    const member = createGzipMember();
    const known = toPiece('a 1\n'.repeat(1_000));
    await member([known]);
    const { deflated } = known;
    known.text = null;
    const again = Buffer.concat(await member([known, toPiece('c 3\n')]));
    expect(gunzipSync(again).toString()).toBe(`${'a 1\n'.repeat(1_000)}c 3\n`);
    expect(known.deflated).toBe(deflated);
  });

  test('holds nothing but its own bytes, and a piece those of its chunk', async () => {
    const pieces = Array.from({ length: 150 }, (_, n) => toPiece(`a_metric{id="${n}"} ${n}\n`));
    const chunks = (await createGzipMember()(pieces)).slice(1, -2);
    for (const chunk of chunks) expect(chunk.buffer.byteLength).toBe(chunk.length);
    const shared = new Set(pieces.map(({ deflated }) => deflated?.bytes.buffer));
    expect(shared).toEqual(new Set(chunks.map(({ buffer }) => buffer)));
  });

  test('shares the chunks in which nothing changed with the one before it', async () => {
    const member = createGzipMember();
    const pieces = Array.from({ length: 384 }, (_, n) => toPiece(`a_metric{id="${n}"} ${n}\n`));
    const before = await member(pieces);
    const after = await member(pieces.with(150, toPiece('b 1\n')));
    expect(after.slice(1, -2).map((chunk, index) => chunk === before[index + 1])).toEqual([true, false, true]);
    expect(gunzipSync(Buffer.concat(after)).toString()).toContain('a_metric{id="149"} 149\nb 1\n');
  });

  test('of lists that share pieces is right for each', async () => {
    const member = createGzipMember();
    const shared = Array.from({ length: 50 }, (_, n) => toPiece(`a{n="${n}"} 1\n`.repeat(200)));
    for (let n = 0; n < 20; n++) {
      const list = [...shared.slice(n), toPiece(`b ${n}\n`)];
      const made = gunzipSync(Buffer.concat(await member(list, `${n % 2}`)));
      expect(made.toString()).toBe(list.map(({ text }) => text?.toString()).join(''));
    }
  });
});
