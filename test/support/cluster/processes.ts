/** Processes of a suite that end with it, whatever ends it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stopProcess } from '../prometheus.ts';
import { InVain } from '../wait.ts';

export interface Processes extends AsyncDisposable {
  start(program: string, ...args: readonly string[]): void;
  /** Throws InVain with the last lines of its log, and what to do, when one of them has ended. */
  expectAlive(): void;
}

/** Their output lies in `<folder>/<name>.log`. */
export function createProcesses(folder: string): Processes {
  const children = new Map<string, ChildProcess>();
  const logOf = (name: string) => join(folder, `${name}.log`);
  return {
    start(program, ...args) {
      const name = basename(program);
      const log = openSync(logOf(name), 'a');
      // The kernel kills the child when this process ends without a word.
      const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
        cwd: folder,
        stdio: ['ignore', log, log],
      });
      child.on('error', () => {});
      closeSync(log);
      children.set(name, child);
    },
    expectAlive() {
      for (const [name, child] of children) {
        if (child.exitCode === null && child.signalCode === null) continue;
        const told = readFileSync(logOf(name), 'utf8').trim().split('\n').slice(-8).join('\n');
        const cure = /address already in use/.test(told)
          ? '\nAnother program took the port meanwhile: run it again'
          : '';
        throw new InVain(`${name} has ended with ${child.exitCode ?? child.signalCode}:\n${told}${cure}`);
      }
    },
    async [Symbol.asyncDispose]() {
      for (const child of [...children.values()].reverse()) await stopProcess(child);
    },
  };
}
