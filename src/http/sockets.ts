import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /**
   * Watches the connections of one more server, and hands its requests on: one at a time on each connection, so that a
   * client that pipelines has no more work done for it than one that waits. The cap is over all servers.
   */
  watch(server: Server, answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): void;
  /** From now on a connection ends with the answer that it waits for, and one that waits for none ends at once. */
  drain(): void;
}

interface Entry {
  readonly socket: Socket;
  /** The one under way, and those that wait for their turn because the client pipelines. */
  readonly answers: Set<ServerResponse>;
}

/** Nobody pipelines more who means it well. */
const mostPipelined = 32;

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

  /** What has to be answered before, on the same connection; null when nothing has. */
  function begin(outgoing: ServerResponse): ServerResponse | null {
    const key = keyOf(outgoing.req.socket);
    const entry = entries.get(key);
    if (!entry) return null;
    const ahead = [...entry.answers].at(-1) ?? null;
    entry.answers.add(outgoing);
    if (entry.answers.size > mostPipelined) entry.socket.destroy();
    if (draining) outgoing.setHeader('Connection', 'close');
    outgoing.once('close', () => end(key, entry, outgoing));
    return ahead;
  }

  function end(key: string, entry: Entry, outgoing: ServerResponse): void {
    entry.answers.delete(outgoing);
    if (entries.get(key) !== entry) return;
    entries.delete(key);
    entries.set(key, entry);
    if (draining && entry.answers.size === 0) entry.socket.end();
  }

  return {
    watch(server, answer) {
      server.on('connection', accept);
      server.on('request', (incoming, outgoing) => {
        const ahead = begin(outgoing);
        if (!ahead) return answer(incoming, outgoing);
        ahead.once('close', () => {
          if (!incoming.socket.destroyed) answer(incoming, outgoing);
        });
      });
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
