import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse, seriesIn } from './exposition-parser.ts';
import { expectNoDemoSecret } from './secrets.ts';

/** The exporter as a process of its own, in a folder of its own. */
export interface Exporter extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  /** Everything that it wrote so far. */
  output(): string;
  lines(message: string): readonly Readonly<Record<string, unknown>>[];
  series(): Promise<Readonly<Record<string, number>>>;
  /** Sends a signal and resolves with how it ended: its exit code, or the signal. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

export interface ExporterOptions {
  readonly folder: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Of every request for its metrics. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it is started by: `['unshare', '--pid']`. */
  readonly by?: readonly string[];
}

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export function configure(folder: string, yaml: string): void {
  writeFileSync(join(folder, 'exporter.yaml'), yaml);
}

/** Starts `run` with the config and the state in the folder, and resolves once it listens. */
export async function startExporter({
  folder,
  args = ['run', '--config.file', 'exporter.yaml', '--state.path', 'state.db'],
  env = {},
  nodeArgs = [],
  headers = {},
  by = [],
}: ExporterOptions): Promise<Exporter> {
  const words = [...by, process.execPath, ...nodeArgs, main, ...args, '--web.listen-address', '127.0.0.1:0'];
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // A test that ran out of time disposes of nothing.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const lines: string[] = [];
  const started = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const [, address] = /"addresses":\["([^"]+)"/.exec(line) ?? [];
      if (address !== undefined) started.resolve(`http://${address}`);
    });
  }
  const exited = once(child, 'exit');
  void exited.then(([code]) => started.reject(new Error(`It ended with ${code}: ${lines.join('\n')}`)));
  const url = await started.promise;
  let asked = false;
  const tail = () => lines.slice(-10).join('\n');
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const exporter: Exporter = {
    child,
    url,
    output: () => lines.join('\n'),
    lines: (message) =>
      lines.filter((line) => line.includes(`"msg":${JSON.stringify(message)}`)).map((line) => JSON.parse(line)),
    async series() {
      const answer = await fetch(`${url}/metrics`, { headers });
      return seriesIn(parse(await answer.text(), 'text'));
    },
    async end(signal) {
      asked = true;
      if (!isOver()) child.kill(signal);
      const [code, endedBy] = await exited;
      return code ?? endedBy;
    },
    async [Symbol.asyncDispose]() {
      // Whoever looks for why a connection to it was cut must know of a process that is gone.
      if (isOver() && !asked) console.log(`It ended with ${child.exitCode ?? child.signalCode}: ${tail()}`);
      if (!isOver()) await exporter.end('SIGKILL');
      expectNoDemoSecret({ 'its output': exporter.output() });
    },
  };
  return exporter;
}

/** Looks again and again until `probe` gives something; then gives it. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  withinMs = 60_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const found = await probe();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited in vain: ${what}`);
}

/** The sum of every series whose name, labels included, fits. */
export function sumOf(series: Readonly<Record<string, number>>, pattern: RegExp): number {
  return Object.entries(series).reduce((sum, [name, value]) => (pattern.test(name) ? sum + value : sum), 0);
}
