import { describe, expect, test } from 'vitest';
import { readPages, readWholePages } from '../../../src/atlas/lists/pages.ts';
import { identifier, parseElements } from '../../../src/atlas/lists/wire.ts';

const parse = (elements: readonly unknown[]) => parseElements(elements, identifier);
const limits = { elements: 1_000_000, bytes: 10_000 };
const next = { rel: 'next', href: 'http://127.0.0.1:1/elsewhere' };
const full = (from: number) => Array.from({ length: 500 }, (_, n) => `e${from + n}`);

interface Page {
  readonly results: readonly string[];
  readonly links?: unknown;
  readonly totalCount?: unknown;
}

/** Pages in turn, the last one again and again. */
function book(...pages: readonly Page[]) {
  const queries: string[] = [];
  const read = (reader: typeof readPages) =>
    reader(
      async (query, received) => {
        queries.push(query);
        received(1_000);
        return pages[Math.min(queries.length, pages.length) - 1];
      },
      parse,
      (id) => id,
      limits,
    );
  return { queries, read };
}

describe('the last page', () => {
  test.each<readonly [string, readonly Page[], number, number]>([
    ['is one that is not full', [{ results: full(0) }, { results: ['x'] }], 2, 501],
    ['is empty after a full one', [{ results: full(0) }, { results: [] }], 2, 500],
    [
      'is not one that was cut short but names a next',
      [
        { results: ['a'], links: [next] },
        { results: ['b'], links: [] },
      ],
      2,
      2,
    ],
    ['may name a next one that brings nothing', [{ results: ['a'], links: [next] }], 2, 1],
    ['may be the only one, and empty', [{ results: [], totalCount: 0 }], 1, 0],
    ['is not told by a count', [{ results: ['a'], totalCount: 7000, links: 'none' }], 1, 1],
  ])('%s', async (_name, pages, asked, found) => {
    const { queries, read } = book(...pages);
    expect(await read(readPages)).toHaveLength(found);
    expect(queries).toEqual(Array.from({ length: asked }, (_, n) => `itemsPerPage=500&pageNum=${n + 1}`));
  });
});

test('an element that moved to the next page is there once', async () => {
  const { read } = book({ results: full(0) }, { results: ['e499', 'x'] });
  expect(await read(readPages)).toHaveLength(501);
});

test.each<readonly [string, readonly Page[], string]>([
  ['full pages that never end', [{ results: full(0) }], 'Page 2 repeats the pages before it'],
  ['a list that counts elements and has none', [{ results: [], totalCount: 12 }], 'The list is empty but counts 12'],
  ['an element that is none', [{ results: [''] }], expect.stringContaining('Element 0')],
])('%s: an invalid response', async (_name, pages, detail) => {
  await expect(book(...pages).read(readPages)).rejects.toMatchObject({ reason: 'invalid_response', detail });
});

test('pages without end are given up', async () => {
  let n = 0;
  const pages = readPages(
    async () => ({ results: full(500 * n++) }),
    parse,
    (id) => id,
    limits,
  );
  await expect(pages).rejects.toMatchObject({ detail: 'The list has more than 1000 pages' });
});

describe('what pages hold together is bounded', () => {
  const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ results: full(500 * n) }));

  test('in bytes', async () => {
    const detail = 'The pages of the list have more than 10000 bytes together';
    await expect(book(...numbered(11)).read(readPages)).rejects.toMatchObject({ reason: 'invalid_response', detail });
  });

  test('in elements', async () => {
    const detail = 'The list has more than 1000 elements';
    expect(
      await book(...numbered(2), { results: [] }, ...numbered(2), { results: [] }).read(readWholePages),
    ).toHaveLength(1_000);
    await expect(book(...numbered(3)).read(readWholePages)).rejects.toMatchObject({
      reason: 'invalid_response',
      detail,
    });
  });
});

describe('a list that must be complete', () => {
  test('of one page is read once', async () => {
    const { queries, read } = book({ results: ['a'] });
    expect(await read(readWholePages)).toEqual(['a']);
    expect(queries).toHaveLength(1);
  });

  test('of several pages must say the same twice', async () => {
    const twice = [{ results: full(0) }, { results: ['x'] }];
    expect(await book(...twice, ...twice).read(readWholePages)).toHaveLength(501);
    const changed = book(...twice, { results: full(0) }, { results: ['y'] });
    await expect(changed.read(readWholePages)).rejects.toMatchObject({
      detail: 'The list changed while its pages were read',
    });
  });
});
