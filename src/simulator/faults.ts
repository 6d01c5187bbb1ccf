/** Faults that tests switch on: the requests that they meet, and what they do with them. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { errorReply, type Reply } from './errors.ts';

/** A request as faults see it. */
export interface Call {
  readonly operation: string;
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  readonly projectId: string | null;
  readonly user: string | null;
}

/** An effect takes the place of the answer; `answer` gives the right one. */
export type Effect = (exchange: {
  readonly call: Call;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  answer(): Reply;
  send(reply: Reply): void;
}) => void | Promise<void>;

export interface Fault {
  /** The number of requests that the fault met. */
  readonly met: number;
  end(): void;
}

export interface Faults {
  /** Switches a fault on for the requests that match, or for the first `times` of them. */
  add(effect: Effect, matching?: (call: Call) => boolean, times?: number): Fault;
  /** Ends every fault. */
  clear(): void;
  /** The effect that meets a request, if any: the one added last. */
  meet(call: Call): Effect | null;
}

export function createFaults(): Faults {
  let entries: { effect: Effect; matching: (call: Call) => boolean; left: number; met: number }[] = [];
  return {
    add(effect, matching = () => true, times = Number.POSITIVE_INFINITY) {
      const entry = { effect, matching, left: times, met: 0 };
      entries = [entry, ...entries];
      return {
        get met() {
          return entry.met;
        },
        end() {
          entries = entries.filter((other) => other !== entry);
        },
      };
    },
    clear() {
      entries = [];
    },
    meet(call) {
      const entry = entries.find(({ matching, left }) => left > 0 && matching(call));
      if (!entry) return null;
      entry.left--;
      entry.met++;
      return entry.effect;
    },
  };
}

/** The usual effects. */
export const effects = {
  /** Another answer. */
  reply:
    (reply: Reply): Effect =>
    ({ send }) =>
      send(reply),
  error: (
    status: number,
    errorCode: string,
    headers: Readonly<Record<string, string>> = {},
    parameters: readonly unknown[] = [],
  ): Effect => effects.reply(errorReply(status, errorCode, 'Simulated.', parameters, headers)),
  status: (status: number, headers: Readonly<Record<string, string>> = {}): Effect =>
    effects.reply({ status, headers: { 'Content-Type': 'text/html', ...headers }, body: `<h1>${status}</h1>` }),
  /** The right answer with another body. */
  body:
    (change: (body: string) => string | Buffer, headers: Readonly<Record<string, string>> = {}): Effect =>
    ({ answer, send }) => {
      const right = answer();
      send({ ...right, headers: { ...right.headers, ...headers }, body: change(right.body.toString()) });
    },
  headers:
    (headers: Readonly<Record<string, string>>): Effect =>
    ({ answer, send }) => {
      const right = answer();
      send({ ...right, headers: { ...right.headers, ...headers } });
    },
  delay:
    (ms: number): Effect =>
    async ({ answer, send }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      send(answer());
    },
  silence: (): Effect => () => {},
  /** Cuts the connection before anything was answered. */
  reset:
    (): Effect =>
    ({ request }) =>
      void request.socket.resetAndDestroy(),
  /** Cuts the connection after half of the body. */
  resetInBody:
    (): Effect =>
    ({ answer, response, request }) => {
      const { status, headers, body } = answer();
      const bytes = Buffer.from(body);
      response.writeHead(status, { ...headers, 'Content-Length': bytes.length + 10 });
      response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => request.socket.resetAndDestroy());
    },
  /** The right body, one byte after the other. */
  drip:
    (msPerByte: number): Effect =>
    async ({ answer, response }) => {
      const { status, headers, body } = answer();
      response.writeHead(status, headers);
      for (const byte of Buffer.from(body)) {
        if (response.destroyed) return;
        response.write(Buffer.from([byte]));
        await new Promise((resolve) => setTimeout(resolve, msPerByte));
      }
      response.end();
    },
  /** A small answer that inflates to `bytes` blanks. */
  gzipBomb: (bytes: number): Effect =>
    effects.reply({
      status: 200,
      headers: { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(bytes, 0x20)),
    }),
} as const;
