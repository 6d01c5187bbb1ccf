import { expect, test } from 'vitest';
import { toPage } from '../../src/simulator/paging.ts';

const items = Array.from({ length: 7 }, (_, index) => index);
const page = (query: string) =>
  toPage({ query: new URLSearchParams(query), origin: 'http://a/b' }, items, (item) => ({ item }));

test('a page names itself and the next one, and counts all', () => {
  expect(page('itemsPerPage=3&pageNum=2')).toEqual({
    json: {
      links: [
        { href: 'http://a/b?includeCount=true&itemsPerPage=3&pageNum=2', rel: 'self' },
        { href: 'http://a/b?includeCount=true&itemsPerPage=3&pageNum=3', rel: 'next' },
      ],
      results: [{ item: 3 }, { item: 4 }, { item: 5 }],
      totalCount: 7,
    },
  });
});

test('the last page names no next one; a page behind it is empty', () => {
  expect(page('itemsPerPage=3&pageNum=3')).toMatchObject({
    json: { links: [{ rel: 'self' }], results: [{ item: 6 }] },
  });
  expect(page('pageNum=9')).toMatchObject({ json: { links: [{ rel: 'self' }], results: [], totalCount: 7 } });
});

test('without a count there is no totalCount', () => {
  const answered = page('includeCount=false');
  expect('json' in answered && Object.keys(answered.json)).toEqual(['links', 'results']);
});

test.each(['itemsPerPage=501', 'itemsPerPage=0', 'itemsPerPage=x', 'pageNum=0', 'pageNum=1.5'])(
  '%s is refused',
  (query) => {
    expect(page(query)).toMatchObject({ reply: { status: 400, headers: { 'X-Error-Code': 'VALIDATION_ERROR' } } });
  },
);
