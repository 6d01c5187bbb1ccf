import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../domain/log.ts';
import type { Admit } from '../access/auth.ts';
import type { Answers } from '../answers.ts';
import { answerPlainly, internalError, type PlainAnswer } from '../plain-answer.ts';
import { acceptsGzip, contentTypes, formatFor } from './negotiate.ts';
import type { Slot, Slots } from './slots.ts';

type Render = Answers['metrics'];

/** Scrapes that come while an exposition is being rendered share it: a thousand at once cost as much as one. */
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
 * What is handed to the socket at once, in bytes. Each batch is a system call, and the kernel takes a fifth longer for two
 * megabytes that come in smaller ones: so it doubles while the reader takes it at once.
 */
const firstBatch = 512 * 1024;
const mostBatch = 2 * 1024 * 1024;
/** A reader that takes longer over a batch gets small ones: whoever stays at the largest takes 40 MiB a second. */
const quickMs = 50;
/** So that a slow reader is seen to move. */
export const leastBatch = 128 * 1024;
/** After so much everything else has its turn: an answer that is sent in one go finds the caches warm. */
const bytesInTurn = 4 * 1024 * 1024;

const tooManyScrapes: PlainAnswer = {
  status: 503,
  text: 'Too many scrapes are under way: see --web.max-requests\n',
  headers: { 'Retry-After': '5' },
};

export interface ScrapeOptions {
  readonly telemetryPath: string;
  readonly render: Render;
  readonly slots: Slots;
  readonly admit: Admit;
  /** For every answer, as they are now. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly log: Log;
}

export type Scrape = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/**
 * Answers a scrape, by itself from who may come in to what is logged when it fails: it may be asked past all routes. Nothing
 * is sent before all of it is there, so a failure is a 500 and never half an exposition; the pieces go out one after the
 * other, as fast as the reader takes them, and are never joined: they are shared by scrapes.
 */
export function createScrape({ telemetryPath, render, slots, admit, headers, log }: ScrapeOptions): Scrape {
  const expose: Scrape = async (incoming, outgoing) => {
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
  return async (incoming, outgoing) => {
    try {
      const refusal = await admit(incoming, telemetryPath);
      if (refusal) answerPlainly(outgoing, refusal, headers());
      else await expose(incoming, outgoing);
    } catch (err) {
      log.error({ err, path: telemetryPath }, 'Request failed');
      answerPlainly(outgoing, internalError, headers());
    }
  };
}

/**
 * Hands over one batch after the other, each when the reader has taken the one before. A reader that goes away, or is
 * cut, is no failure of ours.
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
    // A reader that is as fast as we are would keep everybody else waiting until it has all.
    if (sentInTurn < bytesInTurn) continue;
    sentInTurn = 0;
    await new Promise(setImmediate);
  }
  if (outgoing.destroyed) return;
  await new Promise<void>((resolve) => {
    outgoing.once('close', resolve);
    outgoing.end(resolve);
  });
}

/** In one system call. Whether there is room for more. */
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

/** Runs of pieces, each of at least the bytes that are wanted of it (but for the last one) and less than two times that. */
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
