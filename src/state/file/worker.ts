/** The thread that the state file lives in: a slow volume must not freeze the main loop. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { StateError } from '../errors.ts';
import type { Answer, Request, RestoredText, StateQuestion, ThreadOptions } from '../thread.ts';
import type { Database } from './database.ts';
import { openDatabase } from './open.ts';
import { explain, isOnlyRefused } from './trouble.ts';

interface OpenFile extends Pick<RestoredText, 'lastChangeId' | 'setAside'> {
  readonly database: Database;
}

function serve(port: MessagePort, { path, changesKept }: ThreadOptions): void {
  let file: OpenFile | null = null;

  const open = (): RestoredText => {
    const { database, restored } = openDatabase(path, { changesKept, now: () => new Date() });
    // What was restored is not kept here: it is the main thread's now.
    file = { database, lastChangeId: restored.lastChangeId, setAside: restored.setAside };
    return restored;
  };
  const opened = (): OpenFile => {
    if (!file) open();
    return file as OpenFile;
  };
  const close = () => {
    const last = file;
    file = null;
    last?.database.close();
  };
  const answer = (question: StateQuestion): Answer['result'] => {
    switch (question.type) {
      case 'open': {
        const restored = open();
        return { type: 'opened', fileId: opened().database.fileId, restored };
      }
      case 'write': {
        const { database, lastChangeId, setAside } = opened();
        const { fileId } = database;
        if (question.fileId !== fileId) return { type: 'other_file', fileId, lastChangeId, setAside };
        database.write(question.batch);
        return { type: 'done' };
      }
      case 'changes':
        return { type: 'changes', changes: opened().database.changes(question.query) };
      case 'close':
        close();
        return { type: 'done' };
    }
  };

  port.on('message', ({ id, question }: Request) => {
    try {
      port.postMessage({ id, result: answer(question), error: null } satisfies Answer);
    } catch (thrown) {
      const { message } = explain(thrown, path);
      const error = { message, forPeople: thrown instanceof StateError };
      // A file that fails is opened anew with the next question; one that only takes no writes is still read.
      if (!isOnlyRefused(thrown)) closeInAnyCase(close);
      port.postMessage({ id, result: null, error } satisfies Answer);
    }
  });
}

function closeInAnyCase(close: () => void): void {
  try {
    close();
  } catch {
    // What cannot be closed properly is left to the system.
  }
}

if (parentPort) serve(parentPort, workerData);
