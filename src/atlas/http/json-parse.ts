/** Parses a JSON text with a long list in slices, so that the event loop is never held for more than one of them. */
import { randomUUID } from 'node:crypto';
import { yieldTurns } from '../../domain/yield-turn.ts';
import type { LongList } from './json-scan.ts';

/** Stands in the place of the list while the rest is parsed. Nobody who writes an answer knows it. */
const placeholder = randomUUID();
const closingBracket = 0x5d;

/** What JSON.parse makes of the text. Throws what it throws, or what a TextDecoder does, for a text that is none. */
export async function parseInSlices(text: Uint8Array, { from, to, cuts }: LongList): Promise<unknown> {
  if (to === null || text[to] !== closingBracket) throw new SyntaxError('A list without an end');
  const decode = (ignoreBOM: boolean, ...range: readonly [number, number]) =>
    new TextDecoder('utf-8', { fatal: true, ignoreBOM }).decode(text.subarray(...range));
  const rest: unknown = JSON.parse(`${decode(false, 0, from)}"${placeholder}"${decode(true, to + 1, text.length)}`);
  const ends = [...cuts, to];
  const list: unknown[] = [];
  for (const [index, end] of ends.entries()) {
    const elements: unknown = JSON.parse(`[${decode(true, (ends[index - 1] ?? from) + 1, end)}]`);
    if (!Array.isArray(elements) || elements.length === 0) throw new SyntaxError('A comma without an element');
    for (const element of elements) list.push(element);
    await yieldTurns();
  }
  if (rest === placeholder) return list;
  const fields = Object.entries(Object(rest));
  return Object.fromEntries(fields.map(([key, value]) => [key, value === placeholder ? list : value]));
}
