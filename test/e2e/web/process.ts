import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { nodeFlags } from '../../support/dockerfile.ts';
import { expectNoDemoSecret } from '../../support/secrets.ts';

export interface Daemon extends AsyncDisposable {
  /** `127.0.0.1:41234` */
  readonly address: string;
  readonly child: ChildProcess;
  /** Everything that it wrote so far. */
  output(): string;
}

/** A real process of the exporter, with node's flags as in the image, on a port of its own; ended, and waited for, with `await using`. */
export async function startDaemon(...args: readonly string[]): Promise<Daemon> {
  const child = spawn(process.execPath, [...nodeFlags, 'src/main.ts', ...args, '--web.listen-address', '127.0.0.1:0'], {
    cwd: new URL('../../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written: string[] = [];
  const started = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written.push(text);
      const [, address] = /"addresses":\["([^"]+)"/.exec(written.join('')) ?? [];
      if (address !== undefined) started.resolve(address);
    });
  }
  child.once('exit', (code) => started.reject(new Error(`Exit ${code}: ${written.join('')}`)));
  const address = await started.promise;
  return {
    address,
    child,
    output: () => written.join(''),
    async [Symbol.asyncDispose]() {
      expectNoDemoSecret({ 'its output': written.join('') });
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
