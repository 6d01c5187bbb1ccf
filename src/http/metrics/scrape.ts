import type { ServerResponse } from 'node:http';
import { yieldTurn } from '../../domain/yield-turn.ts';
import type { Answers } from '../answers.ts';
import type { Respond } from '../door.ts';
import { answerPlainly, type PlainAnswer } from '../plain-answer.ts';
import { acceptsGzip, contentTypes, formatFor } from './negotiate.ts';
import type { Slot, Slots } from './slots.ts';

type Render = Answers['metrics'];

/** Shares a rendering among the scrapes that come while it runs: a thousand at once cost as much as one. */
export function createRender(metrics: Render): Render {
  const running = new Map<string, ReturnType<Render>>();
  return (format, compressed) => {
    const key = `${format} ${compressed}`;
    const known = running.get(key);
    if (known) return known;
    const begun = metrics(format, compressed).finally(() => running.delete(key));
    running.set(key, begun);
    return begun;
  };
}

/**
 * Bytes that are handed to the socket in one batch. Each batch is a system call, and the kernel takes a fifth longer for two
 * megabytes in small batches. So the batch doubles while the reader takes it at once.
 */
const firstBatch = 512 * 1024;
const mostBatch = 2 * 1024 * 1024;
/** A reader that takes longer over a batch gets small ones. A reader that stays at the largest takes 40 MiB a second. */
const quickMs = 50;
/** A small batch, so that a slow reader is seen to move. */
export const leastBatch = 128 * 1024;
/** Bytes after which the event loop has its turn. Less would cost more: an answer that is sent in one go finds warm caches. */
const bytesInTurn = 4 * 1024 * 1024;

const tooManyScrapes: PlainAnswer = {
  status: 503,
  text: 'Too many scrapes are under way: see --web.max-requests\n',
  headers: { 'Retry-After': '5' },
};

export interface ScrapeOptions {
  readonly render: Render;
  readonly slots: Slots;
  /** Headers of every answer, as they are now. */
  readonly headers: () => Readonly<Record<string, string>>;
}

/**
 * Answers a scrape. Nothing is sent before the whole exposition is there, so a failure is thrown before the first byte, and
 * never half an exposition. The pieces are sent one after the other as fast as the reader takes them. They are never
 * joined, because scrapes share them.
 */
export function createScrape({ render, slots, headers }: ScrapeOptions): Respond {
  return async (incoming, outgoing) => {
    const slot = slots.acquire(() => outgoing.destroy());
    if (!slot) return answerPlainly(outgoing, tooManyScrapes, headers());
    try {
      const format = formatFor(incoming.headers.accept);
      const compressed = acceptsGzip(incoming.headers['accept-encoding']?.toString());
      const pieces = await render(format, compressed);
      outgoing.writeHead(200, {
        ...headers(),
        'Content-Type': contentTypes[format],
        ...(compressed && { 'Content-Encoding': 'gzip' }),
        'Content-Length': pieces.reduce((sum, { length }) => sum + length, 0),
        Vary: 'Accept, Accept-Encoding',
      });
      if (incoming.method === 'HEAD') outgoing.end();
      else await send(pieces, outgoing, slot);
    } finally {
      slot.release();
    }
  };
}

/**
 * Sends one batch after the other, each when the reader has taken the one before. A reader that goes away, or is cut, is no
 * failure of the exporter.
 */
async function send(pieces: readonly Buffer[], outgoing: ServerResponse, slot: Slot): Promise<void> {
  outgoing.on('error', () => {});
  let size = firstBatch;
  let sentInTurn = 0;
  for (const batch of toBatches(pieces, () => size)) {
    if (outgoing.destroyed) return;
    slot.touch();
    const begun = performance.now();
    if (!write(batch, outgoing)) await drained(outgoing);
    sentInTurn += size;
    size = performance.now() - begun < quickMs ? Math.min(2 * size, mostBatch) : leastBatch;
    // A reader that is as fast as the exporter would keep all others waiting until it has everything.
    if (sentInTurn < bytesInTurn) continue;
    sentInTurn = 0;
    await yieldTurn();
  }
  if (outgoing.destroyed) return;
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve);
    outgoing.end(resolve);
  });
}

/** Writes a batch in one system call. Returns whether there is room for more. */
function write(batch: readonly Buffer[], outgoing: ServerResponse): boolean {
  let room = true;
  outgoing.cork();
  for (const piece of batch) room = outgoing.write(piece);
  outgoing.uncork();
  return room;
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done).off('close', done);
      resolve();
    };
    outgoing.on('drain', done).on('close', done);
  });
}

/** Divides pieces into batches. Each has at least the wanted bytes (but for the last one), and less than twice that. */
function* toBatches(pieces: readonly Buffer[], wanted: () => number): Generator<readonly Buffer[]> {
  let batch: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + wanted());
      at += part.length;
      batch.push(part);
      size += part.length;
      if (size < wanted()) continue;
      yield batch;
      batch = [];
      size = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
