/** The exporter's own port, as something that can be closed before it is open. */
import type { WebServer } from '../http/server.ts';

export interface Port extends AsyncDisposable {
  /** Listens by `start`, which throws a ListenError; resolves with the addresses. */
  open(start: () => Promise<WebServer>): Promise<WebServer['addresses']>;
  reconfigure: WebServer['reconfigure'];
}

/**
 * The port is registered for closing before polling is, and opened after it: it answers from before the first poll to
 * after the last one. `graceMs` is asked when it is closed.
 */
export function createPort(graceMs: () => number): Port {
  let server: WebServer | null = null;
  return {
    async open(start) {
      server = await start();
      return server.addresses;
    },
    reconfigure: (web) => server?.reconfigure(web) ?? { ok: false, problem: 'The port is not open yet' },
    async [Symbol.asyncDispose]() {
      await server?.close(graceMs());
    },
  };
}
