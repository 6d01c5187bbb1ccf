/** Lists that Atlas answers in pages. URLs are built here: links are read, but nobody goes where they point. */
import { z } from 'zod';
import { invalid, mostElements, parseOne, quoted } from './wire.ts';

const perPage = 500;
/** An end to pages that never end, each with one element. */
const mostPages = 1_000;

/** How much the pages of one list may hold together. */
export interface ListLimits {
  readonly elements: number;
  readonly bytes: number;
}

/** Asks for one page, by its query; `received` hears how many bytes came, decoded. */
type GetPage = (query: string, received: (bytes: number) => void) => Promise<unknown>;
type ParsePage<T> = (elements: readonly unknown[]) => Promise<readonly T[]>;

/** A list that is one answer has the same limits. */
const ofProject: ListLimits = { elements: mostElements, bytes: 16 * 1024 * 1024 };

const page = z.object({
  results: z.array(z.unknown()),
  links: z.unknown().optional(),
  totalCount: z.unknown().optional(),
});

/**
 * Every element of every page of a list that must be complete: what moves from page to page while several are read could
 * be missed, and a missed element would read as one that is gone. So several pages are read twice, and must say the same.
 */
export async function readWholePages<T>(
  get: GetPage,
  parse: ParsePage<T>,
  idOf: (element: T) => string,
): Promise<readonly T[]> {
  const refuse = (id: string) => {
    throw invalid(`The list has ${quoted(id)} twice`);
  };
  const first = await readPages(get, parse, idOf, ofProject, refuse);
  if (first.length < perPage) return first;
  const second = await readPages(get, parse, idOf, ofProject, refuse);
  const ids = new Set(second.map(idOf));
  if (first.length !== second.length || !first.every((element) => ids.has(idOf(element)))) {
    throw invalid('The list changed while its pages were read');
  }
  return second;
}

/**
 * Every element of every page, each once. The last page is one that is not full and names no next one: a count is only
 * an estimate, but a list without elements that counts some is cut off. `twice` hears of an id that stands there twice,
 * but for pages that only repeat others. Throws an `invalid_response` for pages that never end or hold too much together.
 */
export async function readPages<T>(
  get: GetPage,
  parse: ParsePage<T>,
  idOf: (element: T) => string,
  limits: ListLimits,
  twice: (id: string) => void = () => {},
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  let bytes = 0;
  const received = (more: number) => {
    bytes += more;
    if (bytes > limits.bytes) throw invalid(`The pages of the list have more than ${limits.bytes} bytes together`);
  };
  for (let pageNum = 1; pageNum <= mostPages; pageNum++) {
    const answer = parseOne(await get(`itemsPerPage=${perPage}&pageNum=${pageNum}`, received), page, 'The page');
    const before = found.size;
    const repeated: string[] = [];
    for (const element of await parse(answer.results)) {
      const id = idOf(element);
      if (found.has(id)) repeated.push(id);
      found.set(id, element);
    }
    if (found.size > limits.elements) throw invalid(`The list has more than ${limits.elements} elements`);
    const full = answer.results.length >= perPage;
    const grew = found.size > before;
    if (full && !grew) throw invalid(`Page ${pageNum} repeats the pages before it`);
    if (grew) for (const id of repeated) twice(id);
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
