/** Work on many elements in turns: what else the process has to do is not kept waiting for more than some ms. */
import { yieldTurns } from '../domain/yield-turn.ts';

const longestTurnMs = 10;

/** As `map` of a list. Few elements are done in the first turn, and cost no other. */
export async function mapInTurns<T, U>(items: readonly T[], map: (item: T, index: number) => U): Promise<U[]> {
  const mapped: U[] = [];
  let begun = performance.now();
  for (const [index, item] of items.entries()) {
    mapped.push(map(item, index));
    if (performance.now() - begun < longestTurnMs) continue;
    await yieldTurns();
    begun = performance.now();
  }
  return mapped;
}
