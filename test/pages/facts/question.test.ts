import { describe, expect, test } from 'vitest';
import { everything, isFiltered, link, matches, parseQuestion } from '../../../src/pages/facts/question.ts';
import { aConnection, anInterfaceEndpoint } from '../../support/builders.ts';
import { projectId, rowOf } from '../view.ts';

const parse = (search: string) => parseQuestion(new URLSearchParams(search));

test('what makes no sense is left out', () => {
  expect(parse('page=0&projects=-1&range=3h&unknown=x&text=')).toEqual(everything);
  expect(parse('page=x&range=')).toEqual(everything);
  expect(isFiltered(everything)).toBe(false);
});

test('what is asked for is read', () => {
  const question = parse('text=+shop+&status=FAILED&provider=AWS&kind=cluster&page=3&projects=2&range=7d');
  expect(question).toEqual({
    text: 'shop',
    status: 'FAILED',
    provider: 'AWS',
    kind: 'cluster',
    page: 3,
    projects: 2,
    range: '7d',
  });
  expect(isFiltered(question)).toBe(true);
});

describe('links', () => {
  test('hold what is asked for, and nothing else', () => {
    expect(link(everything, {})).toBe('?');
    expect(link(parse('text=a b&page=2'), { projects: 3 })).toBe('?text=a+b&page=2&projects=3');
  });

  test('another filter begins at its first page', () => {
    expect(link(parse('text=a&page=4&range=1h'), { status: 'failed' })).toBe('?text=a&status=failed&range=1h');
  });

  test('lead back to the same question', () => {
    const question = parse('text=%22%3Cb%3E%26&status=x&page=7&range=30d');
    expect(parse(link(question, {}))).toEqual(question);
  });
});

describe('matches', () => {
  const endpoint = anInterfaceEndpoint('vpce-0abc', { status: 'REJECTED', errorMessage: 'Not approved' });
  const connection = aConnection('66b1', { errorMessage: 'Endpoint gone', interfaceEndpoints: [endpoint] });

  test.each([
    ['everything', '', true],
    ['the name of the project', 'text=PAYMENTS', true],
    ['the id of the project', `text=${projectId.slice(3, 9)}`, true],
    ['the id of the connection', 'text=66b1', true],
    ['the region', 'text=us_east', true],
    ['the service', 'text=vpce-svc-66', true],
    ['the message', 'text=endpoint gone', true],
    ['an interface endpoint', 'text=VPCE-0ABC', true],
    ['the message of an interface endpoint', 'text=approved', true],
    ['words in any order', 'text=gone+payments+us_east', true],
    ['one word that is nowhere', 'text=payments+shop', false],
    ['another text', 'text=shop', false],
    ['the status', 'status=AVAILABLE', true],
    ['the status of an interface endpoint', 'status=REJECTED', true],
    ['another status', 'status=DELETING', false],
    ['how it stands', 'status=failed', true],
    ['that it needs attention', 'status=troubled', true],
    ['another standing', 'status=ready', false],
    ['the cloud', 'provider=AWS', true],
    ['another cloud', 'provider=GCP', false],
    ['the kind', 'kind=cluster', true],
    ['another kind', 'kind=streams', false],
    ['one right, one wrong', 'text=payments&provider=GCP', false],
  ])('%s', async (_, search, fits) => {
    expect(matches(await rowOf(connection), parse(search))).toBe(fits);
  });
});
