import { gzipSync } from 'node:zlib';
import type { HttpBindings } from '@hono/node-server';
import type { ChangesQuery } from '../../src/domain/change-log.ts';
import type { Log } from '../../src/domain/log.ts';
import { openDoor } from '../../src/http/access/web-settings.ts';
import type { Answers, Pages } from '../../src/http/answers.ts';
import { createFailed } from '../../src/http/door.ts';
import { createRoutes, type RouteOptions } from '../../src/http/routes.ts';
import { type ServerOptions, startServer } from '../../src/http/server.ts';
import { epoch } from '../support/builders.ts';

/** Everything is well, and nothing is watched. */
export function fakeAnswers(overrides: Partial<Answers> = {}): Answers {
  return {
    metrics: async (format, compressed) => {
      const pieces = [Buffer.from('up 1\n'), Buffer.from(format === 'openmetrics' ? '# EOF\n' : '')];
      return compressed ? [gzipSync(Buffer.concat(pieces))] : pieces;
    },
    health: () => ({ healthy: true, detail: 'The scheduler turns' }),
    readiness: () => ({ ready: true, detail: 'Ready' }),
    reload: async () => ({ ok: true }),
    effectiveConfig: () => 'atlas:\n  api: v2\n',
    view: () => ({ at: epoch, projects: [], credentials: [] }),
    targets: () => ({ at: epoch, projects: [], credentials: [] }),
    changes: async () => [],
    ...overrides,
  };
}

export const fakePages: Pages = {
  contentSecurityPolicy: "default-src 'self'",
  render: async (path, search) =>
    path === '/' ? { status: 200, html: `<p>status of ${search.size} filters</p>` } : null,
};

/** A log that remembers its messages. */
export function fakeLog(): Log & { readonly messages: string[] } {
  const messages: string[] = [];
  const remember = (_: object, message: string) => {
    messages.push(message);
  };
  return { messages, debug: remember, info: remember, warn: remember, error: remember };
}

/** What needs no socket: everybody may come in, and nobody scrapes. */
export function fakeRoutes(overrides: Partial<RouteOptions> = {}) {
  const routes = createRoutes({
    answers: fakeAnswers(),
    pages: fakePages,
    lifecycle: false,
    externalUrl: null,
    web: () => openDoor,
    failed: createFailed(fakeLog()),
    ...overrides,
  });
  const noSocket = {} as HttpBindings;
  return { request: (path: string, init?: RequestInit) => routes.request(path, init, noSocket) };
}

/** A server on a port of its own on loopback, closed with `await using`. */
export async function fakeServer(overrides: Partial<ServerOptions> = {}) {
  const server = await startServer({
    listen: [{ host: '127.0.0.1', port: 0 }],
    telemetryPath: '/metrics',
    maxRequests: 40,
    lifecycle: false,
    answers: fakeAnswers(),
    pages: fakePages,
    log: fakeLog(),
    monotonic: () => performance.now(),
    ...overrides,
  });
  const [address = ''] = server.addresses;
  return {
    ...server,
    address,
    port: Number(address.split(':').at(-1)),
    url: `http://${address}`,
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

/** Remembers what was asked for. */
export function askedChanges(): { readonly queries: ChangesQuery[]; readonly changes: Answers['changes'] } {
  const queries: ChangesQuery[] = [];
  return {
    queries,
    changes: async (query) => {
      queries.push(query);
      return [];
    },
  };
}
