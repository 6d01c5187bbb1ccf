import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rows } from '../e2e/faults/rows.ts';

const root = new URL('../../', import.meta.url).pathname;
const proofs = rows.flatMap(({ proofs }) => proofs);

/** A full name is made of a title around it and of its own: so many pieces of it stand in the file as they are. */
const mostPieces = 3;

/** In how few runs of whole words a name stands in a text; infinity when a word of it does not. */
function piecesIn(text: string, words: readonly string[]): number {
  if (words.length === 0) return 0;
  for (let length = words.length; length > 0; length--) {
    if (text.includes(words.slice(0, length).join(' '))) return 1 + piecesIn(text, words.slice(length));
  }
  return Number.POSITIVE_INFINITY;
}

test('every row of faults has a proof, and the file of every proof is there', () => {
  expect(rows.filter(({ proofs: own }) => own.length === 0)).toEqual([]);
  expect([...new Set(proofs.map(({ file }) => file))].filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
});

/** Some tests have a row for each bad config, and bear the name of its file. */
const isFixture = (name: string) => existsSync(`${root}test/fixtures/config/${name}.yaml`);

test('the words of every proof stand in its file', () => {
  const missing = proofs.filter(
    ({ file, test: name }) =>
      !isFixture(name) && piecesIn(readFileSync(`${root}${file}`, 'utf8'), name.split(' ')) > mostPieces,
  );
  expect(missing).toEqual([]);
});
