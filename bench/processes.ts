/** The processes of a benchmark: each is started, waited for and ended with the run. */
import { type ChildProcess, type ForkOptions, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Running {
  readonly pid: number;
  /** What the awaited line held. */
  readonly found: string;
  /** Asks the probe in the process, and resolves with its answer. */
  ask(question: string): Promise<unknown>;
  /** SIGTERM, and resolves when it has ended. */
  stop(): Promise<void>;
}

export interface Stage extends AsyncDisposable {
  /** A folder of the run's own. */
  readonly folder: string;
  /** Starts a program and resolves with the first line of its output that matches. */
  start(
    command: string,
    args: readonly string[],
    awaited: RegExp,
    env?: Readonly<Record<string, string>>,
  ): Promise<Running>;
}

export function createStage(): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const running = new Set<Running>();
  return {
    folder,
    async start(command, args, awaited, env = {}) {
      const options: ForkOptions & { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] } = {
        cwd: folder,
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      };
      const child = spawn(command, args, options);
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      const found = await lineOf(child, awaited);
      const started: Running = {
        pid: child.pid ?? 0,
        found,
        ask(question) {
          const answer = new Promise((resolve) => child.once('message', resolve));
          child.send(question);
          return answer;
        },
        async stop() {
          running.delete(started);
          child.kill('SIGTERM');
          await ended;
        },
      };
      running.add(started);
      return started;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((process) => process.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function lineOf(child: ChildProcess, awaited: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`)));
    if (!child.stdout) return;
    // Read on to the end: a full pipe would stop the process.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = awaited.exec(line);
      if (match) resolve(match[1] ?? match[0]);
    });
  });
}
