/** Writes to the file that this process knows. Should it be another one all of a sudden, that one is given everything. */
import type { Batch, SourceWrite, StoredProject } from '../domain/stored.ts';
import { type Thread, toBatchText } from './thread.ts';

export interface WriterParts {
  readonly thread: Thread;
  /** The file that was restored from; null when none could be opened. */
  readonly fileId: number | null;
  /** The whole state of every source. */
  everything(): readonly SourceWrite[];
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

/** The batch is newer than what is known of everything: a state is only published once it is written. */
function withEverything(batch: Batch, everything: readonly SourceWrite[], projects: readonly StoredProject[]): Batch {
  const writes = new Map(batch.writes.map((write) => [write.key, write]));
  for (const whole of everything) {
    const write = writes.get(whole.key);
    if (write && write.type !== 'freshen') continue;
    writes.set(whole.key, { ...whole, changes: write?.changes ?? [] });
  }
  return { writes: [...writes.values()], projects: batch.projects ?? (projects.length > 0 ? projects : null) };
}
