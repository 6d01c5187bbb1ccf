import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

export interface ConnectProxy extends AsyncDisposable {
  readonly url: string;
  /** Where tunnels were opened to. */
  readonly tunnels: readonly string[];
  readonly refused: number;
  /** Answers every CONNECT with this status; null works again. Tunnels that are open are cut. */
  answer(status: number | null): void;
  /** As if it were not there: nobody listens. */
  stop(): Promise<void>;
  /** Listens again where it did. */
  restart(): Promise<void>;
}

/** A CONNECT proxy; with `user:password` it refuses everybody else with 407. */
export async function startProxy(login: string | null = null): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const sockets = new Set<Duplex>();
  let refused = 0;
  let answered: number | null = null;
  const server: Server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => {});
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    if (answered !== null) {
      refused++;
      socket.end(`HTTP/1.1 ${answered} Refused\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const wanted = login === null ? null : `Basic ${Buffer.from(login).toString('base64')}`;
    if (wanted !== null && request.headers['proxy-authorization'] !== wanted) {
      refused++;
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n',
      );
      return;
    }
    const [host = '', port = ''] = (request.url ?? '').split(':');
    tunnels.push(request.url ?? '');
    const upstream = connect(Number(port), host === 'atlas.test' ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    cut();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    get refused() {
      return refused;
    },
    answer(status) {
      answered = status;
      cut();
    },
    stop: close,
    restart: () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve)),
    async [Symbol.asyncDispose]() {
      if (server.listening) await close();
    },
  };
}
