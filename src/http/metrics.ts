import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context } from 'hono';
import type { Format } from '../exposition/family.ts';
import { gzip } from './compress.ts';
import { acceptsGzip, contentTypes, formatFor } from './negotiate.ts';
import type { Slot, Slots } from './slots.ts';

export type Render = (format: Format, compressed: boolean) => Promise<readonly Buffer[]>;

/** Scrapes that come while an exposition is being rendered share it: a thousand at once cost as much as one. */
export function createRender(metrics: (format: Format) => Promise<readonly Buffer[]>): Render {
  const plain = shared(metrics);
  const zipped = shared(async (format: Format) => gzip(await plain(format)));
  return (format, compressed) => (compressed ? zipped(format) : plain(format));
}

/** While a call for the same key is under way, its result is everybody's. */
function shared<K, V>(call: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const running = new Map<K, Promise<V>>();
  return (key) => {
    const known = running.get(key);
    if (known) return known;
    const begun = call(key).finally(() => running.delete(key));
    running.set(key, begun);
    return begun;
  };
}

export interface MetricsOptions {
  readonly render: Render;
  readonly slots: Slots;
}

/** What is handed to the socket at once: progress is seen in steps of it. */
export const stepBytes = 16 * 1024;

/**
 * Answers a scrape. Nothing is sent before all of it is there, so a failure is a 500 and never half an exposition; the
 * pieces go out one after the other, as fast as the reader takes them, and are never joined: they are shared by scrapes.
 */
export async function answerMetrics(
  c: Context<{ Bindings: HttpBindings }>,
  headers: Readonly<Record<string, string>>,
  { render, slots }: MetricsOptions,
): Promise<Response> {
  const { outgoing } = c.env;
  const slot = slots.acquire(() => outgoing.destroy());
  if (!slot) {
    c.header('Retry-After', '5');
    return c.text('Too many scrapes are under way: see --web.max-requests\n', 503);
  }
  try {
    const format = formatFor(c.req.header('Accept'));
    const compressed = acceptsGzip(c.req.header('Accept-Encoding'));
    const pieces = await render(format, compressed);
    outgoing.writeHead(200, {
      ...headers,
      'Content-Type': contentTypes[format],
      ...(compressed && { 'Content-Encoding': 'gzip' }),
      'Content-Length': pieces.reduce((sum, { length }) => sum + length, 0),
      Vary: 'Accept, Accept-Encoding',
    });
    if (c.req.raw.method === 'HEAD') outgoing.end();
    else await send(pieces, outgoing, slot);
  } finally {
    slot.release();
  }
  return RESPONSE_ALREADY_SENT;
}

/** A reader that goes away, or is cut, is no failure of ours. */
async function send(pieces: readonly Buffer[], outgoing: ServerResponse, slot: Slot): Promise<void> {
  try {
    await pipeline(Readable.from(steps(pieces, slot), { objectMode: false, highWaterMark: stepBytes }), outgoing);
  } catch {
    outgoing.destroy();
  }
}

function* steps(pieces: readonly Buffer[], slot: Slot): Generator<Buffer> {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += stepBytes) {
      slot.touch();
      yield piece.subarray(at, at + stepBytes);
    }
  }
}
