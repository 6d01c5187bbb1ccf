/** The tables of the state file, and the way to them from every older version. */
import type { DatabaseSync } from 'node:sqlite';

/** Each brings the schema from the version of its index to the next. One that was released never changes. */
export const migrations: readonly string[] = [
  `CREATE TABLE sources (key TEXT PRIMARY KEY, ledger TEXT NOT NULL, checksum INTEGER NOT NULL, up INTEGER NOT NULL, last_success INTEGER) WITHOUT ROWID;
   CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL, org_id TEXT NOT NULL, removed_at INTEGER) WITHOUT ROWID;
   CREATE TABLE changes (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, atlas_project_id TEXT NOT NULL, reworded INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE INDEX changes_by_project ON changes (atlas_project_id, id);
   CREATE INDEX changes_reworded ON changes (id) WHERE reworded = 1;
   CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO meta VALUES ('last_change_id', 0), ('file_id', random() & 9007199254740991);`,
  `ALTER TABLE projects ADD COLUMN regional_mode INTEGER;
   ALTER TABLE projects ADD COLUMN regional_mode_read_at INTEGER;`,
];

/** 'APEE' in ASCII: marks a SQLite file as ours, so that the database of another program is never written to. */
const applicationId = 0x41504545;

/** What a SQLite file is to us. */
export function kindOf(db: DatabaseSync, steps = migrations): 'usable' | 'newer' | 'foreign' {
  const tables = Number(db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  if (pragma(db, 'application_id') !== applicationId) return tables === 0 ? 'usable' : 'foreign';
  return pragma(db, 'user_version') > steps.length ? 'newer' : 'usable';
}

/** Brings a file to the newest version in one transaction. */
export function migrate(db: DatabaseSync, steps = migrations): void {
  const from = pragma(db, 'user_version');
  if (from === steps.length && pragma(db, 'application_id') === applicationId) return;
  const versions = [`PRAGMA application_id = ${applicationId}`, `PRAGMA user_version = ${steps.length}`];
  db.exec(['BEGIN IMMEDIATE', ...steps.slice(from), ...versions, 'COMMIT'].join(';\n'));
}

function pragma(db: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
