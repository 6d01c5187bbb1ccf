/**
 * Text that stays from one answer to the next, in the forms that are asked for: as it is, deflated, or both. Prometheus asks
 * for gzip alone, and what is kept for it is a fourteenth of the text.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { keptBytes, keptText, partsOf } from './bytes.ts';
import { shiftOf } from './crc32.ts';

export type Form = 'text' | 'deflated';

/** What it says never changes; at least one of its forms is there. */
export interface Piece {
  /** A part of the one Buffer of its block: whose memory goes back to the system, as that of many small ones does not. */
  text: Buffer | null;
  deflated: Deflated | null;
}

/** As it stands in a gzip member: deflate blocks that refer to nothing before them and end on a whole byte. */
export interface Deflated {
  /** A part of the last chunk that it stands in, once there is one: its bytes are not kept twice. */
  bytes: Buffer;
  /** Of the text, as are the length in bytes and what that does to a checksum before it. */
  readonly crc: number;
  readonly length: number;
  readonly shift: number;
}

export function toPiece(text: string): Piece {
  return { text: keptText(text), deflated: null };
}

/**
 * The pieces of a block in this form, null for an empty text. Where the piece `before` says the same it is the very same one.
 * The texts are copied, or deflated from where they stand, and may be overwritten once the pieces are there.
 */
export async function toPieces(
  texts: readonly Buffer[],
  form: Form,
  before: readonly (Piece | null)[] = [],
): Promise<readonly (Piece | null)[]> {
  const alike = texts.map((text, index) => {
    const piece = before[index];
    return piece && mayBe(piece, text) ? piece : null;
  });
  const known = await textsOf(alike);
  const pieces = texts.map((text, index): Piece | null => {
    if (text.length === 0) return null;
    return (known[index]?.equals(text) && alike[index]) || { text, deflated: null };
  });
  if (form === 'deflated') {
    await ensureDeflated(pieces);
    dropText(pieces);
  } else {
    const block = partsOf(keptBytes(texts), texts);
    for (const [index, piece] of pieces.entries()) if (piece) piece.text = block[index] ?? null;
  }
  return pieces;
}

/** Inflates what is no longer there as text: those of a block together. */
export async function ensureText(pieces: readonly (Piece | null)[]): Promise<void> {
  // As at nearly every plain scrape: there are thousands of pieces.
  if (pieces.every((piece) => piece === null || piece.text !== null)) return;
  const texts = await textsOf(pieces);
  for (const [index, piece] of pieces.entries()) if (piece) piece.text = texts[index] ?? null;
}

export async function ensureDeflated(pieces: readonly (Piece | null)[]): Promise<void> {
  // Sorted out before: one promise for each of the thousands that have it would hold everybody up.
  const lacking = pieces.filter((piece) => piece !== null).filter(({ deflated }) => deflated === null);
  await twoAtATime(lacking, async (piece) => {
    if (piece.text) piece.deflated = await deflate(piece.text);
  });
}

/** Of pieces that are there deflated. */
export function dropText(pieces: readonly (Piece | null)[]): void {
  for (const piece of pieces) if (piece) piece.text = null;
}

/** Two of them, so that half of the threads that deflate and inflate stay free for others. */
export async function twoAtATime<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    [rest, rest].map(async (shared) => {
      for (const item of shared) await call(item);
    }),
  );
}

/** Whether it is worth looking at what it says. */
function mayBe({ text: known, deflated }: Piece, text: Buffer): boolean {
  return known ? known.length === text.length : deflated?.length === text.length && deflated.crc === crc32(text);
}

/** Each as it is, or inflated. */
async function textsOf(pieces: readonly (Piece | null)[]): Promise<readonly (Buffer | null)[]> {
  const lacking = pieces.map((piece) => (piece?.text ? null : (piece?.deflated ?? null)));
  const inflated = partsOf(await inflate(lacking.filter((deflated) => deflated !== null)), lacking);
  return pieces.map((piece, index) => piece && (piece.text ?? inflated[index] ?? null));
}

const deflateBytes = promisify<Buffer, object, Buffer>(deflateRaw);
const inflateBytes = promisify<Buffer, object, Buffer>(inflateRaw);

async function deflate(text: Buffer): Promise<Deflated> {
  const bytes = await deflateBytes(text, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
  // A copy, because zlib's own Buffer is a slice of a whole chunk, however little stands in it.
  return { bytes: keptBytes([bytes]), crc: crc32(text), length: text.length, shift: shiftOf(text.length) };
}

/** All in a row, and in one go: the room is made for it, and none of them has the end that a stream has. */
async function inflate(all: readonly Deflated[]): Promise<Buffer> {
  if (all.length === 0) return Buffer.alloc(0);
  const length = all.reduce((sum, deflated) => sum + deflated.length, 0);
  const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(constants.Z_MIN_CHUNK, length + 1) };
  const bytes = Buffer.concat(all.map((deflated) => deflated.bytes));
  return keptBytes([await inflateBytes(bytes, options)]);
}
