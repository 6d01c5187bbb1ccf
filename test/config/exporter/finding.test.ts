import { describe, expect, test } from 'vitest';
import { environmentSentences } from '../../../src/config/exporter/environment.ts';
import { type Finding, toSentence } from '../../../src/config/exporter/finding.ts';

const written = { text: "'${STAGE}'", fromVariable: true };
const plain = { text: "'mian'", fromVariable: false };

describe('a value is quoted as it is written', () => {
  test.each<[name: string, finding: Finding, fromFile: string, fromVariable: string]>([
    [
      'credential',
      { path: [], code: 'unknown_credential', names: ['main'], others: 0 },
      "there is no credential 'mian': use one of main",
      "there is no credential '${STAGE}': use one of main",
    ],
    [
      'schedule',
      { path: [], code: 'bad_schedule', message: "'mian' is no cron expression", quotes: [] },
      "'mian' is no cron expression",
      "'${STAGE}' is no usable cron expression; write 6 fields, seconds first, or 5, as in '0 */5 * * * *'",
    ],
    [
      'time zone',
      { path: [], code: 'bad_timezone', message: "'mian' is no time zone" },
      "'mian' is no time zone",
      "'${STAGE}' is no time zone; write one as 'UTC' or 'Europe/Berlin'",
    ],
    [
      'secret',
      { path: [], code: 'unreadable_secret', reason: 'it is a directory' },
      "the secret in 'mian' cannot be read: it is a directory",
      "the secret in '${STAGE}' cannot be read: it is a directory",
    ],
    [
      'shape',
      { path: [], code: 'shape', message: 'must be a list' },
      'must be a list',
      "must be a list (written as '${STAGE}')",
    ],
  ])('%s', (_name, finding, fromFile, fromVariable) => {
    expect([toSentence(finding, plain), toSentence(finding, written)]).toEqual([fromFile, fromVariable]);
  });
});

test.each([
  [0, 'there are several: a, b'],
  [1, 'there are several: a, b (1 more entry has this problem)'],
  [149, 'there are several: a, b (149 more entries have this problem)'],
])('%i more entries', (others, end) => {
  const finding: Finding = { path: [], code: 'needs_credential', names: ['a', 'b'], others };
  expect(toSentence(finding, plain)).toBe(`needs credential, because ${end}`);
});

test('without a file, sentences name variables', () => {
  const finding: Finding = { path: [], code: 'missing_part', part: 'clientSecret' };
  expect(toSentence(finding, plain)).toBe('needs clientSecret or clientSecretFile');
  expect(toSentence(finding, plain, environmentSentences)).toBe(
    'MONGODB_ATLAS_CLIENT_SECRET is not set, but MONGODB_ATLAS_CLIENT_ID is',
  );
});
