/** The thread that the state database lives in: a slow volume must not freeze the main loop. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Database, openDatabase } from './database.ts';
import { DiskError, StateError } from './errors.ts';
import type { Answer, Request } from './thread.ts';

const { path, changesKept } = workerData as { path: string; changesKept: number };
let database: Database | null = null;

function answer(request: Request): Answer['result'] {
  if (request.type === 'open') {
    database?.close();
    const opened = openDatabase(path, { changesKept, now: () => new Date() });
    database = opened.database;
    return opened.restored;
  }
  if (request.type === 'close') {
    database?.close();
    database = null;
    return null;
  }
  if (!database) throw new DiskError('The state database is not open');
  if (request.type === 'changes') return database.changes(request.query);
  database.write(request.writes);
  return null;
}

parentPort?.on('message', (request: Request) => {
  try {
    parentPort?.postMessage({ id: request.id, result: answer(request), error: null } satisfies Answer);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const error = { message, forPeople: thrown instanceof StateError };
    parentPort?.postMessage({ id: request.id, result: null, error } satisfies Answer);
  }
});
