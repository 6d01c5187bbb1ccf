import type { Output, World } from '../../src/app/host.ts';

export interface FakeWorld extends World {
  /** What was written so far. */
  out(): string;
  err(): string;
  /** As if the process got the signal. */
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGHUP'): void;
  readonly exits: number[];
}

/** A process for a command under test: output is kept, signals are sent by the test, clocks are real. */
export function fakeWorld({
  env = {},
  cwd = '/nonexistent',
  isTTY = false,
  clock = { wall: () => Date.now(), monotonic: () => performance.now() },
}: {
  env?: World['env'];
  cwd?: string;
  isTTY?: boolean;
  clock?: World['clock'];
} = {}): FakeWorld {
  const written = { out: '', err: '' };
  const output = (stream: 'out' | 'err'): Output => ({
    write(text) {
      written[stream] += text;
    },
    isTTY,
    columns: 120,
  });
  const handlers = new Map<string, Set<() => void>>();
  const exits: number[] = [];
  return {
    env,
    cwd,
    stdout: output('out'),
    stderr: output('err'),
    clock,
    version: '1.2.3',
    revision: 'abc',
    nodeVersion: 'v24.0.0',
    platform: 'linux;x64',
    onSignal(name, handler) {
      const known = handlers.get(name) ?? new Set();
      handlers.set(name, known.add(handler));
      return () => known.delete(handler);
    },
    onUncaught: () => () => {},
    exit: (code) => void exits.push(code),
    out: () => written.out,
    err: () => written.err,
    signal(name) {
      for (const handler of handlers.get(name) ?? []) handler();
    },
    exits,
  };
}
