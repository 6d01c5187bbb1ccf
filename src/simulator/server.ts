/** The simulator's HTTP server: reads requests whole, counts them, and closes with its connections. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Where {
  readonly host?: string;
  readonly port?: number;
}

export interface SimulatorServer extends AsyncDisposable {
  /** The base URL; '' until it listens. */
  readonly url: string;
  readonly connectionsOpened: number;
  /** The highest number of requests that were in flight at once since the last `forget`. */
  readonly mostInFlight: number;
  forget(): void;
  /** Listens and resolves with the base URL. */
  start(where?: Where): Promise<string>;
}

type Handle = (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>;

export interface SimulatorServerOptions {
  readonly tls: { readonly key: string; readonly cert: string } | null;
  /** Answers one request; when it rejects the connection is cut. */
  readonly handle: Handle;
}

export function createSimulatorServer({ tls, handle }: SimulatorServerOptions): SimulatorServer {
  let connectionsOpened = 0;
  let inFlight = 0;
  let mostInFlight = 0;
  let url = '';

  const listener: RequestListener = (request, response) => {
    inFlight++;
    mostInFlight = Math.max(mostInFlight, inFlight);
    response.once('close', () => inFlight--);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => {});
    request.on('end', () => {
      handle(request, response, Buffer.concat(chunks).toString()).catch(() => response.destroy());
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.keepAliveTimeout = 120_000;
  server.on('connection', () => connectionsOpened++);
  server.on('clientError', (_error, socket) => socket.destroy());

  return {
    get url() {
      return url;
    },
    get connectionsOpened() {
      return connectionsOpened;
    },
    get mostInFlight() {
      return mostInFlight;
    },
    forget() {
      mostInFlight = 0;
    },
    async start({ host = '127.0.0.1', port = 0 } = {}) {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      url = `${tls ? 'https' : 'http'}://${name}:${address.port}`;
      return url;
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
