/** What stands for the nodes of clusters: TLS servers on addresses of loopback, and a hosts file that knows their names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { type Authority, type Certificate, createAuthority } from '../../support/certificates.ts';

/** The nodes behind one private connection string. */
export interface Nodes {
  readonly host: string;
  /** Nobody listens on the first of the ports any more. */
  closeOne(): Promise<void>;
  /** The name has no address any more. */
  forget(): void;
  /** All nodes show a certificate for these names, or of these days. */
  show(names: readonly string[], days?: number): Promise<void>;
  /** All nodes take connections and never speak TLS. */
  goSilent(): Promise<void>;
}

export interface Network extends AsyncDisposable {
  /** A hosts file that is written anew as names come and go, and a list of resolvers of which none answers. */
  readonly hosts: string;
  readonly resolvers: string;
  readonly caFile: string;
  /** Three nodes, as the simulator's connection strings name them. */
  add(host: string): Promise<Nodes>;
}

const ports = [1024, 1025, 1026] as const;

export async function createNetwork(folder: string): Promise<Network> {
  mkdirSync(folder, { recursive: true });
  const authority = createAuthority();
  const hosts = join(folder, 'hosts');
  const resolvers = join(folder, 'resolv.conf');
  const known = new Map<string, string>();
  const write = () => writeFileSync(hosts, [...known].map(([host, address]) => `${address} ${host}\n`).join(''));
  write();
  // Nobody listens there: what the hosts file does not know is known nowhere.
  writeFileSync(resolvers, 'nameserver 127.23.255.53\noptions timeout:1 attempts:1\n');
  const all: Listener[] = [];
  let count = 0;
  return {
    ...{ hosts, resolvers, caFile: authority.caFile },
    async add(host) {
      count += 1;
      const address = `127.23.${count}.1`;
      const listeners = ports.map((port) => createListener(address, port));
      all.push(...listeners);
      const show = async (certificate: Certificate | null) => {
        for (const listener of listeners) await listener.replace(certificate);
      };
      await show(issue(authority, [host]));
      known.set(host, address);
      write();
      return {
        host,
        closeOne: async () => listeners[0]?.close(),
        forget() {
          known.delete(host);
          write();
        },
        show: (names, days) => show(issue(authority, names, days)),
        goSilent: () => show(null),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const listener of all) await listener.close();
    },
  };
}

function issue(authority: Authority, names: readonly string[], days = 60): Certificate {
  return authority.issue(names, days);
}

interface Listener {
  close(): Promise<void>;
  /** Listens with this certificate, or without TLS where there is none. */
  replace(certificate: Certificate | null): Promise<void>;
}

function createListener(host: string, port: number): Listener {
  let server: Server | null = null;
  const sockets = new Set<Socket>();
  const close = async () => {
    const closing = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise((resolve) => closing.close(resolve));
  };
  return {
    close,
    async replace(certificate) {
      await close();
      const next: Server = certificate ? createTlsServer({ ...certificate }) : createServer();
      next.on('connection', (socket: Socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      });
      next.on('tlsClientError', () => {});
      server = next;
      await new Promise<void>((resolve, reject) => next.once('error', reject).listen(port, host, resolve));
    },
  };
}
