/** A short text as the whole answer: what is refused, and what failed. */
import type { ServerResponse } from 'node:http';

export interface PlainAnswer {
  readonly status: 400 | 401 | 403 | 429 | 500 | 503;
  readonly text: string;
  /** Beside those of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

export const internalError: PlainAnswer = { status: 500, text: 'Internal error: the log says more\n' };

/** Writes it past all routes; `headers` are those of every answer. After what was begun it only ends the connection. */
export function answerPlainly(
  outgoing: ServerResponse,
  { status, text, headers: own = {} }: PlainAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(status, {
    ...headers,
    ...own,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  outgoing.end(text);
}
