import { expect, test } from 'vitest';
import { type Attempt, causeLines, readableLines } from '../../src/cli/check-report.ts';
import type { Failure } from '../../src/domain/failure.ts';
import { aSource } from '../support/builders.ts';

const ids = Array.from({ length: 8 }, (_, index) => `5df264b8f10fab7d2cad2f0${index}`);
const attempt = (
  project: number,
  list: readonly [kind: Attempt['source']['kind'], cloudProvider: Attempt['source']['cloudProvider']],
  outcome: Attempt['outcome'],
  credential = 'main',
): Attempt => ({
  source: aSource({ credential, projectId: ids[project] ?? '', kind: list[0], cloudProvider: list[1] }),
  project: `team-${project}`,
  outcome,
});
const read = (elements: number): Attempt['outcome'] => ({ ok: true, elements, details: 0 });
const failed = (failure: Partial<Failure> = {}): Attempt['outcome'] => ({
  ok: false,
  failure: { reason: 'network', detail: 'connect ECONNREFUSED 127.0.0.1:1', remedy: 'Check the network', ...failure },
});

test('lists that can be read are counted by credential, kind and cloud', () => {
  expect(
    readableLines([
      attempt(0, ['cluster', 'AWS'], read(2)),
      attempt(1, ['cluster', 'AWS'], read(1)),
      attempt(1, ['streams', ''], read(1)),
      attempt(2, ['cluster', 'AWS'], read(0), 'other'),
      attempt(2, ['connection_strings', ''], read(4), 'other'),
      attempt(3, ['cluster', 'AWS'], failed()),
    ]),
  ).toEqual([
    "ok: credential 'main', cluster AWS: 2 projects, 3 connections",
    "ok: credential 'main', streams: 1 project, 1 connection",
    "ok: credential 'other', cluster AWS: 1 project, 0 connections",
    "ok: credential 'other', connection_strings: 1 project, 4 clusters",
  ]);
});

test('one cause is told once, with the projects that it hides', () => {
  const attempts = ids.flatMap((id, project) => [
    attempt(
      project,
      ['backup', 'AWS'],
      failed({ reason: 'forbidden', detail: `403 for ${id}`, remedy: `Give it the role in project ${id}` }),
    ),
    attempt(
      project,
      ['encryption_at_rest', 'AWS'],
      failed({ reason: 'forbidden', detail: `403 for ${id}`, remedy: '' }),
    ),
  ]);
  expect(causeLines([attempt(0, ['cluster', 'GCP'], failed()), ...attempts])).toEqual([
    `Not ok: credential 'main': forbidden: 403 for ${ids[0]}`,
    `  16 lists (backup AWS, encryption_at_rest AWS) of 8 projects: ${ids
      .slice(0, 6)
      .map((id, index) => `${id} (team-${index})`)
      .join(', ')} and 2 more`,
    '  Give it the role in each of these projects',
    "Not ok: credential 'main': network: connect ECONNREFUSED 127.0.0.1:1",
    `  1 list (cluster GCP) of 1 project: ${ids[0]} (team-0)`,
    '  Check the network',
  ]);
});

test('causes differ by credential, reason and detail', () => {
  const causes = causeLines([
    attempt(0, ['cluster', 'AWS'], failed()),
    attempt(0, ['cluster', 'AWS'], failed(), 'other'),
    attempt(0, ['cluster', 'AWS'], failed({ reason: 'timeout' })),
    attempt(0, ['cluster', 'AWS'], failed({ detail: 'connect ECONNREFUSED 127.0.0.1:2' })),
  ]);
  expect(causes.filter((line) => line.startsWith('Not ok'))).toHaveLength(4);
});
