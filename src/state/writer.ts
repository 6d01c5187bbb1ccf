/** Writes to the file that this process knows. Should it be another one all of a sudden, that one is given everything. */
import { type Batch, type Entry, toBatchText } from './pending.ts';
import type { StoredProject, StoredSource } from './stored.ts';
import type { Thread } from './thread.ts';

export interface WriterParts {
  readonly thread: Thread;
  /** The file that was restored from; null when none could be opened. */
  readonly fileId: number | null;
  everything(): Iterable<StoredSource>;
  projects(): readonly StoredProject[];
  /** The old file is lost, or the first could be opened only now. */
  otherFile(found: { readonly lastChangeId: number; readonly setAside: string | null }): void;
}

export interface Writer {
  /** In one transaction. Rejects when it is not written. */
  write(batch: Batch): Promise<void>;
  /** Whether there ever was a file to read from. */
  hasFile(): boolean;
}

export function createWriter(parts: WriterParts): Writer {
  const { thread } = parts;
  let known = parts.fileId;
  return {
    hasFile: () => known !== null,
    async write(batch) {
      const answer = await thread.ask({ type: 'write', batch: toBatchText(batch), fileId: known });
      if (answer.type !== 'other_file') return;
      const { fileId } = answer;
      const whole = withEverything(batch, parts.everything(), parts.projects());
      const again = await thread.ask({ type: 'write', batch: toBatchText(whole), fileId });
      if (again.type === 'other_file') throw new Error('The state file is another one each time');
      known = fileId;
      parts.otherFile(answer);
    },
  };
}

/** What is in the batch is newer than what is known of everything: that is only published after it. */
function withEverything(batch: Batch, sources: Iterable<StoredSource>, projects: readonly StoredProject[]): Batch {
  const entries = new Map(batch.entries.map((entry) => [entry.key, entry]));
  for (const { key, ledger, up, lastSuccess } of sources) {
    const entry = entries.get(key);
    if (!ledger || (entry && entry.source.type !== 'freshen')) continue;
    const whole: Entry = { key, source: { type: 'put', ledger, up, lastSuccess }, changes: entry?.changes ?? [] };
    entries.set(key, whole);
  }
  return { entries: [...entries.values()], projects: batch.projects ?? (projects.length > 0 ? projects : null) };
}
