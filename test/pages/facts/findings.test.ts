import { expect, test } from 'vitest';
import { findings } from '../../../src/pages/facts/findings.ts';
import { toRows } from '../../../src/pages/facts/standing.ts';
import { aConnection } from '../../support/builders.ts';
import { aProject, aView } from '../view.ts';

const failed = (id: string, errorMessage: string) => aConnection(id, { status: 'FAILED', errorMessage });

async function sizes(connections: readonly ReturnType<typeof aConnection>[]) {
  return findings(await toRows(aView([aProject({}, connections)]))).map((rows) => rows.length);
}

test('many with one message are one finding, whatever ids the message names', async () => {
  const many = Array.from({ length: 500 }, (_, n) =>
    failed(`c${1000 + n}`, `Endpoint vpce-0a1b2c3d4e5f6${1000 + n} was not found`),
  );
  expect(await sizes(many)).toEqual([500]);
});

test('as few as a reader takes in have a card each, and other messages are other findings', async () => {
  const few = ['a', 'b', 'c'].map((id) => failed(id, 'No quota'));
  const many = ['d', 'e', 'f', 'g'].map((id) => failed(id, 'Access denied'));
  expect(await sizes([...few, ...many])).toEqual([1, 1, 1, 4]);
});

test('one message with another status is another finding', async () => {
  const error = ['a', 'b', 'c', 'd'].map((id) => aConnection(id, { errorMessage: 'No quota' }));
  const broken = ['e', 'f', 'g', 'h'].map((id) => failed(id, 'No quota'));
  expect(await sizes([...error, ...broken])).toEqual([4, 4]);
});
