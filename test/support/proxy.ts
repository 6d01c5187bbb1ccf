import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';

export interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** Where tunnels were opened to. */
  readonly tunnels: readonly string[];
  readonly refused: number;
}

/** A CONNECT proxy; with `user:password` it refuses everybody else with 407. */
export async function startProxy(login: string | null = null): Promise<Proxy> {
  const tunnels: string[] = [];
  let refused = 0;
  const server: Server = createServer((_request, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    socket.on('error', () => {});
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
  return {
    url: `http://127.0.0.1:${port}`,
    tunnels,
    get refused() {
      return refused;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
