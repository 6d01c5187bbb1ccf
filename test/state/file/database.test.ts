import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangesQuery, RecordedChange } from '../../../src/domain/change-log.ts';
import { type Batch, type SourceWrite, toForget, toLogged } from '../../../src/domain/stored.ts';
import type { Database } from '../../../src/state/file/database.ts';
import { openDatabase } from '../../../src/state/file/open.ts';
import { createPending } from '../../../src/state/pending.ts';
import { toBatchText, toRestored } from '../../../src/state/thread.ts';
import { aConnection, aLedger } from '../../support/builders.ts';
import { aChange, aPut } from '../../support/state.ts';

let folder: string;
let path: string;
let database: Database;
const open = (changesKept = 100) => {
  const opened = openDatabase(path, { changesKept, now: () => new Date(0) });
  database = opened.database;
  return toRestored(opened.restored);
};
const again = (changesKept?: number) => {
  database.close();
  return open(changesKept);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'database-'));
  path = join(folder, 'state.db');
  open();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function write(writes: readonly SourceWrite[], projects: Batch['projects'] = null): void {
  const pending = createPending(1000);
  pending.add({ writes, projects });
  database.write(toBatchText(pending.take()));
}
const puts = (...changes: readonly RecordedChange[]) => [aPut('a', changes)];
const ids = (query: Partial<ChangesQuery> = {}) => database.changes({ limit: 1000, ...query }).map(({ id }) => id);

test('everything comes back as it was written', () => {
  const mode = { enabled: true, readAt: 1.6e12 };
  const odd = '\u0000"\\ \u2028 \ud800 😀 __proto__';
  const ledger = aLedger([
    aConnection('__proto__', { errorMessage: odd, region: odd }),
    aConnection('constructor', { status: 'FAILED' }),
  ]);
  write(
    [
      { ...aPut('a', [aChange(7, { to: odd })]), ledger, lastSuccess: 1.7e12 },
      { ...aPut('__proto__'), up: false, lastSuccess: null },
    ],
    [{ id: 'p', name: 'Zahlungen 💶', orgId: 'o', removedAt: 5, regionalMode: mode }],
  );
  const restored = again();
  expect(restored.sources.get('a')).toEqual({ key: 'a', ledger, up: true, lastSuccess: 1.7e12 });
  expect(restored.sources.get('__proto__')).toMatchObject({ up: false, lastSuccess: null });
  expect(restored.projects).toEqual([{ id: 'p', name: 'Zahlungen 💶', orgId: 'o', removedAt: 5, regionalMode: mode }]);
  expect(restored).toMatchObject({ lastChangeId: 7, setAside: null });
  expect(database.changes({ limit: 9 })).toEqual([aChange(7, { to: odd })]);
});

test('freshness moves alone, and makes no source of what is not stored', () => {
  write(puts());
  write([
    { type: 'freshen', key: 'a', up: false, lastSuccess: 99, changes: [] },
    { type: 'freshen', key: 'nobody', up: true, lastSuccess: 1, changes: [] },
  ]);
  const { sources } = again();
  expect([...sources.keys()]).toEqual(['a']);
  expect(sources.get('a')).toMatchObject({ up: false, lastSuccess: 99, ledger: aPut('a').ledger });
});

test('what is forgotten is gone, what it told stays', () => {
  write(puts(aChange(1)));
  write(['a', 'nobody'].map(toForget));
  expect(again().sources.size).toBe(0);
  expect(ids()).toEqual([1]);
});

test('a transaction that fails in the middle leaves nothing behind', () => {
  write(puts(aChange(1)));
  const bad = aChange(3, { at: null as unknown as number });
  expect(() => write([aPut('b', [aChange(2), bad])])).toThrow('NOT NULL');
  expect(ids()).toEqual([1]);
  write([aPut('c', [aChange(4)])]);
  expect([...again().sources.keys()]).toEqual(['a', 'c']);
});

test('what is written twice is there once', () => {
  write(puts(aChange(1)));
  write(puts(aChange(1), aChange(2)));
  expect(ids()).toEqual([1, 2]);
});

describe('changes are found', () => {
  beforeEach(() => write(puts(...[1, 2, 3, 4].map((id) => aChange(id, id % 2 ? {} : { atlas_project_id: 'p2' })))));
  test.each<readonly [string, Partial<ChangesQuery>, readonly number[]]>([
    ['all', {}, [1, 2, 3, 4]],
    ['of a project', { projectId: 'p2' }, [2, 4]],
    ['after an id', { sinceId: 2 }, [3, 4]],
    ['from a time on', { sinceAt: 3000 }, [3, 4]],
    ['the first ones', { limit: 2 }, [1, 2]],
    ['the newest first', { limit: 2, newestFirst: true }, [4, 3]],
    ['those before one', { limit: 2, newestFirst: true, beforeId: 3 }, [2, 1]],
    ['all of it at once', { projectId: 'p1', sinceId: 1, sinceAt: 1, newestFirst: true }, [3]],
    ['none of a project that nobody knows', { projectId: "' OR 1=1 --" }, []],
  ])('%s', (_name, query, expected) => {
    expect(ids(query)).toEqual(expected);
  });
});

describe('of more changes than are kept', () => {
  const reworded = (id: number) => aChange(id, { type: 'error_message', change: 'reworded' });

  test('the oldest reworded go first, then the oldest', () => {
    again(4);
    write(puts(aChange(1), reworded(2), aChange(3), reworded(4), aChange(5)));
    expect(ids()).toEqual([1, 3, 4, 5]);
    write(puts(aChange(6)));
    expect(ids()).toEqual([1, 3, 5, 6]);
    write(puts(aChange(7), reworded(8)));
    expect(ids()).toEqual([3, 5, 6, 7]);
  });

  test('ids go on after the newest, also when that one is dropped', () => {
    again(1);
    write(puts(aChange(1), reworded(2)));
    expect(ids()).toEqual([1]);
    expect(again(1).lastChangeId).toBe(2);
  });

  test('a smaller number holds from the next change on', () => {
    write(puts(...[1, 2, 3, 4, 5].map((id) => aChange(id))));
    again(2);
    write(puts(aChange(6)));
    expect(ids()).toEqual([5, 6]);
  });
});

test('who made a change is told later, also while the change itself waits to be written; what is repeated takes nothing back', () => {
  const by = [
    { event: 'ENDPOINT_SERVICE_DELETED', at: 5, public_key: 'abcdefgh', address: null, mongodb_staff: false },
  ];
  const [first, second] = [aChange(1), aChange(2)];
  write(puts(first));
  write([toLogged('p', [{ ...first, by }])]);
  write([...puts(second), toLogged('p', [{ ...second, by, by_ambiguous: true }, aChange(3, { by })])]);
  write(puts(first, second));
  const told = () =>
    database.changes({ limit: 10 }).map(({ id, by: authors, by_ambiguous }) => [id, authors, by_ambiguous]);
  const expected = [
    [1, by, undefined],
    [2, by, true],
    [3, by, undefined],
  ];
  expect(told()).toEqual(expected);
  again();
  expect(told()).toEqual(expected);
  expect([...again().sources.keys()]).toEqual(['a']);
});

test('the file is its own for good, another one is another', () => {
  const { fileId } = database;
  again();
  expect(database.fileId).toBe(fileId);
  database.close();
  rmSync(path);
  open();
  expect(database.fileId).not.toBe(fileId);
});

test('nobody else can look into it while it is open; it is kept in a write-ahead log', () => {
  const other = new DatabaseSync(path, { timeout: 0 });
  expect(() => other.exec('SELECT * FROM meta')).toThrow('locked');
  other.close();
  database.close();
  const later = new DatabaseSync(path);
  expect(later.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  later.close();
  open();
});
