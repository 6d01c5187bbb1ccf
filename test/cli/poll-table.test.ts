import { expect, test } from 'vitest';
import { pollTable } from '../../src/cli/poll-table.ts';
import { toView } from '../../src/domain/view.ts';
import { aConnection, aProject, aSource, polled } from '../support/builders.ts';

const source = aSource();
const table = (name: string, errorMessage: string | null) => {
  const project = { ...aProject({ id: source.projectId }), name, orgId: '', regionalMode: null };
  const statuses = [{ source, state: polled(source, [aConnection('c1', { errorMessage })]), nextPollAt: null }];
  return pollTable(toView(0, [project], statuses), (text) => text);
};

test('wide characters keep the columns', () => {
  const [header = '', row = ''] = table('支払い', null).split('\n');
  // Three wide characters are six columns, and the header has seven.
  expect(row.indexOf('AWS') + 3).toBe(header.indexOf('CLOUD'));
});

test('no name and no message steers the terminal or forges a line', () => {
  const text = table('pay\u001b[2J\nNot polled\u202e', 'It broke\u009b31m\r\n0 in trouble');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  expect(text.split('\n').filter((line) => /^(?:Not polled|0 in trouble)/.test(line))).toEqual([]);
});
