import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { parsing, yamlSlips } from '../../src/config/yaml-slips.ts';

const slips = (text: string) => yamlSlips(text, parseDocument(text, parsing));

describe('one slip is one problem, at the line where it was made', () => {
  test.each<[name: string, text: string, line: number, cure: RegExp]>([
    ['a variable in a map of one line', 'a: {b: ${VAR}}\nc: [d, e]\n', 1, /quotes, as in "\$\{VAR\}"/],
    ['a variable in a list of one line', 'a: [${VAR}]\n', 1, /quotes, as in "\$\{VAR\}"/],
    ['a variable behind other text', 'a:\n  b: {c: team-${VAR}, d: e}\n', 2, /quotes, as in "\$\{VAR\}"/],
    ['a cron expression that begins with a star', 'a:\n  b: */15 * * * * *\nc: d\n', 2, /in quotes/],
    ['stars alone', 'a: * * * * *\n', 1, /in quotes/],
    ['a tab', 'a:\n\tb: c\n', 2, /spaces, not with tabs/],
    ['a colon in a name', 'a:\n  - b: c\n    d: Team: orders\n', 3, /in quotes/],
    ['a line that is indented too deep', 'a:\n  b: c\n\n  # why\n   d: e\n', 5, /indented deeper/],
    ['a quote that the next quote closes', 'a:\n  b: "c\n  d: e\nf: "g"\n', 2, /the quote that opens on this line/],
    ['a quote that nothing closes', "a:\n  b: 'c\n  d: e\n", 2, /the quote that opens on this line/],
    ['an apostrophe in single quotes', "a: 'it's'\n", 1, /text follows the closing '/],
    ['a list that stays open', 'a: [{b: c}\nd:\n  e: f\n', 1, /the \[ that opens on this line is not closed: add \]/],
    ['a map that a list closes', 'a: [{b: c]\nd: e\n', 1, /the \{ that opens on this line is not closed: add \}/],
    ['a document of JSON that stays open', '{"a": "b",\n "c": [1]\n', 1, /the \{ that opens on this line/],
    ['a pattern that begins with a bracket', 'a: [a-z]+\n', 1, /text follows the closing \]/],
    ['text behind a quoted value', 'a: "b" c\n', 1, /text follows the closing "/],
    ['a comma that is missing', 'a: [{b: c} {d: e}]\n', 1, /comma is missing/],
    ['a reserved character', 'a: b\nc: @d\n', 2, /no '@' at its beginning/],
    ['a regular expression in double quotes', 'a: "^b\\d+$"\n', 1, /in single quotes/],
    ['an exclamation mark', 'a: !b c\n', 1, /in quotes/],
    ['a second document', 'a: b\n---\nc: d\n', 2, /remove the line '---'/],
    ['items in different columns', 'a:\n- b: c\n - d: e\n', 3, /in the same column/],
    ['a key without a colon', 'a: b\nc\nd: e\n', 2, /': ' is missing/],
    ['a conflict of git', 'a: b\n<<<<<<< ours\nc: d\n=======\nc: e\n>>>>>>> theirs\n', 2, /conflict marker/],
    ['a key that is there twice', 'a: b\nc: d\na: e\n', 3, /stands here twice/],
    ['a nest without end', '['.repeat(100_000), 1, /is not YAML/],
  ])('%s', (_name, text, line, cure) => {
    expect(slips(text)).toEqual([{ line, message: expect.stringMatching(cure) }]);
  });
});

test('each variable without quotes is a slip of its own, and so is what is wrong besides', () => {
  const found = slips('a: {b: ${ONE}, c: ${TWO}}\nd: {e: ${THREE}}\nf: f\nf: g\nh: @i\n');
  expect(found.map(({ line, message }) => `${line} ${/\$\{\w+\}|twice|'@'/.exec(message)?.[0]}`)).toEqual([
    '1 ${ONE}',
    '1 ${TWO}',
    '2 ${THREE}',
    '4 twice',
    "5 '@'",
  ]);
});

test('no text of the file is repeated', () => {
  for (const text of ['a: "hunter2" hunter2\n', 'a: [hunter2\n', 'a: !hunter2\n', 'a: *hunter2 hunter2\n', '@hunter2'])
    expect(JSON.stringify(slips(text))).not.toContain('hunter2');
});

test('YAML has no slips', () => {
  expect(slips('a: ${VAR}\nb: {c: "${VAR}"}\nd: "*/15 * * * * *"\ne: 0 */5 * * * *\n')).toEqual([]);
});
