import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { DEFAULT_CIPHERS } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../domain/log.ts';
import type { TlsSettings, WebSettings } from '../domain/protection.ts';
import { createAdmit } from './access/auth.ts';
import { isLoopback } from './access/hosts.ts';
import { openDoor, tlsNeedsRestart } from './access/web-settings.ts';
import type { Answers, Pages } from './answers.ts';
import { createDoor, createFailed } from './door.ts';
import { createGate } from './gate.ts';
import { headersOf } from './headers.ts';
import { formatAddress, type ListenAddress, toListenError } from './listen-address.ts';
import { createRender, createScrape, leastBatch } from './metrics/scrape.ts';
import { createSlots } from './metrics/slots.ts';
import { createRoutes } from './routes.ts';
import { createConnections } from './sockets.ts';

export interface ServerOptions {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** The prefix of every path: '' unless told otherwise, or a path without a slash at its end. */
  readonly routePrefix?: string;
  /** Where people and Prometheus reach the port from outside, such as through a proxy; null when nobody told. */
  readonly externalUrl?: URL | null;
  /** How many answers of /metrics may be under way at once; 0 is no limit. */
  readonly maxRequests: number;
  readonly lifecycle: boolean;
  readonly answers: Answers;
  readonly pages: Pages;
  /** What the file of `--web.config.file` says; without one, everybody may come in. */
  readonly web?: WebSettings;
  readonly log: Log;
  /** Monotonic ms. */
  readonly monotonic: () => number;
  /** An answer that moves no byte for so long ends. */
  readonly stuckAfterMs?: number;
}

export interface WebServer {
  /** Where it listens, with the ports that the system chose, as in a URL: `127.0.0.1:27900`, `[::]:27900`. */
  readonly addresses: readonly string[];
  /** Takes other settings, or changes nothing and says why. When TLS settings change, open connections end. */
  reconfigure(web: WebSettings): { readonly ok: true } | { readonly ok: false; readonly problem: string };
  /** Takes no more connections, lets running answers end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const limits = {
  headersTimeout: 5_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  // Longer than a scrape interval of two minutes, so that a scraper keeps its connection.
  keepAliveTimeout: 125_000,
  // 32 KiB of headers, which the cookies of a single sign-on may take, and the request line.
  maxHeaderSize: 36 * 1024,
  highWaterMark: leastBatch,
};
/** The default of OpenSSL, without key exchanges that have no forward secrecy: what was recorded stays secret. */
const forwardSecret = `${DEFAULT_CIPHERS}:!kRSA:!kPSK`;
/** Beside the scrapes: people, probes and keep-alive connections that wait for the next scrape. */
const spareConnections = 512;

/** Listens on every address or on none: throws a ListenError and leaves nothing open. */
export async function startServer(options: ServerOptions): Promise<WebServer> {
  const { listen, telemetryPath, routePrefix = '', externalUrl = null } = options;
  const { maxRequests, monotonic, log, stuckAfterMs = 30_000 } = options;
  let web = options.web ?? openDoor;
  const headers = () => headersOf(web);
  const failed = createFailed(log);
  const app = createRoutes({ ...options, externalUrl, web: () => web, failed });
  const connections = createConnections(maxRequests + spareConnections);
  const door = createDoor({
    telemetryPath,
    routePrefix,
    externalUrl,
    admit: createAdmit(() => web),
    scrape: createScrape({
      render: createRender(options.answers.metrics),
      slots: createSlots(maxRequests, monotonic),
      headers,
    }),
    route: getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    gate: createGate({ monotonic }),
    connections,
    headers,
    failed,
  });

  const servers: (Server | TlsServer)[] = [];
  const close = (graceMs: number) => closeAll(servers, connections.drain, graceMs);
  try {
    for (const address of listen) {
      const server = web.tls ? createTlsServer(tlsOptions(web.tls)) : createServer(limits);
      server.setTimeout(stuckAfterMs);
      let onLoopback = false;
      connections.watch(server, (incoming, outgoing) => void door(incoming, outgoing, onLoopback));
      await listening(server, address);
      onLoopback = isLoopback((server.address() as AddressInfo).address);
      // An error of the server, such as no file descriptor left for a new connection, is not worth the process.
      server.on('error', (err) => log.warn({ err }, 'Connection not accepted'));
      servers.push(server);
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return {
    addresses: servers.map(addressOf),
    reconfigure(next) {
      const problem = tlsNeedsRestart(web, next);
      if (problem !== null) return { ok: false, problem };
      const another = !isDeepStrictEqual(web.tls, next.tls);
      for (const server of servers) {
        if (!another || !next.tls || !('setSecureContext' in server)) continue;
        server.setSecureContext(toContext(next.tls));
        // Sessions begun under the old settings cannot be resumed under the new ones.
        server.setTicketKeys(randomBytes(48));
      }
      web = next;
      if (another) connections.end();
      return { ok: true };
    },
    close,
  };
}

/** A client without a trusted certificate is let through the handshake and refused later: some paths may be open to everybody. */
function tlsOptions(tls: TlsSettings) {
  const requestCert = tls.clientAuth !== 'none';
  return {
    ...limits,
    ...toContext(tls),
    requestCert,
    rejectUnauthorized: false,
    handshakeTimeout: limits.headersTimeout,
    ALPNProtocols: ['http/1.1'],
  };
}

/** TLS 1.2 without forward secrecy is off unless the web config names such a cipher suite itself. */
function toContext({ context }: TlsSettings): TlsSettings['context'] {
  return { ciphers: forwardSecret, ...context };
}

/**
 * Connections that wait to be taken. With Node's 511 a storm fills the queue, and the system drops a scraper's first packet,
 * which is sent again after 1, 3, 7 s and so on. Linux allows no more than net.core.somaxconn.
 */
const waiting = 4_096;

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(toListenError(error, address));
    server.once('error', refuse);
    server.listen(
      { port: address.port, backlog: waiting, ...(address.host !== null && { host: address.host }) },
      () => {
        server.off('error', refuse);
        resolve();
      },
    );
  });
}

function addressOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return formatAddress({ host: address, port });
}

async function closeAll(servers: readonly Server[], drain: () => void, graceMs: number): Promise<void> {
  const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
  drain();
  const idle = setInterval(() => {
    for (const server of servers) server.closeIdleConnections();
  }, 100);
  const grace = setTimeout(() => {
    for (const server of servers) server.closeAllConnections();
  }, graceMs);
  await Promise.all(closed);
  clearInterval(idle);
  clearTimeout(grace);
}
