import { describe, expect, test } from 'vitest';
import { formatPath, formatProblems, nearest } from '../../src/config/problems.ts';

test('a path is written as in JavaScript', () => {
  expect(formatPath(['projects', 2, 'labels', 'team'])).toBe('projects[2].labels.team');
});

test('problems are told in the order of their lines', () => {
  const problem = (line: number | null, message: string) => ({ path: 'p', line, message });
  expect(formatProblems('x.yaml', [problem(7, 'late'), problem(null, 'nowhere'), problem(2, 'early')])).toBe(
    'The config (x.yaml) has 3 problems:\n  - p: nowhere\n  - line 2, p: early\n  - line 7, p: late',
  );
});

describe('the nearest word', () => {
  test.each([
    ['baseURL', 'baseUrl'],
    ['shedule', 'schedule'],
    ['watch', null],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, ['baseUrl', 'schedule', 'projects'])).toBe(expected);
  });
});
