/** How many pages and JSON answers are under way at once, how many wait for that, and which one makes room. */
import type { ServerResponse } from 'node:http';

export interface Gate {
  /**
   * Waits for a place. false when too many wait already, or when the client left meanwhile. The place is free again when
   * the answer has ended.
   */
  enter(outgoing: ServerResponse): Promise<boolean>;
}

export interface GateOptions {
  readonly places?: number;
  readonly waiting?: number;
  /** Monotonic ms. */
  readonly monotonic: () => number;
}

/** Four answers keep one core busy. More of them would only hold more memory. */
const defaultPlaces = 4;
/** A short queue: its last one waits a second or two on a large estate. */
const defaultWaiting = 32;
/** While others wait, an answer that moves no byte for so long is cut, and so is one that takes longer than the other. */
const stuckAfterMs = 5_000;
const longestMs = 30_000;
const lookEveryMs = 1_000;

interface Place {
  readonly since: number;
  sent: number;
  movedAt: number;
}

export function createGate({ places = defaultPlaces, waiting = defaultWaiting, monotonic }: GateOptions): Gate {
  const taken = new Map<ServerResponse, Place>();
  const queue = new Map<ServerResponse, (entered: boolean) => void>();
  let look: NodeJS.Timeout | null = null;

  const take = (outgoing: ServerResponse) => {
    const now = monotonic();
    taken.set(outgoing, { since: now, sent: sentOn(outgoing), movedAt: now });
  };
  const next = () => {
    for (const [outgoing, enter] of queue) {
      if (taken.size >= places) return;
      queue.delete(outgoing);
      take(outgoing);
      enter(true);
    }
    if (look && queue.size === 0) clearInterval(look);
    if (queue.size === 0) look = null;
  };
  const leave = (outgoing: ServerResponse) => {
    queue.get(outgoing)?.(false);
    queue.delete(outgoing);
    // Scrapes and probes that came meanwhile are answered before the next page is drawn.
    if (taken.delete(outgoing)) setImmediate(next);
  };
  const cutStuck = () => {
    const now = monotonic();
    for (const [outgoing, place] of taken) {
      const sent = sentOn(outgoing);
      if (sent !== place.sent) Object.assign(place, { sent, movedAt: now });
      // An answer that sent nothing yet is our own work, and not its reader's fault.
      const stuck = outgoing.headersSent && now - place.movedAt > stuckAfterMs;
      if (stuck || now - place.since > longestMs) outgoing.destroy();
    }
  };

  return {
    enter(outgoing) {
      if (outgoing.destroyed || (taken.size >= places && queue.size >= waiting)) return Promise.resolve(false);
      outgoing.once('close', () => leave(outgoing));
      if (taken.size < places && queue.size === 0) {
        take(outgoing);
        return Promise.resolve(true);
      }
      look ??= setInterval(cutStuck, lookEveryMs).unref();
      return new Promise((resolve) => queue.set(outgoing, resolve));
    },
  };
}

/** Bytes that the connection handed to the system. */
function sentOn({ socket }: ServerResponse): number {
  return socket ? socket.bytesWritten - socket.writableLength : 0;
}
