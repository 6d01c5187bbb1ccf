import { expect, test } from 'vitest';
import { substitute } from '../../../src/config/exporter/substitute.ts';

test('variables take their places in every text, and what they hold is not read again', () => {
  const asked: string[] = [];
  const value = { a: ['${ONE}', 1, null], b: { '${ONE}': 'x-${TWO}-${ONE}' }, c: '$${ONE} $ONE ${1} ${' };
  const result = substitute(value, (variable, path) => {
    asked.push(`${path.join('.')} ${variable}`);
    return variable === 'ONE' ? '${TWO}' : '2';
  });
  expect(result).toEqual({ a: ['${TWO}', 1, null], b: { '${ONE}': 'x-2-${TWO}' }, c: '${ONE} $ONE ${1} ${' });
  expect(asked).toEqual(['a.0 ONE', 'b.${ONE} TWO', 'b.${ONE} ONE']);
});
