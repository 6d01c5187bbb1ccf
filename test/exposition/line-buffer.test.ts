import { expect, test } from 'vitest';
import { createDraft } from '../../src/exposition/line-buffer.ts';

test('a draft says what was added, however long and whatever it is, and begins anew', () => {
  const draft = createDraft();
  expect(draft.take()).toHaveLength(0);
  const texts = ['a', 'é💶\ufffd', 'x'.repeat(10_000), '💶'.repeat(5_000)];
  for (const text of texts) draft.add(text);
  expect(draft.take().toString()).toBe(texts.join(''));
  draft.add('next');
  draft.clear();
  draft.add('last');
  expect(draft.take().toString()).toBe('last');
});
