import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInSlices } from '../../../src/atlas/http/json-parse.ts';
import { createJsonScan } from '../../../src/atlas/http/json-scan.ts';
import { fuzzCases } from '../../support/sizes.ts';

/** What it makes of a text whose lists are cut wherever they can be; undefined when it has no list to cut. */
async function sliced(bytes: Uint8Array, values = 1): Promise<{ readonly json: unknown } | 'refused' | undefined> {
  const scan = createJsonScan({ values, bytes: 512 });
  scan.take(bytes);
  const list = scan.longList();
  if (list === null) return undefined;
  return parseInSlices(bytes, list).then(
    (json) => ({ json }),
    () => 'refused',
  );
}

function whole(bytes: Uint8Array): { readonly json: unknown } | 'refused' {
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return 'refused';
  }
}

const list = fc.array(fc.jsonValue({ maxDepth: 3 }), { minLength: 2, maxLength: 12 });
const page = fc.tuple(fc.jsonValue({ maxDepth: 2 }), list, list).map(([links, results, more]) => ({
  links,
  results,
  more,
  totalCount: 7,
}));
const answer = fc.oneof(list, page, fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), list));

test('a text in slices is what JSON.parse makes of the whole', async () => {
  let cut = 0;
  await fc.assert(
    fc.asyncProperty(answer, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (value, values, spaced) => {
      const bytes = Buffer.from(JSON.stringify(value, null, spaced ? 2 : 0));
      const read = await sliced(bytes, values);
      if (read === undefined) return;
      cut += 1;
      expect(read).toEqual(whole(bytes));
      expect(JSON.stringify(read === 'refused' ? null : read.json)).toBe(JSON.stringify(JSON.parse(bytes.toString())));
    }),
    { numRuns: fuzzCases },
  );
  expect(cut).toBeGreaterThan(fuzzCases / 4);
});

test('a text with a changed byte is refused when JSON.parse refuses it, and else the same', async () => {
  const seen = { refused: 0, read: 0 };
  const change = fc.tuple(fc.nat(), fc.constantFrom(...'[]{},":0\\ x\u0000', '\ufeff', ''));
  await fc.assert(
    fc.asyncProperty(answer, fc.array(change, { minLength: 1, maxLength: 3 }), async (value, changes) => {
      const text = changes.reduce((text, [at, by]) => {
        const index = at % text.length;
        return text.slice(0, index) + by + text.slice(index + 1);
      }, JSON.stringify(value));
      const bytes = Buffer.from(text);
      const read = await sliced(bytes);
      if (read === undefined) return;
      seen[read === 'refused' ? 'refused' : 'read'] += 1;
      expect(read).toEqual(whole(bytes));
    }),
    { numRuns: fuzzCases },
  );
  expect(Math.min(seen.refused, seen.read)).toBeGreaterThan(fuzzCases / 50);
});

test.each([
  '[1,2,3',
  '[1,2,3}',
  '[1,,3]',
  '[1,2,]',
  '[1,2,3]]',
  '[1,2],[3,4]',
  '[1,{"a":2],3}',
  '{"a":[1,2,3}}',
  '{"a":[1,2,3]',
  '{"a":[1,2,3]}x',
  '[1,2,\ufeff3]',
])('%j is no JSON in slices either', async (text) => {
  expect(await sliced(Buffer.from(text))).toBe('refused');
});

test('a byte order mark at the beginning is no part of the text, and invalid UTF-8 is refused', async () => {
  expect(await sliced(Buffer.from('\ufeff[1,2,3]'))).toEqual({ json: [1, 2, 3] });
  expect(await sliced(Buffer.from([...Buffer.from('[1,2,"'), 0xff, ...Buffer.from('"]')]))).toBe('refused');
});
