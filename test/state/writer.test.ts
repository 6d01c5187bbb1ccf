import { expect, test } from 'vitest';
import type { SourceWrite } from '../../src/domain/stored.ts';
import type { StateQuestion, Thread } from '../../src/state/thread.ts';
import { createWriter } from '../../src/state/writer.ts';
import { aChange, aPut } from '../support/state.ts';

const project = { id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null };
const freshen = (key: string, ...ids: number[]): SourceWrite => ({
  type: 'freshen',
  key,
  up: false,
  lastSuccess: 1,
  changes: ids.map((id) => aChange(id)),
});

/** A thread whose file is the one of that id from now on. */
function setUp({ known, found }: { known: number | null; found: () => number }) {
  const asked: Extract<StateQuestion, { type: 'write' }>[] = [];
  const others: unknown[] = [];
  const thread: Thread = {
    async ask(question) {
      if (question.type !== 'write') throw new Error('Only writes are expected');
      asked.push(question);
      const fileId = found();
      if (question.fileId === fileId) return { type: 'done' };
      return { type: 'other_file', fileId, lastChangeId: 7, setAside: null };
    },
    end: async () => {},
  };
  const writer = createWriter({
    thread,
    fileId: known,
    everything: () => [aPut('a'), aPut('b'), aPut('c'), aPut('d')],
    projects: () => [project],
    otherFile: ({ lastChangeId }) => void others.push(lastChangeId),
  });
  const written = () =>
    asked.at(-1)?.batch.writes.map(({ key, type, changes }) => [key, type, ...changes.map(({ id }) => id)]);
  return { writer, asked, others, written };
}

test('the known file gets what is to be written and no more', async () => {
  const { writer, asked, others, written } = setUp({ known: 1, found: () => 1 });
  await writer.write({ writes: [aPut('a', [aChange(1)])], projects: null });
  expect(asked).toHaveLength(1);
  expect([written(), others]).toEqual([[['a', 'put', 1]], []]);
});

test('another file gets everything that is known, and loses none of the changes that were to be written', async () => {
  const { writer, others, asked, written } = setUp({ known: 1, found: () => 2 });
  const failed = aPut('a', [aChange(1), aChange(2)], 'FAILED');
  const forgotten: SourceWrite = { type: 'forget', key: 'd', changes: [aChange(4)] };
  await writer.write({ writes: [failed, freshen('b', 3), forgotten], projects: null });
  expect(written()).toEqual([
    ['a', 'put', 1, 2],
    ['b', 'put', 3],
    ['d', 'forget', 4],
    ['c', 'put'],
  ]);
  const [first] = asked.at(-1)?.batch.writes ?? [];
  expect(first).toEqual({ ...failed, ledger: JSON.stringify(failed.ledger) });
  expect(asked.at(-1)?.batch.projects).toEqual([project]);
  expect(others).toEqual([7]);

  await writer.write({ writes: [freshen('a')], projects: null });
  expect(written()).toEqual([['a', 'freshen']]);
});

test('a file that is another one each time is an error, and none is taken for the known one', async () => {
  let id = 1;
  const { writer, others } = setUp({ known: null, found: () => ++id });
  await expect(writer.write({ writes: [aPut('a')], projects: null })).rejects.toThrow('another one each time');
  expect([writer.hasFile(), others]).toEqual([false, []]);
});
