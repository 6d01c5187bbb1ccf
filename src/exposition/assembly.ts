/** The pieces of an answer, in the order of the catalogue. */

import { projectFamilies, sourceFamilies } from '../metrics/catalogue.ts';
import type { Description, Family, Format, OwnFamily } from '../metrics/family.ts';
import { healthFamilies, lastSuccess, projectRemoved } from '../metrics/sources.ts';
import type { Blocks } from './blocks.ts';
import type { Layers } from './layers.ts';
import { type Piece, toPiece } from './piece.ts';
import { endText, headerText, ownSampleText } from './text.ts';

/** What an answer is put together from: samples without their headers. */
export interface Parts {
  readonly layers: Layers;
  readonly removed: readonly Piece[];
  readonly times: readonly Piece[];
  readonly own: readonly OwnFamily[];
}

/** What it puts together shares the pieces of the headers. */
export function createAssembly(): (parts: Parts, format: Format) => readonly Piece[] {
  const headers = new Map<string, Piece>();

  /** The same piece again and again. */
  const headerOf = (family: Description, format: Format): Piece => {
    const key = `${format} ${family.name}`;
    const header = headers.get(key) ?? toPiece(headerText(family, format));
    headers.set(key, header);
    return header;
  };
  return ({ layers, removed, times, own }, format) => {
    /** A family without samples is not there at all. */
    const withHeader = (family: Description, samples: readonly Piece[]) =>
      samples.length === 0 ? [] : [headerOf(family, format), ...samples];
    const ofBlocks = <V, T>(families: readonly Family<T>[], blocks: Blocks<V>) =>
      families.flatMap((family, index) => withHeader(family, blocks.piecesOf(index)));
    const rest = own.map((family) => ownText(family, format)).join('') + endText(format);
    return [
      ...ofBlocks(projectFamilies, layers.projects),
      ...ofBlocks(sourceFamilies, layers.ledgers),
      ...withHeader(projectRemoved, removed),
      ...ofBlocks(healthFamilies, layers.health),
      ...withHeader(lastSuccess, times),
      ...(rest === '' ? [] : [toPiece(rest)]),
    ];
  };
}

function ownText(family: OwnFamily, format: Format): string {
  const samples = ownSampleText(family);
  return samples === '' ? '' : headerText(family, format) + samples;
}
