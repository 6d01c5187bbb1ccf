import { expect, test } from 'vitest';
import { createLineBuffer } from '../../src/exposition/line-buffer.ts';

test('holds what was added, however long and in whatever script, and is empty after take and clear', () => {
  const buffer = createLineBuffer();
  expect(buffer.take()).toHaveLength(0);
  const texts = ['a', 'é💶\ufffd', 'x'.repeat(10_000), '💶'.repeat(5_000)];
  for (const text of texts) buffer.add(text);
  expect(buffer.take().toString()).toBe(texts.join(''));
  buffer.add('next');
  buffer.clear();
  buffer.add('last');
  expect(buffer.take().toString()).toBe('last');
});
