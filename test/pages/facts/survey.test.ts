import { expect, test } from 'vitest';
import { toRows } from '../../../src/pages/facts/standing.ts';
import { survey } from '../../../src/pages/facts/survey.ts';
import { aConnection } from '../../support/builders.ts';
import { aProject, aView } from '../view.ts';

test('a survey counts connections by standing, and sources by what is known of them', async () => {
  const view = aView([
    aProject({ id: '5df264b8f10fab7d2cad2f01' }, [aConnection('a'), aConnection('b', { status: 'FAILED' })]),
    aProject({ id: '5df264b8f10fab7d2cad2f02' }, 'timeout'),
    aProject({ id: '5df264b8f10fab7d2cad2f03' }),
  ]);
  const found = survey(view, await toRows(view));
  expect(found).toMatchObject({ connections: 2, by: { failed: 1, ready: 1, stuck: 0 }, sources: 3, unpolled: 1 });
  expect(found.worst.map(({ connection }) => connection.id)).toEqual(['b', 'a']);
  expect(found.blind.map(({ source }) => source.projectId)).toEqual(['5df264b8f10fab7d2cad2f02']);
  expect([...found.statuses].toSorted()).toEqual(['AVAILABLE', 'FAILED']);
});
