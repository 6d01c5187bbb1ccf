import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failureGuide, failureReasons } from '../../src/domain/failure.ts';

test.each(failureReasons)('%s says what to do in one sentence without a full stop', (reason) => {
  const { title, meaning, remedy, more } = failureGuide[reason];
  expect(remedy).toMatch(/^[A-Z].*[^.]$/);
  expect(title).toMatch(/^[A-Z].*[^.]$/);
  for (const sentence of [meaning, ...more]) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

test('the runbook of failing polls says of each reason what the catalogue says', () => {
  const runbook = readFileSync(
    new URL('../../docs/runbooks/AtlasPrivateEndpointPollFailing.md', import.meta.url),
    'utf8',
  );
  const rows = [...runbook.matchAll(/^\| `(\w+)` \| (.+?) \| (.+?) \|$/gm)].map(([, ...cells]) => cells);
  expect(rows).toEqual(
    failureReasons.map((reason) => [reason, failureGuide[reason].title, failureGuide[reason].remedy]),
  );
});
