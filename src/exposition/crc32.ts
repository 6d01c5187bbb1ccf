/**
 * CRC-32 of two joined texts, computed from the CRC-32 of each: gzip needs it for pieces that were deflated separately.
 * A checksum is a polynomial over GF(2), the bit of the highest power last. Appending n bytes multiplies it by x^8n.
 * https://github.com/madler/zlib/blob/master/crc32.c
 */

const polynomial = 0xedb88320;
const one = 0x80000000;

/** Powers of x: x^(2^n) for n from 0 to 31. */
const powers: readonly number[] = Array.from({ length: 31 }).reduce<number[]>(
  (known) => [...known, squared(known.at(-1) ?? one)],
  [0x40000000],
);

/** The factor by which `length` appended bytes multiply the checksum of the text before them. */
export function shiftOf(length: number): number {
  let shift = one;
  // The factor x^8n is the product of x^(2^k) for each bit k of 8n. The powers repeat: x^(2^32) is x.
  for (let rest = length, bit = 3; rest > 0; rest = Math.floor(rest / 2), bit += 1) {
    if (rest % 2 === 1) shift = multiplied(powers[bit % 32] ?? one, shift);
  }
  return shift;
}

/** The checksum of two joined texts. `shift` is `shiftOf` the second text's length in bytes. */
export function combineCrc32(first: number, second: number, shift: number): number {
  return (multiplied(shift, first) ^ second) >>> 0;
}

function squared(a: number): number {
  return multiplied(a, a);
}

function multiplied(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor;
    factor = (factor & 1) === 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
  }
  return product >>> 0;
}
