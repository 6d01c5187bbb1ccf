import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonFields, jsonText, textStream, toObject } from '../../../src/http/api/json.ts';

test('the text is that of JSON.stringify, however the fields come', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(null)).map((json) => json as object | null);
  const list = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 5 });
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), value), list, (known, elements) => {
      function* made(): Generator<object> {
        yield* elements;
      }
      const fields: JsonFields = { ...known, 'the list': made, 'the end': () => elements.length };
      const text = JSON.stringify({ ...known, 'the list': elements, 'the end': elements.length });
      expect([...jsonText(fields)].join('')).toBe(text);
      expect(JSON.stringify(toObject(fields))).toBe(text);
    }),
  );
  expect([...jsonText({})].join('')).toBe('{}');
});

test('a function is called after the list before it was made', () => {
  let count = 0;
  function* list(): Generator<object> {
    for (; count < 3; count += 1) yield { count };
  }
  expect(toObject({ list, count: () => count })).toMatchObject({ count: 3 });
});

describe('a stream', () => {
  test('has the bytes of the text, whatever its characters', async () => {
    const texts = ['é💶', 'x'.repeat(200_000), '', '😀'.repeat(40_000)];
    const stream = textStream(texts.values(), () => {});
    expect((await buffer(stream)).toString()).toBe(texts.join(''));
  });

  test('is made as it is read, and not ahead', async () => {
    let made = 0;
    function* texts(): Generator<string> {
      for (; made < 1_000; made += 1) yield 'x'.repeat(10_000);
    }
    const reader = textStream(texts(), () => {}).getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(made).toBeLessThan(30);
    await reader.cancel();
  });

  test('that cannot be made is told, and breaks off', async () => {
    const failures: unknown[] = [];
    function* texts(): Generator<string> {
      yield 'x';
      throw new Error('No more');
    }
    await expect(buffer(textStream(texts(), (err) => failures.push(err)))).rejects.toThrow('No more');
    expect(failures).toHaveLength(1);
  });
});
