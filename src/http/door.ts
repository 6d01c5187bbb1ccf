/** The one door of the port: each request is let in, handed on, and answered when that fails, here and nowhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../domain/log.ts';
import type { Admit } from './access/auth.ts';
import { refuseHost } from './access/hosts.ts';
import type { Gate } from './gate.ts';
import { answerPlainly, type PlainAnswer } from './plain-answer.ts';
import type { Connections } from './sockets.ts';
import { parseTarget, type Target, withoutPrefix } from './target.ts';

/** Answers a request. What it throws becomes a 500. */
export type Respond = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

export interface DoorOptions {
  readonly telemetryPath: string;
  /** '' or a path without a slash at its end. */
  readonly routePrefix: string;
  readonly externalUrl: URL | null;
  readonly admit: Admit;
  /** Answers scrapes. */
  readonly scrape: Respond;
  /** Answers everything else. */
  readonly route: Respond;
  /** What pages and API pass. Scrapes, probes and reloads do not wait for them. */
  readonly gate: Gate;
  readonly connections: Pick<Connections, 'keep' | 'spare'>;
  /** Headers of every answer, as they are now. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly failed: Failed;
}

/** Tells of a request that failed by a defect of the exporter, and gives the answer to it. */
export type Failed = (err: unknown, path: string) => PlainAnswer;

export function createFailed(log: Log): Failed {
  return (err, path) => {
    log.error({ err, path }, 'Request failed');
    return internalError;
  };
}

/** Answers a request of a port that listens on loopback alone, or elsewhere too. Never rejects. */
export type Door = (incoming: IncomingMessage, outgoing: ServerResponse, onLoopback: boolean) => Promise<void>;

const internalError: PlainAnswer = { status: 500, text: 'Internal error: the log says more\n' };
const notFound: PlainAnswer = { status: 404, text: 'Not found\n' };
const badTarget: PlainAnswer = { status: 400, text: 'The request names no path\n', headers: { Connection: 'close' } };
const notAScrape: PlainAnswer = { status: 405, text: 'Method not allowed\n', headers: { Allow: 'GET, HEAD' } };
const tooBusy: PlainAnswer = {
  status: 503,
  text: 'Too many pages are asked for: try again in a few seconds\n',
  headers: { 'Retry-After': '5', Connection: 'close' },
};

/** How long a client waits for the answer that there is no place for it. */
const refuseAfterMs = 1_000;

export function createDoor(options: DoorOptions): Door {
  const { telemetryPath, routePrefix, externalUrl, admit, scrape, route, gate, connections, headers, failed } = options;
  const scraped: Target = { path: `${routePrefix}${telemetryPath}`, route: `${routePrefix}${telemetryPath}` };

  /** Where the request goes; or the answer that it gets instead. */
  const enter = async (incoming: IncomingMessage, asked: Target | null, onLoopback: boolean) => {
    const refusal = refuseHost(incoming, onLoopback, externalUrl);
    if (refusal) return { refusal };
    if (!asked) return { refusal: badTarget };
    const refused = await admit(incoming, asked.path);
    if (refused) return { refusal: refused };
    const target = withoutPrefix(asked, routePrefix);
    if (target) return { target };
    return { refusal: asked.path === '/' || asked.path === routePrefix ? redirectTo(`${routePrefix}/`) : notFound };
  };

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse, { path, route: url }: Target) => {
    const isRead = incoming.method === 'GET' || incoming.method === 'HEAD';
    const isProbe = path.startsWith('/-/');
    if (path === telemetryPath || isProbe) connections.keep(outgoing);
    if (path === telemetryPath) {
      return isRead ? scrape(incoming, outgoing) : answerPlainly(outgoing, notAScrape, headers());
    }
    incoming.url = url;
    // The router makes a URL of it, and refuses some that a client may well send. No answer depends on it.
    incoming.headers.host = 'exporter';
    if (isProbe) return route(incoming, outgoing);
    const passed = await gate.pass(outgoing, () => route(incoming, outgoing));
    if (passed || outgoing.destroyed) return;
    connections.spare(outgoing);
    // Clients that come back at once would busy the event loop with refusals alone.
    await delay(refuseAfterMs, undefined, { ref: false });
    answerPlainly(outgoing, tooBusy, headers());
  };

  return async (incoming, outgoing, onLoopback) => {
    const url = incoming.url ?? '';
    // As every scraper asks: no URL needs to be parsed.
    const asked = url === scraped.route ? scraped : parseTarget(url);
    try {
      const { target, refusal } = await enter(incoming, asked, onLoopback);
      if (refusal) answerPlainly(outgoing, refusal, headers());
      else await answer(incoming, outgoing, target);
    } catch (err) {
      answerPlainly(outgoing, failed(err, asked?.path ?? url), headers());
    }
  };
}

function redirectTo(location: string): PlainAnswer {
  return { status: 302, text: `See ${location}\n`, headers: { Location: location } };
}
