import { expect, test } from 'vitest';
import type { Author } from '../../../src/domain/author.ts';
import type { RecordedChange } from '../../../src/domain/change-log.ts';
import { authorWords } from '../../../src/pages/parts/authors.ts';

const key: Author = {
  ...{ event: 'ENDPOINT_SERVICE_DELETED', at: 0, public_key: 'abcdefgh' },
  ...{ address: '203.0.113.9', mongodb_staff: false },
};
const { public_key: _, ...nobody } = key;
const words = async (by: readonly Author[], rest: Partial<RecordedChange> = {}) => {
  const change: RecordedChange = {
    ...{ id: 1, at: 0, not_before: 0, atlas_project_id: 'p1', type: 'removed', from: null, to: null, by },
    ...rest,
  };
  return String(await authorWords(change))
    .replaceAll(/<[^>]+>/g, '')
    .replace(/^(?:, | )/, '');
};

test.each([
  [[key], {}, 'deleted by API key abcdefgh from 203.0.113.9'],
  [[{ ...key, event: 'INTERFACE_ENDPOINT_CREATED' }], {}, 'created by API key abcdefgh from 203.0.113.9'],
  [[{ ...key, event: 'INTERFACE_ENDPOINT_RETRIED' }], {}, 'tried again by API key abcdefgh from 203.0.113.9'],
  [[{ ...key, event: 'CROSS_REGION_SUPPORTED_REGION_MODIFIED' }], {}, 'changed by API key abcdefgh from 203.0.113.9'],
  [[{ ...nobody, username: 'anna@example.com', address: null }], {}, 'deleted by anna@example.com'],
  [[{ ...nobody, username: 'sam', mongodb_staff: true }], {}, 'deleted by sam of MongoDB from 203.0.113.9'],
  [[{ ...nobody, address: null, mongodb_staff: true }], {}, 'deleted by MongoDB staff'],
  [[{ ...nobody, address: null }], {}, 'deleted by Atlas itself'],
  [[key, key], {}, 'deleted by API key abcdefgh from 203.0.113.9'],
  [
    [key, { ...nobody, username: 'anna' }],
    { by_ambiguous: true },
    'perhaps deleted by API key abcdefgh from 203.0.113.9 or anna from 203.0.113.9: the audit log does not say which of them',
  ],
  [[key], { type: 'audit' }, 'by API key abcdefgh from 203.0.113.9'],
  [[], {}, ''],
] as const)('%# %j', async (by, rest, expected) => {
  expect(await words(by, rest)).toBe(expected);
});

test('no name of Atlas hides or turns the words', async () => {
  expect(await words([{ ...nobody, username: 'a\u202eb<b>' }])).toContain('a⟨U+202E⟩b');
});
