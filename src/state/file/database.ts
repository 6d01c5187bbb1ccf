/** What is done with the open state file: synchronous, one transaction a batch. Lives in the worker; tested alone. */

import type { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { ChangesQuery, RecordedChange } from '../../domain/change-log.ts';
import type { Batch, SourceWrite, StoredFreshness, StoredProject } from '../../domain/stored.ts';
import { UnsoundError } from '../errors.ts';
import type { RestoredText } from '../thread.ts';
import { hasShape, isLedger, isRecordedChange } from './shape.ts';

export interface Database {
  /** Differs from file to file. */
  readonly fileId: number;
  /** Everything that is stored. Throws an UnsoundError when it is not what was written. */
  restore(): Omit<RestoredText, 'setAside'>;
  /** All of it or nothing. What was written before is written again without harm. */
  write(batch: Batch<string>): void;
  changes(query: ChangesQuery): readonly RecordedChange[];
  close(): void;
}

/** `db` has the newest schema. */
export function createDatabase(db: DatabaseSync, changesKept: number): Database {
  const statements = {
    put: db.prepare('INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?)'),
    freshen: db.prepare('UPDATE sources SET up = ?, last_success = ? WHERE key = ?'),
    forget: db.prepare('DELETE FROM sources WHERE key = ?'),
    change: db.prepare('INSERT INTO changes VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING'),
    /** One that is written again is known better: who made it was told. */
    attributed: db.prepare(
      'INSERT INTO changes VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
    ),
    lastId: db.prepare("UPDATE meta SET value = max(value, ?) WHERE name = 'last_change_id'"),
    project: db.prepare('INSERT INTO projects VALUES (?, ?, ?, ?, ?, ?)'),
    count: db.prepare('SELECT count(*) AS n FROM changes'),
    pruneReworded: db.prepare(
      'DELETE FROM changes WHERE id IN (SELECT id FROM changes WHERE reworded = 1 ORDER BY id LIMIT ?)',
    ),
    prune: db.prepare('DELETE FROM changes WHERE id IN (SELECT id FROM changes ORDER BY id LIMIT ?)'),
  };

  const enterSource = (write: SourceWrite<string>) => {
    const { key } = write;
    if (write.type === 'forget') return statements.forget.run(key);
    const up = write.up ? 1 : 0;
    if (write.type === 'freshen') return statements.freshen.run(up, write.lastSuccess, key);
    return statements.put.run(key, write.ledger, checksumOf(key, write.ledger), up, write.lastSuccess);
  };
  const enterChanges = (changes: readonly RecordedChange[]) => {
    for (const change of changes) {
      const { id, at, atlas_project_id } = change;
      const statement = change.by === undefined ? statements.change : statements.attributed;
      statement.run(id, at, atlas_project_id, change.change === 'reworded' ? 1 : 0, JSON.stringify(change));
      statements.lastId.run(id);
    }
  };
  /** The oldest `reworded` go first, then the oldest. */
  const prune = () => {
    const excess = () => Number(statements.count.get()?.['n']) - changesKept;
    if (excess() > 0) statements.pruneReworded.run(excess());
    if (excess() > 0) statements.prune.run(excess());
  };

  return {
    fileId: readMeta(db, 'file_id'),
    restore: () => ({ ...readAll(db), lastChangeId: readMeta(db, 'last_change_id') }),
    write({ writes, projects }) {
      try {
        db.exec('BEGIN IMMEDIATE');
        for (const write of writes) enterSource(write);
        const changes = writes.flatMap((write) => write.changes);
        enterChanges(changes.sort((a, b) => a.id - b.id));
        if (changes.length > 0) prune();
        if (projects) {
          db.exec('DELETE FROM projects');
          for (const { id, name, orgId, removedAt, regionalMode } of projects) {
            const mode = regionalMode && [regionalMode.enabled ? 1 : 0, regionalMode.readAt];
            statements.project.run(id, name, orgId, removedAt, ...(mode ?? [null, null]));
          }
        }
        db.exec('COMMIT');
      } catch (thrown) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw thrown;
      }
    },
    changes: (query) => readChanges(db, query),
    close: () => db.close(),
  };
}

function readAll(db: DatabaseSync) {
  const sources: string[] = [];
  // Row by row: this thread would be left with a heap of all of them.
  for (const { key, ledger, checksum, up, last_success } of db.prepare('SELECT * FROM sources').iterate()) {
    const text = String(ledger);
    if (checksumOf(String(key), text) !== checksum || !hasShape(text, isLedger)) {
      throw new UnsoundError(`The stored ledger of '${key}' is not what this version writes`);
    }
    const freshness = { key: String(key), up: up === 1, lastSuccess: toStamp(last_success) } satisfies StoredFreshness;
    const rest = JSON.stringify(freshness);
    sources.push(`{"ledger":${text},${rest.slice(1)}`);
  }
  const projects = db
    .prepare('SELECT * FROM projects')
    .all()
    .map(
      ({ id, name, org_id, removed_at, regional_mode, regional_mode_read_at }): StoredProject => ({
        id: String(id),
        name: String(name),
        orgId: String(org_id),
        removedAt: toStamp(removed_at),
        regionalMode:
          regional_mode === null ? null : { enabled: regional_mode === 1, readAt: Number(regional_mode_read_at) },
      }),
    );
  for (const { id, body } of db.prepare('SELECT id, body FROM changes').iterate()) {
    if (hasShape(String(body), isRecordedChange)) continue;
    throw new UnsoundError(`The stored change ${id} is not what this version writes`);
  }
  return { sources: `[${sources.join(',')}]`, projects };
}

function readMeta(db: DatabaseSync, name: 'last_change_id' | 'file_id'): number {
  const value = db.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'];
  if (typeof value !== 'number') throw new UnsoundError(`The stored ${name} is missing`);
  return value;
}

function readChanges(db: DatabaseSync, { projectId, sinceId, beforeId, sinceAt, limit, newestFirst }: ChangesQuery) {
  const conditions = [
    ...(projectId === undefined ? [] : [['atlas_project_id = ?', projectId] as const]),
    ...(sinceId === undefined ? [] : [['id > ?', sinceId] as const]),
    ...(beforeId === undefined ? [] : [['id < ?', beforeId] as const]),
    ...(sinceAt === undefined ? [] : [['at >= ?', sinceAt] as const]),
  ];
  const where = conditions.length > 0 ? `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}` : '';
  const sql = `SELECT body FROM changes ${where} ORDER BY id ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`;
  const rows = db.prepare(sql).all(...conditions.map(([, value]) => value), limit);
  return rows.map(({ body }): RecordedChange => ({ not_before: null, ...JSON.parse(String(body)) }));
}

/** SQLite notices damage of its own pages, not of the text in them. */
function checksumOf(key: string, ledger: string): number {
  return crc32(ledger, crc32(key));
}

function toStamp(stored: unknown): number | null {
  return typeof stored === 'number' ? stored : null;
}
