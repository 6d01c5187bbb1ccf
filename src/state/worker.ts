/** The thread that the state database lives in: a slow volume must not freeze the main loop. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Database, openDatabase } from './database.ts';
import { DiskError, StateError } from './errors.ts';
import type { Answer, Request } from './thread.ts';

function serve(port: MessagePort, { path, changesKept }: { path: string; changesKept: number }): void {
  let database: Database | null = null;

  const answer = (request: Request): Answer['result'] => {
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
  };

  port.on('message', (request: Request) => {
    try {
      port.postMessage({ id: request.id, result: answer(request), error: null } satisfies Answer);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      const error = { message, forPeople: thrown instanceof StateError };
      port.postMessage({ id: request.id, result: null, error } satisfies Answer);
    }
  });
}

if (parentPort) serve(parentPort, workerData);
