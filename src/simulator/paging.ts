/** Pages of a list in Atlas' envelope. */
import { type Reply, replies } from './errors.ts';

const mostItems = 500;
const usualItems = 100;

export interface PageRequest {
  /** `pageNum`, `itemsPerPage` and `includeCount` are read. */
  readonly query: URLSearchParams;
  /** The list's own URL, without a query. */
  readonly origin: string;
}

/** One page, or the refusal of a page that Atlas does not give. */
export function toPage<T>(
  { query, origin }: PageRequest,
  all: readonly T[],
  write: (item: T) => object,
): { readonly json: object } | { readonly reply: Reply } {
  const perPage = Number(query.get('itemsPerPage') ?? usualItems);
  const number = Number(query.get('pageNum') ?? 1);
  if (!Number.isInteger(perPage) || perPage < 1 || perPage > mostItems)
    return { reply: replies.badQuery('itemsPerPage') };
  if (!Number.isInteger(number) || number < 1) return { reply: replies.badQuery('pageNum') };
  const includeCount = query.get('includeCount') !== 'false';
  const results = all.slice((number - 1) * perPage, number * perPage);
  const link = (rel: string, pageNum: number) => ({
    href: `${origin}?includeCount=${includeCount}&itemsPerPage=${perPage}&pageNum=${pageNum}`,
    rel,
  });
  const links = [link('self', number), ...(number * perPage < all.length ? [link('next', number + 1)] : [])];
  return { json: { links, results: results.map(write), ...(includeCount && { totalCount: all.length }) } };
}
