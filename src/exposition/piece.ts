/**
 * Pieces of text that are kept from one answer to the next, plain, deflated or both. Prometheus asks for gzip alone, and
 * the deflated form takes a fourteenth of the memory.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, inflateRaw } from 'node:zlib';
import { keptBytes, keptText, partsOf } from './bytes.ts';
import { shiftOf } from './crc32.ts';

export type Form = 'text' | 'deflated';

/** An immutable text. At least one of its two forms is there. */
export interface Piece {
  /** A part of the one Buffer of its block: the memory of a large Buffer goes back to the system, that of many small ones does not. */
  text: Buffer | null;
  deflated: Deflated | null;
}

/** The form that stands in a gzip member: deflate blocks that refer to nothing before them and end on a whole byte. */
export interface Deflated {
  /** Becomes a part of the chunk that holds the piece, so that its bytes are not kept twice. */
  bytes: Buffer;
  /** CRC-32 of the text. */
  readonly crc: number;
  /** Length of the text in bytes. */
  readonly length: number;
  /** `shiftOf` that length. */
  readonly shift: number;
}

export function toPiece(text: string): Piece {
  return { text: keptText(text), deflated: null };
}

/**
 * Makes the pieces of a block in this form, null for an empty text. A piece of `before` with the same text is reused. The
 * texts may be overwritten as soon as the promise resolves.
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

/** Inflates the pieces that have no text, those of a block together. */
export async function ensureText(pieces: readonly (Piece | null)[]): Promise<void> {
  // Nearly every plain scrape ends here: there are thousands of pieces, and all have their text.
  if (pieces.every((piece) => piece === null || piece.text !== null)) return;
  const texts = await textsOf(pieces);
  for (const [index, piece] of pieces.entries()) if (piece) piece.text = texts[index] ?? null;
}

/** Deflates the pieces that have no deflated form. */
export async function ensureDeflated(pieces: readonly (Piece | null)[]): Promise<void> {
  // Pieces that are deflated already are left out first: a promise for each of the thousands would block the event loop.
  const lacking = pieces.filter((piece) => piece !== null).filter(({ deflated }) => deflated === null);
  await twoAtATime(lacking, async (piece) => {
    if (piece.text) piece.deflated = await deflate(piece.text);
  });
}

/** Drops the text of pieces that have a deflated form. */
export function dropText(pieces: readonly (Piece | null)[]): void {
  for (const piece of pieces) if (piece) piece.text = null;
}

/** Runs two calls at a time, so that half of the four threads of libuv's pool stay free for other work. */
export async function twoAtATime<T>(items: readonly T[], call: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    [rest, rest].map(async (shared) => {
      for (const item of shared) await call(item);
    }),
  );
}

/** Says cheaply whether the piece may hold this text: same length, and same checksum where only that is known. */
function mayBe({ text: known, deflated }: Piece, text: Buffer): boolean {
  return known ? known.length === text.length : deflated?.length === text.length && deflated.crc === crc32(text);
}

/** The text of each piece, inflated where it is missing. */
async function textsOf(pieces: readonly (Piece | null)[]): Promise<readonly (Buffer | null)[]> {
  const lacking = pieces.map((piece) => (piece?.text ? null : (piece?.deflated ?? null)));
  const inflated = partsOf(await inflate(lacking.filter((deflated) => deflated !== null)), lacking);
  return pieces.map((piece, index) => piece && (piece.text ?? inflated[index] ?? null));
}

const deflateBytes = promisify<Buffer, object, Buffer>(deflateRaw);
const inflateBytes = promisify<Buffer, object, Buffer>(inflateRaw);

async function deflate(text: Buffer): Promise<Deflated> {
  const bytes = await deflateBytes(text, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
  // The result is copied, because zlib's own Buffer is a slice of a whole chunk.
  return { bytes: keptBytes([bytes]), crc: crc32(text), length: text.length, shift: shiftOf(text.length) };
}

/** Inflates all in one call, joined. The output buffer is sized before; none of the parts has the final block of a stream. */
async function inflate(all: readonly Deflated[]): Promise<Buffer> {
  if (all.length === 0) return Buffer.alloc(0);
  const length = all.reduce((sum, deflated) => sum + deflated.length, 0);
  const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: Math.max(constants.Z_MIN_CHUNK, length + 1) };
  const bytes = Buffer.concat(all.map((deflated) => deflated.bytes));
  return keptBytes([await inflateBytes(bytes, options)]);
}
