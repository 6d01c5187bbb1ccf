/** How many pages and JSON answers are under way at once, how many wait for that, and which one makes room. */

import type { ServerResponse } from 'node:http';
import { yieldTurns } from '../domain/yield-turn.ts';

export interface Gate {
  /**
   * Waits for a place and then does the work of an answer. false, and nothing was done, when too many wait already or when
   * the client left meanwhile. The place is free again when the work is done and the answer has ended: work goes on for a
   * while after its client left.
   */
  pass(outgoing: ServerResponse, work: () => Promise<void>): Promise<boolean>;
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
      const stays = !hasLeft(outgoing);
      if (stays) take(outgoing);
      enter(stays);
    }
    if (look && queue.size === 0) clearInterval(look);
    if (queue.size === 0) look = null;
  };
  const leaveQueue = (outgoing: ServerResponse) => {
    queue.get(outgoing)?.(false);
    queue.delete(outgoing);
  };
  const giveBack = (outgoing: ServerResponse) => {
    taken.delete(outgoing);
    // Scrapes and probes that came meanwhile are answered before the next page is drawn.
    void yieldTurns().then(next);
  };
  const wait = (outgoing: ServerResponse): Promise<boolean> => {
    if (hasLeft(outgoing) || (taken.size >= places && queue.size >= waiting)) return Promise.resolve(false);
    if (taken.size < places && queue.size === 0) {
      take(outgoing);
      return Promise.resolve(true);
    }
    look ??= setInterval(() => cutStuck(taken, monotonic()), lookEveryMs).unref();
    return new Promise((resolve) => queue.set(outgoing, resolve));
  };

  return {
    async pass(outgoing, work) {
      const closed = new Promise<void>((resolve) => {
        outgoing.once('close', () => {
          leaveQueue(outgoing);
          resolve();
        });
      });
      if (!(await wait(outgoing))) return false;
      try {
        await work();
        return true;
      } finally {
        void closed.then(() => giveBack(outgoing));
      }
    },
  };
}

/** Cuts the answers whose readers stand still, and those that take too long. */
function cutStuck(taken: ReadonlyMap<ServerResponse, Place>, now: number): void {
  for (const [outgoing, place] of taken) {
    const sent = sentOn(outgoing);
    if (sent !== place.sent) Object.assign(place, { sent, movedAt: now });
    // An answer that sent nothing yet is the exporter's own work, and not its reader's fault.
    const stuck = outgoing.headersSent && now - place.movedAt > stuckAfterMs;
    if (stuck || now - place.since > longestMs) outgoing.destroy();
  }
}

function hasLeft({ destroyed, req }: ServerResponse): boolean {
  return destroyed || req.socket.destroyed;
}

/** Bytes that the connection handed to the system. */
function sentOn({ socket }: ServerResponse): number {
  return socket ? socket.bytesWritten - socket.writableLength : 0;
}
