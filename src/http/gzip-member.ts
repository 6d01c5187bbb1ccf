/**
 * One gzip member out of pieces that were each deflated once: what did not change is not compressed again. Joined members
 * would do for gzip, but not for curl; several deflate blocks in one member with a combined checksum are valid everywhere.
 * https://www.rfc-editor.org/rfc/rfc1952, https://www.rfc-editor.org/rfc/rfc1951
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import { keptBytes } from '../exposition/kept.ts';
import { combineCrc32, shiftOf } from './crc32.ts';

/** A piece as it stands in a member: deflate blocks that refer to nothing before them and end on a whole byte. */
interface Deflated {
  /** A part of the last chunk that it stands in, once there is one: its bytes are not kept twice. */
  bytes: Buffer;
  readonly crc: number;
  readonly length: number;
  readonly shift: number;
}

/** Deflate, made by a fast compressor, on Unix, without name or time. */
const memberHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 3]);
/** The last deflate block: empty. */
const lastBlock = Buffer.from([3, 0]);
/** So many twins in a row are kept as one chunk: a thousand Buffers of a few hundred bytes are slow to send. */
const chunkTwins = 32;

interface Chunk extends Readonly<Deflated> {
  readonly twins: readonly Deflated[];
}

const deflatePiece = promisify<Buffer, object, Buffer>(deflateRaw);

/**
 * Puts pieces together to one member. The same piece (the very same Buffer) is deflated once, the same list is put
 * together once; lists of one `line` follow each other, and share the chunks in which nothing changed. At most two pieces
 * are deflated at a time, so that half of the pool's threads stay free for others.
 */
export function createGzipMember(): (pieces: readonly Buffer[], line?: string) => Promise<readonly Buffer[]> {
  const twins = new WeakMap<Buffer, Deflated>();
  // Of the last list of each line only: a chunk of an older one would stay as long as any of its twins.
  const chunks = new Map<string, readonly Chunk[]>();
  const members = new WeakMap<readonly Buffer[], Promise<readonly Buffer[]>>();
  let turn: Promise<unknown> = Promise.resolve();

  /** Every other piece each. */
  const deflateAll = (pieces: readonly Buffer[]) =>
    Promise.all(
      [0, 1].map(async (from) => {
        for (let index = from; index < pieces.length; index += 2) {
          const piece = pieces[index] as Buffer;
          twins.set(piece, await deflate(piece));
        }
      }),
    );

  const make = async (pieces: readonly Buffer[], line: string): Promise<readonly Buffer[]> => {
    await deflateAll(pieces.filter((piece) => !twins.has(piece)));
    const made = toChunks(
      pieces.map((piece) => twins.get(piece) as Deflated),
      chunks.get(line) ?? [],
    );
    chunks.set(line, made);
    return [memberHeader, ...made.map(({ bytes }) => bytes), lastBlock, trailerOf(made)];
  };

  return (pieces, line = '') => {
    const known = members.get(pieces);
    if (known) return known;
    // The formats one after the other: they share nearly all pieces.
    const made = turn.then(() => make(pieces, line));
    turn = made.catch(() => members.delete(pieces));
    members.set(pieces, made);
    return made;
  };
}

async function deflate(piece: Buffer): Promise<Deflated> {
  const bytes = await deflatePiece(piece, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
  // A copy, because zlib's own Buffer is a slice of a whole chunk, however little stands in it.
  return { bytes: keptBytes([bytes]), crc: crc32(piece), length: piece.length, shift: shiftOf(piece.length) };
}

/** The same chunk as before where the same twins stand in it: most of an answer is as it was. */
function toChunks(twins: readonly Deflated[], before: readonly Chunk[]): readonly Chunk[] {
  return Array.from({ length: Math.ceil(twins.length / chunkTwins) }, (_, index) => {
    const run = twins.slice(index * chunkTwins, (index + 1) * chunkTwins);
    const known = before[index];
    if (known?.twins.length === run.length && run.every((twin, at) => twin === known.twins[at])) return known;
    return toChunk(run);
  });
}

function toChunk(twins: readonly Deflated[]): Chunk {
  const bytes = keptBytes(twins.map((twin) => twin.bytes));
  let at = 0;
  for (const twin of twins) {
    twin.bytes = bytes.subarray(at, at + twin.bytes.length);
    at += twin.bytes.length;
  }
  const length = twins.reduce((sum, twin) => sum + twin.length, 0);
  const crc = twins.reduce((sum, twin) => combineCrc32(sum, twin.crc, twin.shift), 0);
  return { twins, bytes, crc, length, shift: shiftOf(length) };
}

function trailerOf(chunks: readonly Chunk[]): Buffer {
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(chunks.reduce((crc, chunk) => combineCrc32(crc, chunk.crc, chunk.shift), 0));
  trailer.writeUInt32LE(chunks.reduce((sum, { length }) => sum + length, 0) % 2 ** 32, 4);
  return trailer;
}
