/** The state database: synchronous, one transaction a call. Lives in the worker; tested alone. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RecordedChange } from '../domain/change.ts';
import { DiskError, StateError } from './errors.ts';
import type { ChangesQuery, Restored, StoredProject, Write } from './store.ts';

export interface Database {
  /** Everything that is stored. Throws when it cannot be read as what was written. */
  restore(): Omit<Restored, 'setAside'>;
  /** All of it or nothing. Writes that were written before are written again without harm. */
  write(writes: readonly Write[]): void;
  changes(query: ChangesQuery): readonly RecordedChange[];
  close(): void;
}

const schemaVersion = 1;

/** Each brings the schema from the version of its index to the next. */
const migrations = [
  `CREATE TABLE sources (key TEXT PRIMARY KEY, ledger TEXT NOT NULL, up INTEGER NOT NULL, last_success INTEGER) WITHOUT ROWID;
   CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, org_id TEXT NOT NULL, removed_at INTEGER) WITHOUT ROWID;
   CREATE TABLE changes (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, atlas_project_id TEXT NOT NULL, reworded INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE INDEX changes_by_project ON changes (atlas_project_id, id);
   CREATE INDEX changes_reworded ON changes (id) WHERE reworded = 1;
   CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO meta VALUES ('last_change_id', 0);`,
] as const;

const sqlite = { readonly: 8, ioerr: 10, corrupt: 11, full: 13, cantopen: 14, notadb: 26, busy: 5, locked: 6 } as const;
/** How long another process may take to let go of the file, such as one that is just ending. */
const busyTimeoutMs = 1_500;

/**
 * Opens the file for this process alone, making it and its directory if they are missing. A file that is no sound state
 * of this version or an older one is put aside under another name. Throws StateError, or DiskError when the disk is full.
 */
export function openDatabase(
  path: string,
  { changesKept, now }: { readonly changesKept: number; readonly now: () => Date },
): { readonly database: Database; readonly restored: Restored } {
  if (path !== ':memory:') makeDirectory(path);
  const unsound = path === ':memory:' ? null : emptyFile(path);
  const first = unsound ?? attempt(path, changesKept);
  if (first.ok) return { database: first.database, restored: { ...first.restored, setAside: null } };

  const setAside = putAside(path, first.why, now());
  const second = attempt(path, changesKept);
  if (!second.ok) throw new StateError(`Cannot use the state database '${path}': the new file is not sound either`);
  return { database: second.database, restored: { ...second.restored, setAside } };
}

type Attempt =
  | { readonly ok: true; readonly database: Database; readonly restored: Omit<Restored, 'setAside'> }
  | { readonly ok: false; readonly why: 'corrupt' | 'newer' };

function attempt(path: string, changesKept: number): Attempt {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    db.exec('BEGIN IMMEDIATE; COMMIT;');
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > schemaVersion) {
      db.close();
      return { ok: false, why: 'newer' };
    }
    const [check] = db.prepare('PRAGMA quick_check(1)').all();
    if (check?.['quick_check'] !== 'ok') throw new CorruptError();
    migrate(db, version);
    const database = createDatabase(db, changesKept);
    return { ok: true, database, restored: database.restore() };
  } catch (thrown) {
    db?.close();
    if (thrown instanceof CorruptError || thrown instanceof SyntaxError) return { ok: false, why: 'corrupt' };
    const code = primaryCode(thrown);
    if (code === sqlite.corrupt || code === sqlite.notadb) return { ok: false, why: 'corrupt' };
    throw explain(thrown, path);
  }
}

class CorruptError extends Error {}

function migrate(db: DatabaseSync, from: number): void {
  if (from === schemaVersion) return;
  db.exec(
    ['BEGIN IMMEDIATE', ...migrations.slice(from), `PRAGMA user_version = ${schemaVersion}`, 'COMMIT'].join(';\n'),
  );
}

function createDatabase(db: DatabaseSync, changesKept: number): Database {
  const statements = {
    source: db.prepare('INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)'),
    freshness: db.prepare('UPDATE sources SET up = ?, last_success = ? WHERE key = ?'),
    forget: db.prepare('DELETE FROM sources WHERE key = ?'),
    change: db.prepare('INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?, ?)'),
    lastId: db.prepare("UPDATE meta SET value = max(value, ?) WHERE name = 'last_change_id'"),
    project: db.prepare('INSERT INTO projects VALUES (?, ?, ?, ?)'),
    count: db.prepare('SELECT count(*) AS n FROM changes'),
    pruneReworded: db.prepare(
      'DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE reworded = 1 ORDER BY id LIMIT ?)',
    ),
    prune: db.prepare('DELETE FROM changes WHERE id IN (SELECT id FROM changes ORDER BY id LIMIT ?)'),
  };

  const prune = () => {
    const excess = () => Number(statements.count.get()?.['n']) - changesKept;
    if (excess() > 0) statements.pruneReworded.run(excess());
    if (excess() > 0) statements.prune.run(excess());
  };
  const insertChange = (change: RecordedChange) => {
    const reworded = change.change === 'reworded' ? 1 : 0;
    statements.change.run(change.id, change.at, change.atlas_project_id, reworded, JSON.stringify(change));
    statements.lastId.run(change.id);
  };
  const enter = (write: Write) => {
    switch (write.type) {
      case 'step': {
        const { key, ledger, up, lastSuccess, changes } = write.step;
        if (ledger) statements.source.run(key, JSON.stringify(ledger), up ? 1 : 0, lastSuccess);
        for (const change of changes) insertChange(change);
        if (changes.length > 0) prune();
        break;
      }
      case 'freshness':
        for (const { key, up, lastSuccess } of write.entries) statements.freshness.run(up ? 1 : 0, lastSuccess, key);
        break;
      case 'forget':
        for (const key of write.keys) statements.forget.run(key);
        break;
      case 'projects':
        db.exec('DELETE FROM projects');
        for (const { id, name, orgId, removedAt } of write.projects) statements.project.run(id, name, orgId, removedAt);
    }
  };

  return {
    restore: () => readAll(db),
    write(writes) {
      try {
        db.exec('BEGIN IMMEDIATE');
        for (const write of writes) enter(write);
        db.exec('COMMIT');
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw new DiskError(thrown instanceof Error ? thrown.message : String(thrown), { cause: thrown });
      }
    },
    changes: (query) => readChanges(db, query),
    close: () => db.close(),
  };
}

function readAll(db: DatabaseSync): Omit<Restored, 'setAside'> {
  const sources = db
    .prepare('SELECT * FROM sources')
    .all()
    .map(({ key, ledger, up, last_success }) => ({
      key: String(key),
      ledger: JSON.parse(String(ledger)),
      up: up === 1,
      lastSuccess: last_success === null ? null : Number(last_success),
    }));
  const projects = db
    .prepare('SELECT * FROM projects')
    .all()
    .map(
      ({ id, name, org_id, removed_at }): StoredProject => ({
        id: String(id),
        name: String(name),
        orgId: String(org_id),
        removedAt: removed_at === null ? null : Number(removed_at),
      }),
    );
  const last = db.prepare("SELECT value FROM meta WHERE name = 'last_change_id'").get();
  if (!last) throw new CorruptError();
  return {
    sources: new Map(sources.map((source) => [source.key, source])),
    projects,
    lastChangeId: Number(last['value']),
  };
}

function readChanges(db: DatabaseSync, { projectId, sinceId, sinceAt, limit, newestFirst }: ChangesQuery) {
  const conditions = [
    ...(projectId === undefined ? [] : [['atlas_project_id = ?', projectId] as const]),
    ...(sinceId === undefined ? [] : [['id > ?', sinceId] as const]),
    ...(sinceAt === undefined ? [] : [['at >= ?', sinceAt] as const]),
  ];
  const where = conditions.length > 0 ? `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}` : '';
  const sql = `SELECT body FROM changes ${where} ORDER BY id ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
  const rows = db.prepare(sql).all(...conditions.map(([, value]) => value), limit);
  return rows.map(({ body }): RecordedChange => JSON.parse(String(body)));
}

/** Not `recursive: true`: that never returns where the kernel answers ENOENT for a parent that is there, as in /proc. */
function makeDirectory(path: string): void {
  const missing: string[] = [];
  for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  try {
    for (const folder of missing) mkdirSync(folder);
    if (!statSync(dirname(path)).isDirectory()) throw new Error('a part of the path is a file, not a directory');
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a directory');
  } catch (thrown) {
    throw explain(thrown, path);
  }
}

/** A file without a byte holds no state, although SQLite would take it for a new one. */
function emptyFile(path: string): Attempt | null {
  return existsSync(path) && statSync(path).isFile() && statSync(path).size === 0
    ? { ok: false, why: 'corrupt' }
    : null;
}

/** Renames the file and what SQLite keeps beside it; the first name that is free. */
function putAside(path: string, why: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const names = Array.from({ length: 100 }, (_, n) => `${path}.${why}-${stamp}${n === 0 ? '' : `-${n}`}`);
  const aside = names.find((name) => !existsSync(name)) ?? `${path}.${why}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  return aside;
}

function primaryCode(thrown: unknown): number | null {
  return thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number'
    ? thrown.errcode & 0xff
    : null;
}

function explain(thrown: unknown, path: string): Error {
  const code = primaryCode(thrown);
  const system = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  const cannot = `Cannot use the state database '${path}'`;
  const options = { cause: thrown };
  if (code === sqlite.busy || code === sqlite.locked) {
    return new StateError(
      `${cannot}: another process has it open; each process needs a file of its own, see state.path or --state.path`,
      options,
    );
  }
  if (code === sqlite.full || code === sqlite.ioerr || system === 'ENOSPC') return new DiskError(cannot, options);
  const why =
    code === sqlite.readonly || system === 'EROFS'
      ? 'the file system is read-only'
      : system === 'EACCES' || system === 'EPERM'
        ? 'this user may not write there'
        : system === 'ENOTDIR'
          ? 'a part of the path is a file, not a directory'
          : thrown instanceof Error
            ? thrown.message
            : String(thrown);
  return new StateError(
    `${cannot}: ${why}; choose another with state.path or --state.path, ':memory:' keeps nothing`,
    options,
  );
}
