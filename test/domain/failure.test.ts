import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failureGuide, failureReasons } from '../../src/domain/failure.ts';

test.each(failureReasons)('%s says what to do in one sentence without a full stop', (reason) => {
  const { title, meaning, remedy, more } = failureGuide[reason];
  expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  expect(title).toMatch(/^[A-Z].*[^.]$/);
  for (const sentence of [meaning, ...more]) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

test.each(['docs/runbooks/AtlasPrivateEndpointPollFailing.md', 'README.md'])(
  '%s says of each reason what the catalogue says',
  (file) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const [, table = ''] = text.split('| reason | what it means | what to do |');
    const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)].map(
      ([, ...cells]) => cells,
    );
    expect(rows).toEqual(
      failureReasons.map((reason) => [reason, failureGuide[reason].title, failureGuide[reason].remedy]),
    );
  },
);
