/** Lists that Atlas answers in pages. URLs are built here: links are read, but nobody goes where they point. */
import { z } from 'zod';
import { invalid, parseElements, parseOne } from './wire.ts';

const perPage = 500;
/** Half a million elements: beyond any organisation, and an end to pages that never end. */
const mostPages = 1_000;

const page = z.object({
  results: z.array(z.unknown()),
  links: z.unknown().optional(),
  totalCount: z.unknown().optional(),
});

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

/**
 * Every element of every page, each once. The last page is one that is not full and names no next one: a count is only
 * an estimate, but a list without elements that counts some is cut off. Throws an `invalid_response` for pages that
 * never end.
 */
export async function readPages<T extends z.ZodType>(
  get: (query: string) => Promise<unknown>,
  schema: T,
  idOf: (element: z.output<T>) => string,
): Promise<readonly z.output<T>[]> {
  const found = new Map<string, z.output<T>>();
  for (let pageNum = 1; pageNum <= mostPages; pageNum++) {
    const answer = parseOne(await get(`itemsPerPage=${perPage}&pageNum=${pageNum}`), page, 'The page');
    const before = found.size;
    for (const element of parseElements(answer.results, schema)) found.set(idOf(element), element);
    const full = answer.results.length >= perPage;
    const grew = found.size > before;
    if (full && !grew) throw invalid(`Page ${pageNum} repeats the pages before it`);
    // A page that is not full but names a next one was cut short; a next one that brings nothing was a lie.
    if (full || (grew && namesNext(answer.links))) continue;
    if (found.size === 0 && typeof answer.totalCount === 'number' && answer.totalCount > 0) {
      throw invalid(`The list is empty but counts ${answer.totalCount}`);
    }
    return [...found.values()];
  }
  throw invalid(`The list has more than ${mostPages} pages`);
}

function namesNext(links: unknown): boolean {
  return Array.isArray(links) && links.some((link: unknown) => isNext(link));
}

function isNext(link: unknown): boolean {
  return typeof link === 'object' && link !== null && 'rel' in link && link.rel === 'next';
}
