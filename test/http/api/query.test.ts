import { describe, expect, test } from 'vitest';
import { parseChangesQuery, parseListQuery } from '../../../src/http/api/query.ts';
import { parseRfc3339 } from '../../../src/http/api/rfc3339.ts';

const project = '5df264b8f10fab7d2cad2f0d';

describe('parseChangesQuery', () => {
  test.each([
    ['nothing', '', { limit: 100 }],
    ['a project, in capitals', `atlas_project_id=${project.toUpperCase()}`, { projectId: project, limit: 100 }],
    ['an id', 'since=17&limit=1000', { sinceId: 17, limit: 1_000 }],
    ['the newest first', 'order=newest&before=9', { newestFirst: true, beforeId: 9, limit: 100 }],
    ['the oldest first', 'order=oldest', { limit: 100 }],
    ['a moment', 'since=2026-01-01T00:00:00Z', { sinceAt: Date.UTC(2026, 0, 1), limit: 100 }],
  ])('%s', (_, search, log) => {
    expect(parseChangesQuery(new URLSearchParams(search))).toEqual({ ok: true, query: { log } });
  });

  test('a status and words', () => {
    const search = new URLSearchParams('status=failed&q=aws+orders');
    const query = { status: 'failed', words: 'aws orders', log: { limit: 100 } };
    expect(parseChangesQuery(search)).toEqual({ ok: true, query });
  });

  test.each([
    ['limit=0', '"limit" is not a number from 1 to 1000'],
    ['limit=1001', '"limit" is not a number from 1 to 1000'],
    ['limit=1e2', '"limit" is not a number from 1 to 1000'],
    ['limit=', '"limit" is not a number from 1 to 1000'],
    ['since=yesterday', '"since" is neither the id of a change nor a moment like 2026-01-31T12:00:00Z'],
    ['since=-1', '"since" is neither'],
    ['since=9999999999999999', '"since" is neither'],
    ['atlas_project_id=payments', '"atlas_project_id" is not an id of 24 hex digits'],
    ['order=newset', '"order" is neither newest nor oldest'],
    ['before=2026-01-31T12:00:00Z', '"before" is not the id of a change'],
    ['limit=1&limit=2', 'Parameter "limit" stands there more than once'],
    ['project=x', 'Unknown parameter "project": there are atlas_project_id, status, q, since, before, order, limit'],
  ])('refuses %s', (search, error) => {
    const parsed = parseChangesQuery(new URLSearchParams(search));
    expect(parsed).toMatchObject({ ok: false, errors: [expect.stringContaining(error)] });
  });

  test('tells everything that is wrong at once', () => {
    const parsed = parseChangesQuery(new URLSearchParams('limit=x&since=y&z='));
    expect(parsed).toMatchObject({ ok: false, errors: { length: 3 } });
  });
});

test('parseListQuery', () => {
  const search = new URLSearchParams({ after: `${project}/cluster/AWS/1`, limit: '7' });
  expect(parseListQuery(search)).toEqual({ ok: true, query: { after: `${project}/cluster/AWS/1`, limit: 7 } });
  expect(parseListQuery(new URLSearchParams('status=failed&q=aws+orders'))).toEqual({
    ok: true,
    query: { status: 'failed', words: 'aws orders', limit: 100 },
  });
  expect(parseListQuery(new URLSearchParams('since=1'))).toMatchObject({ ok: false });
});

describe('parseRfc3339', () => {
  test.each([
    ['2026-02-28T23:59:59Z', Date.UTC(2026, 1, 28, 23, 59, 59)],
    ['2026-02-28t23:59:59.5z', Date.UTC(2026, 1, 28, 23, 59, 59, 500)],
    ['2026-03-01T01:30:00+02:00', Date.UTC(2026, 1, 28, 23, 30)],
    ['2026-03-01T01:30:00 02:00', Date.UTC(2026, 1, 28, 23, 30)],
    ['2026-02-28 23:59:59-01:00', Date.UTC(2026, 2, 1, 0, 59, 59)],
  ])('%s', (text, wall) => {
    expect(parseRfc3339(text)).toBe(wall);
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '',
  ])('refuses %j', (text) => {
    expect(parseRfc3339(text)).toBeNull();
  });
});
