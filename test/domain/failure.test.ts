import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failureGuide, failureReasons, sameFailure } from '../../src/domain/failure.ts';
import { aFailure } from '../support/builders.ts';

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

test('a failure is the same as long as reason and detail are', () => {
  expect(sameFailure(null, null)).toBe(true);
  expect(sameFailure(aFailure('timeout'), null)).toBe(false);
  expect(sameFailure(aFailure('timeout'), aFailure('timeout'))).toBe(true);
  expect(sameFailure(aFailure('timeout', 'a'), aFailure('timeout', 'b'))).toBe(false);
  expect(sameFailure(aFailure('timeout', 'a'), aFailure('network', 'a'))).toBe(false);
});
