import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { type ConnectProxy, startProxy } from '../../support/proxy.ts';
import { expectSurvived, type Stage, seriesAfterRefresh, startStage, toFigure } from './stage.ts';

let authority: Authority;
beforeAll(() => {
  authority = createAuthority();
});

interface Front<S extends Server> extends AsyncDisposable {
  readonly server: S;
  readonly port: number;
  /** Everything that comes is passed on to there. */
  target: number;
  cut(): void;
}

/** Stands before the simulator, with or without TLS. */
async function startFront<S extends Server>(make: (listener: (socket: Socket) => void) => S): Promise<Front<S>> {
  const sockets = new Set<Socket>();
  const front = { target: 0 };
  const server = make((socket) => {
    const upstream = connect(front.target, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const one of [socket, upstream]) one.on('error', () => {});
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      upstream.destroy();
    });
    upstream.on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(front, {
    server,
    cut,
    port: typeof address === 'object' && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      cut();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  });
}

const portOf = (url: string) => Number(new URL(url).port);

describe.concurrent('the app survives', () => {
  test('a connection that is refused', async ({ task }) => {
    await using front = await startFront((listener) => createServer(listener));
    await using stage = await startStage({
      baseUrl(simulator) {
        front.target = portOf(simulator);
        return `http://127.0.0.1:${front.port}`;
      },
    });
    const figures = await expectSurvived(stage, {
      reason: 'network',
      everybody: true,
      async begin() {
        const closed = new Promise((resolve) => front.server.close(resolve));
        front.cut();
        await closed;
        return () => new Promise<void>((resolve) => front.server.listen(front.port, '127.0.0.1', resolve));
      },
    });
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test('a name that is not found', async ({ task }) => {
    await using stage = await startStage();
    const figures = await expectSurvived(stage, elsewhere('https://nowhere.invalid', 'network'));
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test('a black hole on connect', async ({ task }) => {
    await using hole = await startBlackHole();
    await using stage = await startStage();
    const figures = await expectSurvived(stage, elsewhere(`http://127.0.0.1:${hole.port}`, 'timeout'));
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test.for([
    ['that has expired', () => authority.issue(['127.0.0.1'], -1)],
    ['of another host', () => authority.issue(['elsewhere.test'])],
    ['that is self-signed', () => createAuthority()],
    ['of an authority that nobody knows', () => createAuthority().issue(['127.0.0.1'])],
  ] as const)('a certificate %s', async ([, wrong], { task }) => {
    const right = authority.issue(['127.0.0.1']);
    await using front = await startFront((listener) => createTlsServer(right, listener));
    await using stage = await startTls(front);
    const figures = await expectSurvived(stage, {
      reason: 'tls',
      everybody: true,
      begin() {
        const show = (certificate: { readonly key: string; readonly cert: string }) => {
          front.server.setSecureContext(certificate);
          front.cut();
        };
        show(wrong());
        return () => show(right);
      },
    });
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test.for([
    [
      'asks for another password (407)',
      (proxy: ConnectProxy) => proxy.answer(407),
      (proxy: ConnectProxy) => proxy.answer(null),
    ],
    ['refuses (403)', (proxy: ConnectProxy) => proxy.answer(403), (proxy: ConnectProxy) => proxy.answer(null)],
    ['is down', (proxy: ConnectProxy) => proxy.stop(), (proxy: ConnectProxy) => proxy.restart()],
  ] as const)('a proxy that %s', async ([, begin, end], { task }) => {
    const password = 'proxy-password-7c1f0a52';
    await using proxy = await startProxy(`robot:${password}`);
    await using front = await startFront((listener) => createTlsServer(authority.issue(['127.0.0.1']), listener));
    await using stage = await startTls(front, {
      env: { HTTPS_PROXY: proxy.url.replace('//', `//robot:${password}@`) },
      secrets: { 'the password of the proxy': password },
    });
    expect(proxy.tunnels.length).toBeGreaterThan(0);
    const figures = await expectSurvived(stage, {
      reason: 'network',
      everybody: true,
      async begin() {
        await begin(proxy);
        return async () => {
          await end(proxy);
        };
      },
    });
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test('a proxy that is down, where NO_PROXY goes straight', async () => {
    await using front = await startFront((listener) => createTlsServer(authority.issue(['127.0.0.1']), listener));
    // Both projects were polled well when it resolves.
    await using stage = await startTls(front, {
      env: { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'example.com,127.0.0.1' },
    });
    const series = await seriesAfterRefresh(stage);
    expect(series['mongodb_atlas_exporter_poll_failures_total{reason="network"}']).toBe(0);
  });
});

function startTls(
  front: Front<TlsServer>,
  { env, secrets }: { readonly env?: Record<string, string>; readonly secrets?: Stage['secrets'] } = {},
): Promise<Stage> {
  return startStage({
    atlas: `, caFile: "${authority.caFile}"`,
    baseUrl(simulator) {
      front.target = portOf(simulator);
      return `https://127.0.0.1:${front.port}`;
    },
    ...(env && { daemon: { env } }),
    ...(secrets && { secrets }),
  });
}

/** A reload asks elsewhere, and another one there again. */
function elsewhere(url: string, reason: 'network' | 'timeout') {
  return {
    reason,
    everybody: true,
    async begin(stage: Stage) {
      const reload = async (change: (yaml: string) => string) => {
        stage.configure(change);
        expect(await stage.daemon.app.reload()).toEqual({ ok: true });
      };
      await reload((yaml) => yaml.replace(stage.simulator.url, url));
      return () => reload((yaml) => yaml);
    },
  } as const;
}

/** A port whose process is stopped and whose queue is full: nothing that comes is answered. */
async function startBlackHole(): Promise<{ readonly port: number } & AsyncDisposable> {
  const script = `const s = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port));`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const fill = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 300));
  // The last of them is not let in any more.
  expect(fill.at(-1)?.connecting).toBe(true);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of fill) socket.destroy();
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
