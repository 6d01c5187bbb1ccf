/** The process that a command runs in, as functions. They are handed in, so that a test can run a command without a process. */

import { readFileSync } from 'node:fs';
import type { Clock } from '../domain/time.ts';

export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly version: string;
  /** The commit of the build; '' when unknown. */
  readonly revision: string;
  readonly nodeVersion: string;
  /** Operating system and architecture, as in `linux;x64`. */
  readonly platform: string;
  /** Calls `handler` at each signal until the returned function is called. */
  onSignal(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', handler: () => void): () => void;
  /** Calls `handler` with each uncaught error and unhandled rejection, until the returned function is called. */
  onUncaught(handler: (thrown: unknown) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** The real process. */
export function processWorld(): World {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    version,
    revision: process.env['EXPORTER_REVISION'] ?? '',
    nodeVersion: process.version,
    platform: `${process.platform};${process.arch}`,
    onSignal(signal, handler) {
      process.on(signal, handler);
      return () => process.off(signal, handler);
    },
    onUncaught(handler) {
      process.on('uncaughtException', handler);
      process.on('unhandledRejection', handler);
      return () => {
        process.off('uncaughtException', handler);
        process.off('unhandledRejection', handler);
      };
    },
    exit: (code) => process.exit(code),
  };
}

function output(stream: NodeJS.WriteStream): Output {
  // A reader that closes the pipe (`poll | head`) is no reason to end.
  stream.on('error', () => {});
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY ?? false,
    columns: stream.columns ?? 100,
  };
}
