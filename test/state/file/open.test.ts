import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenedDatabase, openDatabase } from '../../../src/state/file/open.ts';
import { kindOf, migrate, migrations } from '../../../src/state/file/schema.ts';
import { toBatchText, toRestored } from '../../../src/state/thread.ts';
import { aChange, aPut } from '../../support/state.ts';

let folder: string;
let path: string;
const opened: OpenedDatabase[] = [];
const now = () => new Date('2026-03-04T05:06:07.890Z');
const open = () => {
  const result = openDatabase(path, { changesKept: 100, now });
  opened.push(result);
  return result;
};
const closeAll = () => {
  for (const { database } of opened.splice(0)) database.close();
};
const put = ({ database }: OpenedDatabase, key: string, id: number) => {
  database.write(toBatchText({ writes: [aPut(key, [aChange(id)])], projects: null }));
};
const execute = (sql: string) => {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
};

/** Writes another ledger of the source `a`, as a version with other ledgers would. */
const rewrite = (ledger: string) =>
  execute(`UPDATE sources SET ledger = '${ledger}', checksum = ${crc32(ledger, crc32('a'))}`);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-'));
  path = join(folder, 'state.db');
});
afterEach(() => {
  closeAll();
  rmSync(folder, { recursive: true, force: true });
});

test('the file is readable for its owner alone, with what SQLite keeps beside it, and so is one of an older version', () => {
  const mode = (suffix = '') => (statSync(path + suffix).mode & 0o777).toString(8);
  const before = process.umask(0);
  try {
    put(open(), 'a', 1);
    expect([mode(), mode('-wal')]).toEqual(['600', '600']);
    closeAll();
    for (const [old, now] of [
      [0o644, '600'],
      [0o660, '660'],
    ] as const) {
      chmodSync(path, old);
      put(open(), 'b', 2);
      expect(mode()).toBe(now);
      closeAll();
    }
  } finally {
    process.umask(before);
  }
});

describe('a file that is no sound state is put aside as it is, and a new one begun', () => {
  beforeEach(() => {
    put(open(), 'a', 1);
    closeAll();
  });

  test.each<readonly [string, () => void, string]>([
    ['text', () => writeFileSync(path, 'this is no database, and never was one'), 'corrupt'],
    ['one byte', () => writeFileSync(path, 'x'), 'corrupt'],
    ['an empty file', () => writeFileSync(path, ''), 'corrupt'],
    ['truncated', () => writeFileSync(path, readFileSync(path).subarray(0, 5000)), 'corrupt'],
    ['cut after its header', () => writeFileSync(path, readFileSync(path).subarray(0, 100)), 'corrupt'],
    ['overwritten in the middle', () => writeFileSync(path, readFileSync(path).fill(0xff, 4096)), 'corrupt'],
    ['a header that asks for a newer SQLite', () => writeFileSync(path, readFileSync(path).fill(9, 18, 19)), 'corrupt'],
    ['a table that is missing', () => execute('DROP TABLE projects'), 'corrupt'],
    ['a table of another shape', () => execute('DROP TABLE sources; CREATE TABLE sources (a)'), 'corrupt'],
    ['without its last id', () => execute("DELETE FROM meta WHERE name = 'last_change_id'"), 'corrupt'],
    ['a ledger that is no JSON', () => execute("UPDATE sources SET ledger = '{'"), 'corrupt'],
    ['a ledger with another number', () => execute("UPDATE sources SET ledger = replace(ledger, '0', '7')"), 'corrupt'],
    ['a ledger of another source', () => execute("UPDATE sources SET key = 'b'"), 'corrupt'],
    ['a ledger of another shape, with its checksum', () => rewrite('{}'), 'corrupt'],
    ['a ledger that is no JSON, with its checksum', () => rewrite('x'), 'corrupt'],
    ['a change of another shape', () => execute("UPDATE changes SET body = '{}'"), 'corrupt'],
    ['a change that is null', () => execute("UPDATE changes SET body = 'null'"), 'corrupt'],
    ['a change that is no JSON', () => execute("UPDATE changes SET body = 'x'"), 'corrupt'],
    ['of a newer version', () => execute('PRAGMA user_version = 1000'), 'newer'],
    ['of another program', () => execute('PRAGMA application_id = 7'), 'foreign'],
  ])('%s', (_name, damage, why) => {
    damage();
    const before = readFileSync(path);
    const { restored, database } = open();
    const name = `state.db.${why}-20260304T050607Z`;
    expect(restored).toMatchObject({ sources: '[]', projects: [], setAside: join(folder, name) });
    expect(readFileSync(join(folder, name)).equals(before)).toBe(true);
    expect(database.changes({ limit: 9 })).toEqual([]);
    closeAll();
    expect(open().restored.setAside).toBeNull();
  });

  test('what SQLite keeps beside it goes with it: it would be taken for a part of the new one', () => {
    for (const suffix of ['', '-wal', '-journal']) writeFileSync(path + suffix, `stump${suffix}`);
    const { setAside } = open().restored;
    const kept = ['', '-wal', '-journal'].map((suffix) => readFileSync(setAside + suffix, 'utf8'));
    expect(kept).toEqual(['stump', 'stump-wal', 'stump-journal']);
  });

  test('two in a second get two names', () => {
    const names = ['once', 'twice'].map((text) => {
      writeFileSync(path, text);
      const { setAside } = open().restored;
      closeAll();
      return setAside;
    });
    expect(names.map((name) => readFileSync(name ?? '', 'utf8'))).toEqual(['once', 'twice']);
  });
});

test('the database of another program is not even touched', () => {
  execute('CREATE TABLE customers (name); INSERT INTO customers VALUES (1);');
  const before = readFileSync(path);
  const { setAside } = open().restored;
  expect(setAside).toMatch(/foreign/);
  expect(readFileSync(setAside ?? '').equals(before)).toBe(true);
});

describe('an older version', () => {
  test('that holds nothing yet is brought up to date', () => {
    put(open(), 'a', 1);
    closeAll();
    execute(`${['sources', 'projects', 'changes', 'meta'].map((table) => `DROP TABLE ${table};`).join('')}
             PRAGMA user_version = 0`);
    const file = open();
    expect(file.restored).toMatchObject({ sources: '[]', setAside: null });
    put(file, 'a', 1);
  });

  test('of before regional modes were kept is read, and keeps its projects', () => {
    const db = new DatabaseSync(path);
    migrate(db, migrations.slice(0, 1));
    db.exec("INSERT INTO projects VALUES ('p1', 'shop', 'o1', NULL)");
    db.close();
    const { restored } = open();
    const project = { id: 'p1', name: 'shop', orgId: 'o1', removedAt: null, regionalMode: null };
    expect([restored.setAside, restored.projects]).toEqual([null, [project]]);
  });

  test('is brought up to date step by step, in one transaction, and keeps what it holds', () => {
    const steps = [...migrations, 'CREATE TABLE two (n); INSERT INTO two SELECT count(*) FROM sources;'];
    put(open(), 'a', 1);
    closeAll();
    const db = new DatabaseSync(path);
    migrate(db, steps);
    expect(db.prepare('SELECT n FROM two').get()).toEqual({ n: 1 });
    expect(kindOf(db, steps)).toBe('usable');
    expect(kindOf(db)).toBe('newer');
    migrate(db, steps);
    expect(db.prepare('SELECT count(*) AS n FROM two').get()).toEqual({ n: 1 });
    db.close();
  });

  test('stays as it is when a step fails', () => {
    open();
    closeAll();
    const db = new DatabaseSync(path);
    expect(() => migrate(db, [...migrations, 'CREATE TABLE two (n); CREATE TABLE two (n);'])).toThrow('already exists');
    db.close();
    expect(open().restored.setAside).toBeNull();
  });
});

test('however a file is damaged, it is restored as it was or put aside; it is never an error', () => {
  const file = open();
  for (let id = 1; id <= 30; id++) put(file, `source ${id}`, id);
  const whole = toRestored({ ...file.database.restore(), setAside: null });
  closeAll();
  const good = readFileSync(path);
  const offset = fc.oneof(fc.nat(200), fc.nat(good.length - 1));
  const damage = fc.oneof(
    offset.map((length) => (bytes: Buffer) => bytes.subarray(0, length)),
    fc.array(fc.tuple(offset, fc.nat(255)), { minLength: 1, maxLength: 4 }).map((changes) => (bytes: Buffer) => {
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    }),
    fc.tuple(offset, fc.nat(5000), fc.constantFrom(0, 255)).map(
      ([from, length, value]) =>
        (bytes: Buffer) =>
          bytes.fill(value, from, Math.min(from + length, bytes.length)),
    ),
  );
  fc.assert(
    fc.property(damage, (spoil) => {
      rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
      folder = mkdtempSync(join(tmpdir(), 'open-'));
      path = join(folder, 'state.db');
      writeFileSync(path, spoil(Buffer.from(good)));
      const { database, restored: text } = open();
      const restored = toRestored(text);
      // SQLite cannot know of the numbers beside the ledger; they are of no count.
      const ledgers = [...restored.sources].map(([key, { ledger }]) => [key, ledger]);
      const expected = [...whole.sources].map(([key, { ledger }]) => [key, ledger]);
      expect(ledgers).toEqual(restored.setAside === null ? expected : []);
      expect(restored.setAside === null || existsSync(restored.setAside)).toBe(true);
      database.changes({ limit: 1000 });
      closeAll();
    }),
    { numRuns: 150 },
  );
});
