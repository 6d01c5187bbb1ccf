import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /** Watches the connections of one more server; the cap is over all of them. */
  watch(server: Server): void;
  /** From now on a connection ends with the answer that it waits for, and one that waits for none ends at once. */
  drain(): void;
}

interface Entry {
  readonly socket: Socket;
  /** Answers under way: more than one when the client pipelines. */
  readonly answers: Set<ServerResponse>;
}

/**
 * Caps the number of connections. At the cap a newcomer takes the place of the connection that has been idle for
 * longest: ten thousand connections that say nothing keep no scraper out.
 */
export function createConnections(max: number): Connections {
  // Idle ones in the order of their last answer. By address and port, because TLS puts another socket around the one
  // that was accepted.
  const entries = new Map<string, Entry>();
  let draining = false;

  function makeRoom(): boolean {
    for (const [key, { socket, answers }] of entries) {
      if (answers.size > 0) continue;
      entries.delete(key);
      socket.destroy();
      return true;
    }
    return false;
  }

  function accept(socket: Socket): void {
    if (draining || (entries.size >= max && !makeRoom())) {
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    const entry: Entry = { socket, answers: new Set() };
    entries.set(key, entry);
    socket.once('close', () => {
      if (entries.get(key) === entry) entries.delete(key);
    });
  }

  function begin(outgoing: ServerResponse): void {
    const key = keyOf(outgoing.req.socket);
    const entry = entries.get(key);
    if (!entry) return;
    entry.answers.add(outgoing);
    if (draining) outgoing.setHeader('Connection', 'close');
    outgoing.once('close', () => {
      entry.answers.delete(outgoing);
      if (entries.get(key) !== entry) return;
      entries.delete(key);
      entries.set(key, entry);
      if (draining && entry.answers.size === 0) entry.socket.end();
    });
  }

  return {
    watch(server) {
      server.on('connection', accept);
      server.prependListener('request', (_, outgoing) => begin(outgoing));
    },
    drain() {
      draining = true;
      for (const { socket, answers } of entries.values()) {
        if (answers.size === 0) socket.destroy();
        for (const outgoing of answers) {
          if (!outgoing.headersSent) outgoing.setHeader('Connection', 'close');
        }
      }
    },
  };
}

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localPort}`;
}
