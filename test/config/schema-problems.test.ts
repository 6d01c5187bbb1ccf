import { expect, test } from 'vitest';
import { z } from 'zod';
import { schemaProblems } from '../../src/config/schema-problems.ts';

const schema = z.strictObject({
  list: z.array(z.strictObject({ name: z.string('write a name') })).optional(),
  map: z.record(z.string(), z.strictObject({ size: z.int('write a number') })).optional(),
});
const problems = (value: unknown, instead?: (path: readonly PropertyKey[]) => string | undefined) =>
  schemaProblems(schema, schema.safeParse(value).error?.issues ?? [], instead).map(
    ({ path, code, message }) => `${path.join('.')} ${code}: ${message}`,
  );

test.each([
  ['a text for the whole', 'x', [' shape: must be a set of keys and values']],
  ['a map for a list', { list: {} }, ['list shape: must be a list']],
  ['a wrong value', { list: [{ name: 1 }] }, ['list.0.name shape: write a name']],
  [
    'a misspelt key',
    { lits: [], map: { a: { size: 1, siz: 2 } } },
    ["map.a.siz unknown_key: unknown key; did you mean 'size'?", "lits unknown_key: unknown key; did you mean 'list'?"],
  ],
  ['a strange key', { elsewhere: 1 }, ['elsewhere unknown_key: unknown key']],
])('%s', (_name, value, expected) => {
  expect(problems(value)).toEqual(expected);
});

test('a sentence of the caller goes before every other', () => {
  const instead = (path: readonly PropertyKey[]) => (path[0] === 'elsewhere' ? 'is not supported' : undefined);
  expect(problems({ elsewhere: 1, lits: [] }, instead)).toEqual([
    'elsewhere unknown_key: is not supported',
    "lits unknown_key: unknown key; did you mean 'list'?",
  ]);
});
