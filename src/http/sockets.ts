import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface Connections {
  /**
   * Watches the connections of one more server, and hands its requests on: one at a time on each connection, so that a
   * client that pipelines has no more work done for it than one that waits. The cap counts the connections of all servers.
   */
  watch(server: Server, answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void): void;
  /** Says that a connection brought a scrape or a probe: at the cap it is the last to be cut while it is idle. */
  keep(answer: ServerResponse): void;
  /** Says that an answer tells of nothing but the crowd: at the cap its connection may be cut before it is sent. */
  spare(answer: ServerResponse): void;
  /** Ends the connections that are open now: each with the answer that it waits for, or at once when it waits for none. */
  end(): void;
  /** Ends the connections that are open, as `end` does, and takes no new ones. */
  drain(): void;
}

interface Entry {
  readonly socket: Socket;
  /** The answer under way, and those that wait for it because the client pipelines. */
  readonly answers: Set<ServerResponse>;
  /** The answer under way that nobody would miss. */
  spared: ServerResponse | null;
  /** Whether scrapes or probes come on it. */
  isKept: boolean;
  /** Whether the connection ends with the answers that it waits for. */
  ending: boolean;
}

/** Requests that may wait on one connection. Browsers and scrapers do not pipeline at all. */
const mostPipelined = 4;

/**
 * Caps the number of connections. At the cap a new connection takes the place of the one that has been idle for longest:
 * ten thousand connections that say nothing keep no scraper out. A scraper's own is cut last: it would send its next request
 * into a connection that has just gone.
 */
export function createConnections(max: number): Connections {
  // Idle connections stand in the order of their last answers. The key is address and port, because TLS puts another socket
  // around the accepted one.
  const entries = new Map<string, Entry>();
  let draining = false;

  function makeRoom(): boolean {
    let cut: readonly [string, Entry] | null = null;
    for (const [key, entry] of entries) {
      if (entry.answers.size > 0 && !entry.spared) continue;
      cut ??= [key, entry];
      if (entry.isKept) continue;
      cut = [key, entry];
      break;
    }
    if (!cut) return false;
    const [key, { socket }] = cut;
    entries.delete(key);
    socket.destroy();
    return true;
  }

  function accept(socket: Socket): void {
    if (draining || (entries.size >= max && !makeRoom())) {
      socket.destroy();
      return;
    }
    const key = keyOf(socket);
    const entry: Entry = { socket, answers: new Set(), spared: null, isKept: false, ending: false };
    entries.set(key, entry);
    socket.once('close', () => {
      if (entries.get(key) === entry) entries.delete(key);
    });
  }

  /** The answer that has to be sent first on the same connection; null when there is none. */
  function begin(outgoing: ServerResponse): ServerResponse | null {
    const key = keyOf(outgoing.req.socket);
    const entry = entries.get(key);
    if (!entry) return null;
    const ahead = [...entry.answers].at(-1) ?? null;
    entry.answers.add(outgoing);
    if (entry.answers.size > mostPipelined) entry.socket.destroy();
    if (entry.ending) outgoing.setHeader('Connection', 'close');
    outgoing.once('close', () => end(key, entry, outgoing));
    return ahead;
  }

  function end(key: string, entry: Entry, outgoing: ServerResponse): void {
    entry.answers.delete(outgoing);
    if (entry.spared === outgoing) entry.spared = null;
    if (entries.get(key) !== entry) return;
    entries.delete(key);
    entries.set(key, entry);
    if (entry.ending && entry.answers.size === 0) entry.socket.end();
  }

  function endAll(): void {
    for (const entry of entries.values()) {
      entry.ending = true;
      if (entry.answers.size === 0) entry.socket.destroy();
      for (const outgoing of entry.answers) {
        if (!outgoing.headersSent) outgoing.setHeader('Connection', 'close');
      }
    }
  }

  return {
    watch(server, answer) {
      server.on('connection', accept);
      server.on('request', (incoming, outgoing) => {
        // What was pipelined behind the request that cut the connection is still read from what had come.
        if (incoming.socket.destroyed) return;
        const ahead = begin(outgoing);
        if (!ahead) return answer(incoming, outgoing);
        ahead.once('close', () => {
          if (!incoming.socket.destroyed) answer(incoming, outgoing);
        });
      });
    },
    keep(answer) {
      const entry = entries.get(keyOf(answer.req.socket));
      if (entry) entry.isKept = true;
    },
    spare(answer) {
      const entry = entries.get(keyOf(answer.req.socket));
      if (entry) entry.spared = answer;
    },
    end: endAll,
    drain() {
      draining = true;
      endAll();
    },
  };
}

function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress}|${remotePort}|${localPort}`;
}
