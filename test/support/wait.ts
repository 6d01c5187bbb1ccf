import { createServer } from 'node:net';

/** What no waiting mends, such as a process that has ended. */
export class InVain extends Error {}

/**
 * Looks again and again, for at least half a minute unless told otherwise, until `probe` gives something; then gives it. What
 * throws is not there yet, but for `InVain`, which ends the waiting.
 */
export async function until<T>(what: string, probe: () => Promise<T | false>, seconds = 30): Promise<T> {
  let why: unknown = null;
  for (let tries = 0; tries < seconds * 20; tries++) {
    try {
      const found = await probe();
      if (found !== false) return found;
    } catch (thrown) {
      if (thrown instanceof InVain) throw thrown;
      why = thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited in vain: ${what}`, { cause: why });
}

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port')),
      );
    });
  });
}
