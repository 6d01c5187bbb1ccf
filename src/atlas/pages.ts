/** Lists that Atlas answers in pages. Links are not followed and counts not believed: the pages tell when they end. */
import { z } from 'zod';
import { invalid, parseElements, parseOne } from './wire.ts';

const perPage = 500;
/** Half a million elements: beyond any organisation, and an end to pages that never end. */
const mostPages = 1_000;

const page = z.object({ results: z.array(z.unknown()) });

/**
 * Every element of every page of a list that must be complete: what moves from page to page while several are read could
 * be missed, and a missed element would read as one that is gone. So several pages are read twice, and must say the same.
 */
export async function readWholePages<T extends z.ZodType>(
  get: (query: string) => Promise<unknown>,
  schema: T,
  idOf: (element: z.output<T>) => string,
): Promise<readonly z.output<T>[]> {
  const first = await readPages(get, schema, idOf);
  if (first.length < perPage) return first;
  const second = await readPages(get, schema, idOf);
  const ids = new Set(second.map(idOf));
  if (first.length !== second.length || !first.every((element) => ids.has(idOf(element)))) {
    throw invalid('The list changed while its pages were read');
  }
  return second;
}

/** Every element of every page, each once. A page that only repeats what was there is an `invalid_response`. */
export async function readPages<T extends z.ZodType>(
  get: (query: string) => Promise<unknown>,
  schema: T,
  idOf: (element: z.output<T>) => string,
): Promise<readonly z.output<T>[]> {
  const found = new Map<string, z.output<T>>();
  for (let pageNum = 1; pageNum <= mostPages; pageNum++) {
    const answer = await get(`itemsPerPage=${perPage}&pageNum=${pageNum}`);
    const { results } = parseOne(answer, page, 'The page');
    const before = found.size;
    for (const element of parseElements(results, schema)) found.set(idOf(element), element);
    if (results.length < perPage) return [...found.values()];
    if (found.size === before) throw invalid(`Page ${pageNum} repeats the pages before it`);
  }
  throw invalid(`The list has more than ${mostPages} pages`);
}
