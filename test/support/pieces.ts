import { constants, inflateRawSync } from 'node:zlib';
import type { Piece } from '../../src/exposition/piece.ts';

/** What a piece says, whichever form it has. */
export function textOf(piece: Piece | null | undefined): string {
  if (piece?.text) return piece.text.toString();
  if (!piece?.deflated) return '';
  return inflateRawSync(piece.deflated.bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}
