import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { combineCrc32, shiftOf } from '../../src/http/crc32.ts';
import { createGzipMember } from '../../src/http/gzip-member.ts';

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

describe('a member', () => {
  test('says what gzip of the whole text says', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const whole = Buffer.concat(pieces);
        const member = Buffer.concat(await createGzipMember()(pieces));
        expect(gunzipSync(member).equals(whole)).toBe(true);
        // The checksum and the length at the end are those of any compressor.
        expect(member.subarray(-8)).toEqual(gzipSync(whole).subarray(-8));
      }),
      { numRuns: 300 },
    );
  });

  test('comes in a few chunks, however many pieces there are', async () => {
    const pieces = Array.from({ length: 2_000 }, (_, n) => Buffer.from(`a_metric{id="${n}"} ${n}\n`));
    expect((await createGzipMember()(pieces)).length).toBeLessThan(70);
  });

  test('deflates a piece once, and is the very same for the very same list', async () => {
    const member = createGzipMember();
    // What was deflated before is not looked at again: not even when its bytes have changed, which they never do.
    const known = Buffer.from('a 1\n'.repeat(1_000));
    const list = [known];
    const first = await member(list);
    expect(await member(list)).toBe(first);
    known.fill('b 2\n');
    const again = Buffer.concat(await member([known, Buffer.from('c 3\n')]));
    expect(gunzipSync(again).toString()).toBe(`${'a 1\n'.repeat(1_000)}c 3\n`);
  });

  test('holds nothing but its own bytes', async () => {
    const pieces = Array.from({ length: 40 }, (_, n) => Buffer.from(`a_metric{id="${n}"} ${n}\n`));
    for (const chunk of (await createGzipMember()(pieces)).slice(1, -2)) {
      expect(chunk.buffer.byteLength).toBe(chunk.length);
    }
  });

  test('of many lists at once is right each time', async () => {
    const member = createGzipMember();
    const shared = Array.from({ length: 50 }, (_, n) => Buffer.from(`a{n="${n}"} 1\n`.repeat(200)));
    const lists = Array.from({ length: 20 }, (_, n) => [...shared.slice(n), Buffer.from(`b ${n}\n`)]);
    const members = await Promise.all(lists.map((list) => member(list)));
    for (const [index, list] of lists.entries()) {
      expect(gunzipSync(Buffer.concat(members[index] ?? [])).equals(Buffer.concat(list))).toBe(true);
    }
  });
});
