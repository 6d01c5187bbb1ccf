/**
 * One gzip member built from pieces that were each deflated once, so that unchanged pieces are not compressed again.
 * Several members in a row are valid gzip, but curl reads only the first one. Several deflate blocks in one member with a
 * combined checksum work everywhere.
 * https://www.rfc-editor.org/rfc/rfc1952, https://www.rfc-editor.org/rfc/rfc1951
 */

import { keptBytes, partsOf } from './bytes.ts';
import { combineCrc32, shiftOf } from './crc32.ts';
import { type Deflated, ensureDeflated, type Piece } from './piece.ts';

/** The header of a member: deflate, fastest compression, Unix, without file name and time. */
const memberHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
/** The final deflate block, empty. */
const lastBlock = Buffer.from([3, 0]);
/** Pieces that form one chunk: a thousand Buffers of a few hundred bytes are slow to send. */
const chunkPieces = 128;

interface Chunk extends Readonly<Deflated> {
  readonly parts: readonly Deflated[];
}

/**
 * Creates a function that joins pieces to one member. A piece is deflated once. Members of one `line` share the chunks in
 * which nothing changed. Calls must not overlap.
 */
export function createGzipMember(): (pieces: readonly Piece[], line?: string) => Promise<readonly Buffer[]> {
  // Chunks of the last member of each line alone are kept: an older chunk would stay in memory as long as any of its parts.
  const chunks = new Map<string, readonly Chunk[]>();
  return async (pieces, line = '') => {
    await ensureDeflated(pieces);
    const made = toChunks(
      pieces.map(({ deflated }) => deflated as Deflated),
      chunks.get(line) ?? [],
    );
    chunks.set(line, made);
    return [memberHeader, ...made.map(({ bytes }) => bytes), lastBlock, trailerOf(made)];
  };
}

/** Reuses a chunk of the last member where it holds the same parts: most of an answer did not change. */
function toChunks(parts: readonly Deflated[], before: readonly Chunk[]): readonly Chunk[] {
  return Array.from({ length: Math.ceil(parts.length / chunkPieces) }, (_, index) => {
    const run = parts.slice(index * chunkPieces, (index + 1) * chunkPieces);
    const known = before[index];
    if (known?.parts.length === run.length && run.every((part, at) => part === known.parts[at])) return known;
    return toChunk(run);
  });
}

function toChunk(parts: readonly Deflated[]): Chunk {
  const own = parts.map((part) => part.bytes);
  const bytes = keptBytes(own);
  for (const [index, shared] of partsOf(bytes, own).entries()) (parts[index] as Deflated).bytes = shared;
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const crc = parts.reduce((sum, part) => combineCrc32(sum, part.crc, part.shift), 0);
  return { parts, bytes, crc, length, shift: shiftOf(length) };
}

function trailerOf(chunks: readonly Chunk[]): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(chunks.reduce((crc, chunk) => combineCrc32(crc, chunk.crc, chunk.shift), 0));
  trailer.writeUInt32LE(chunks.reduce((sum, { length }) => sum + length, 0) % 2 ** 32, 4);
  return trailer;
}
