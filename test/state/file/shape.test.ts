import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasShape, isLedger, isRecordedChange } from '../../../src/state/file/shape.ts';
import { aChange, aPut } from '../../support/state.ts';

const { ledger } = aPut('a');
const change = aChange(1);

/** Every path of a value, as lists of keys. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}
function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe.each([
  ['a ledger', ledger, isLedger],
  ['a change', change, isRecordedChange],
] as const)('%s', (_name, value, check) => {
  test('as it is written has its shape', () => {
    expect(hasShape(JSON.stringify(value), check)).toBe(true);
  });

  test('with a field that is not known here has it, too', () => {
    expect(check({ ...value, later: 1 })).toBe(true);
  });

  // A ledger of the first edition knows no clusters, a change of a cluster names no connection, and an
  // earlier version does not say after when a change happened.
  const optional = new Set(['clusters', 'connection_id', 'not_before', 'kind', 'cloud_provider', 'by', 'by_ambiguous']);

  test.each(Object.keys(value))('without %s has it only where that is optional', (key) => {
    const { [key]: _, ...rest } = value as unknown as Record<string, unknown>;
    expect(check(rest)).toBe(optional.has(key));
  });

  test.each(['', 'x', 'null', '[]', '{}', '1', '"text"', '[{}]'])('that is the text %j has it not', (text) => {
    expect(hasShape(text, check)).toBe(false);
  });

  test('with a list where a word or a number belongs, or a number where more belongs, has it not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(value)), (path) => {
        const at = path.reduce<unknown>((found, key) => (found as Record<string, unknown>)[key], value);
        const other = typeof at === 'object' ? 1 : [1];
        expect(check(replaced(value, path, other))).toBe(false);
      }),
    );
  });
});
