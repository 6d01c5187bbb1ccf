import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Log } from '../domain/log.ts';
import type { TlsSettings, WebSettings } from '../domain/protection.ts';
import { createAdmit } from './access/auth.ts';
import { openDoor, tlsNeedsRestart } from './access/web-settings.ts';
import type { Answers, Pages } from './answers.ts';
import { headersOf } from './headers.ts';
import { formatAddress, type ListenAddress, toListenError } from './listen-address.ts';
import { createRender, createScrape, leastBatch } from './metrics/scrape.ts';
import { createSlots } from './metrics/slots.ts';
import { answerPlainly, type PlainAnswer } from './plain-answer.ts';
import { createRoutes } from './routes.ts';
import { createConnections } from './sockets.ts';

export interface ServerOptions {
  /** At least one. */
  readonly listen: readonly ListenAddress[];
  readonly telemetryPath: string;
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
  /** Takes other settings, for new connections and requests; or changes nothing, and says why. */
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
  maxHeaderSize: 8 * 1024,
  highWaterMark: leastBatch,
};
const twoHosts: PlainAnswer = {
  status: 400,
  text: 'More than one Host header\n',
  headers: { Connection: 'close' },
};
/** Beside the scrapes: people, probes and keep-alive connections that wait for the next scrape. */
const spareConnections = 512;

/** Listens on every address or on none: throws a ListenError and leaves nothing open. */
export async function startServer(options: ServerOptions): Promise<WebServer> {
  const { listen, telemetryPath, maxRequests, monotonic, log, stuckAfterMs = 30_000 } = options;
  let web = options.web ?? openDoor;
  const admit = createAdmit(() => web);
  const scrape = createScrape({
    telemetryPath,
    render: createRender(options.answers.metrics),
    slots: createSlots(maxRequests, monotonic),
    admit,
    headers: () => headersOf(web),
    log,
  });
  const app = createRoutes({ ...options, scrape, admit, web: () => web });
  const connections = createConnections(maxRequests + spareConnections);
  const route = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    if (hostHeaders(incoming) > 1) return answerPlainly(outgoing, twoHosts);
    // As every scraper asks. Past the routes a small scrape is a tenth to a quarter faster.
    const isScrape = incoming.url === telemetryPath && incoming.method === 'GET';
    const answer = isScrape ? scrape : route;
    answer(incoming, outgoing).catch((err) => {
      log.error({ err }, 'Answer failed');
      outgoing.destroy();
    });
  };

  const servers: (Server | TlsServer)[] = [];
  const close = (graceMs: number) => closeAll(servers, connections.drain, graceMs);
  try {
    for (const address of listen) {
      const server = web.tls ? createTlsServer(tlsOptions(web.tls)) : createServer(limits);
      server.setTimeout(stuckAfterMs);
      connections.watch(server, onRequest);
      await listening(server, address);
      // Such as no file descriptor left for a new connection: not worth the process.
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
      for (const server of servers) {
        if (next.tls && 'setSecureContext' in server) server.setSecureContext(next.tls.context);
      }
      web = next;
      return { ok: true };
    },
    close,
  };
}

/** Who shows no certificate, or one that is not trusted, is answered that: some paths may be open to everybody. */
function tlsOptions({ context, clientAuth }: TlsSettings) {
  const requestCert = clientAuth !== 'none';
  return {
    ...limits,
    ...context,
    requestCert,
    rejectUnauthorized: false,
    handshakeTimeout: limits.headersTimeout,
    ALPNProtocols: ['http/1.1'],
  };
}

function hostHeaders({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
}

function listening(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException) => reject(toListenError(error, address));
    server.once('error', refuse);
    server.listen({ port: address.port, ...(address.host !== null && { host: address.host }) }, () => {
      server.off('error', refuse);
      resolve();
    });
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
