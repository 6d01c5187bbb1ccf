/** Progress of a command on stderr: a line that rewrites itself on a terminal, and one line for each tenth elsewhere. */
import type { World } from '../app/host.ts';

export interface Progress {
  step(): void;
  /** Takes the line off a terminal. */
  clear(): void;
}

/** Fewer than this need no progress in a log file. */
const worthALine = 20;

/** `verb` completes `12 of 300`. */
export function createProgress({ stderr }: Pick<World, 'stderr'>, total: number, verb: string): Progress {
  let done = 0;
  let told = 0;
  return {
    step() {
      done++;
      const tenth = Math.floor((done * 10) / total);
      if (stderr.isTTY) stderr.write(`\r${done} of ${total} ${verb}`);
      else if (total >= worthALine && tenth > told) stderr.write(`${done} of ${total} ${verb}\n`);
      told = tenth;
    },
    clear: () => clearLine(stderr),
  };
}

/** Takes what is written on the last line off a terminal. */
export function clearLine(stderr: World['stderr']): void {
  if (stderr.isTTY) stderr.write('\r\u001b[K');
}
