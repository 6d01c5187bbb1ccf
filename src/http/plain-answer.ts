/** A short text as the whole answer: refusals, and failures. */
import type { ServerResponse } from 'node:http';

export interface PlainAnswer {
  readonly status: 302 | 400 | 401 | 403 | 404 | 405 | 429 | 500 | 503;
  readonly text: string;
  /** Headers beside those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Writes the answer; `headers` are those of every answer. An answer that has begun already is cut instead. A client that left
 * is not written to: each attempt would make an error, with its stack, that nobody reads.
 */
export function answerPlainly(
  outgoing: ServerResponse,
  { status, text, headers: own = {} }: PlainAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (outgoing.headersSent) outgoing.destroy();
  if (outgoing.destroyed || outgoing.req.socket.destroyed) return;
  outgoing.writeHead(status, {
    ...headers,
    ...own,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}
