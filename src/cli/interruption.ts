/** Ctrl+C and SIGTERM for a command that ends early with what it has. */
import type { World } from '../app/host.ts';

export interface Interruption extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal, as shells have it; null while there was none. */
  exitCode(): number | null;
}

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Listens until it is disposed of. */
export function listenForInterruption(world: World): Interruption {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const listen = (name: keyof typeof exitCodes) =>
    world.onSignal(name, () => {
      exitCode ??= exitCodes[name];
      controller.abort(new Error('Interrupted'));
    });
  const forget = [listen('SIGINT'), listen('SIGTERM')];
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    [Symbol.dispose]() {
      for (const off of forget) off();
    },
  };
}
