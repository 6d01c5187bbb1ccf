import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { TlsSettings, WebSettings } from '../../src/domain/protection.ts';
import { openDoor } from '../../src/http/access/web-settings.ts';
import { fakeServer } from '../http/fakes.ts';

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const pair = (name: string) => ({ cert: pem(`${name}.pem`), key: pem(`${name}.key`) });
const ca = pem('ca.pem');

function withTls(
  overrides: Partial<TlsSettings> = {},
  context: TlsSettings['context'] = {},
  rest: Partial<WebSettings> = {},
) {
  const tls = {
    clientAuth: 'none',
    allowedSans: null,
    ...overrides,
    context: { ...pair('server'), ca, ...context },
  } as const;
  return { ...openDoor, ...rest, tls };
}

type Server = Awaited<ReturnType<typeof fakeServer>>;

/** Status of an answer, the certificate that the server showed, or the code of why there was no connection. */
function ask({ port }: Server, client: object = {}, path = '/-/ready'): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, ca, agent: false, ...client }, (response) => {
      const socket = response.socket as TLSSocket;
      const name = socket.isSessionReused() ? 'resumed' : String(socket.getPeerCertificate().subject.CN);
      response.resume().on('end', () => resolve(`${response.statusCode} ${name}`));
    });
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end();
  });
}

describe('TLS', () => {
  test('is spoken, and nothing else', async () => {
    await using server = await fakeServer({ web: withTls() });
    expect(await ask(server)).toBe('200 server');
    await expect(fetch(`${server.url}/-/ready`)).rejects.toThrow();
  });

  test('whole scrapes go through it', async () => {
    const metrics = async () => [Buffer.alloc(3 * 1024 * 1024, 'a 1\n'), Buffer.from('end 1\n')];
    const { fakeAnswers } = await import('../http/fakes.ts');
    await using server = await fakeServer({ web: withTls(), answers: fakeAnswers({ metrics }) });
    const body = await new Promise<Buffer>((resolve, reject) => {
      request({ host: '127.0.0.1', port: server.port, path: '/metrics', ca, agent: false }, async (response) => {
        resolve(Buffer.concat(await response.toArray()));
      })
        .on('error', reject)
        .end();
    });
    expect(body.length).toBe(3 * 1024 * 1024 + 6);
    expect(body.subarray(-6).toString()).toBe('end 1\n');
  });

  test.each<[string, TlsSettings['context'], SecureVersion, string]>([
    ['1.2', { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }, 'TLSv1.2', '200 server'],
    ['1.3 alone, asked for 1.2', { minVersion: 'TLSv1.3' }, 'TLSv1.2', 'EPROTO'],
    ['1.3', { minVersion: 'TLSv1.3' }, 'TLSv1.3', '200 server'],
  ])('version %s', async (_, context, version, answer) => {
    await using server = await fakeServer({ web: withTls({}, context) });
    expect(await ask(server, { minVersion: version, maxVersion: version })).toBe(answer);
  });

  const rsa = { ...pair('rsa'), ca: pem('rsa.pem') };
  test.each(['AES128-GCM-SHA256', 'AES256-SHA256'])('1.2 without forward secrecy is off: %s', async (ciphers) => {
    await using server = await fakeServer({ web: withTls({}, rsa) });
    const client = { ca: rsa.ca, maxVersion: 'TLSv1.2' };
    expect(await ask(server, { ...client, ciphers })).toBe('EPROTO');
    expect(await ask(server, client)).toBe('200 rsa');
  });

  test('1.2 with the cipher suites that the web config names', async () => {
    const ciphers = 'AES128-GCM-SHA256';
    await using server = await fakeServer({ web: withTls({}, { ...rsa, ciphers }) });
    expect(await ask(server, { ca: rsa.ca, maxVersion: 'TLSv1.2', ciphers })).toBe('200 rsa');
  });

  test('a connection that never shakes hands does not hinder closing', async () => {
    const { open, closed } = await import('../http/raw.ts');
    const server = await fakeServer({ web: withTls() });
    const socket = await open(server.port);
    await server.close(60_000);
    await closed(socket);
  });
});

describe('client certificates', () => {
  const strict = { clientAuth: 'requireAndVerify' } as const;
  test.each([
    ['none asked for', 'none', null, '200'],
    ['asked for, none shown', 'request', null, '200'],
    ['any needed, none shown', 'require', null, '403'],
    ['any needed, a stranger', 'require', 'stranger', '200'],
    ['verified if shown, none shown', 'verifyIfGiven', null, '200'],
    ['verified if shown, a stranger', 'verifyIfGiven', 'stranger', '403'],
    ['verified if shown, one of ours', 'verifyIfGiven', 'client', '200'],
    ['needed, none shown', 'requireAndVerify', null, '403'],
    ['needed, a stranger', 'requireAndVerify', 'stranger', '403'],
    ['needed, one of ours', 'requireAndVerify', 'client', '200'],
  ] as const)('%s', async (_, clientAuth, name, status) => {
    await using server = await fakeServer({ web: withTls({ clientAuth }) });
    expect(await ask(server, name ? pair(name) : {})).toBe(`${status} server`);
  });

  test.each([
    ['DNS:', 'prometheus.example', '200'],
    ['URI:', 'spiffe://example/prometheus', '200'],
    ['email:', 'ops@example.com', '200'],
    ['IP Address:', '10.0.0.1', '200'],
    ['a part of one', 'example', '403'],
    ['another', 'nobody.example', '403'],
  ])('with the name %s%s', async (_, name, status) => {
    await using server = await fakeServer({ web: withTls({ ...strict, allowedSans: ['x.example', name] }) });
    expect(await ask(server, pair('client'))).toBe(`${status} server`);
  });

  test('open paths are open to who shows none', async () => {
    await using server = await fakeServer({ web: withTls(strict, {}, { openPaths: ['/-/healthy'] }) });
    expect(await ask(server, {}, '/-/healthy')).toBe('200 server');
    expect(await ask(server, {}, '/metrics')).toBe('403 server');
  });

  test.each([
    ['TLSv1.2', null, '403 resumed'],
    ['TLSv1.3', null, '403 resumed'],
    ['TLSv1.2', 'stranger', '403 resumed'],
    ['TLSv1.3', 'stranger', '403 resumed'],
    ['TLSv1.2', 'client', '200 resumed'],
    ['TLSv1.3', 'client', '200 resumed'],
  ] as const)('a session of %s begun with certificate %s and resumed', async (version, name, answer) => {
    await using server = await fakeServer({ web: withTls(strict, { minVersion: version, maxVersion: version }) });
    const client = name ? pair(name) : {};
    const session = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: server.port, ca, ...client });
      socket.on('session', resolve).on('error', reject);
      socket.end('GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').resume();
    });
    expect(await ask(server, { session })).toBe(answer);
  });
});

describe('another web config', () => {
  test('brings a new certificate to new connections, and other users', async () => {
    await using server = await fakeServer({ web: withTls() });
    expect(await ask(server)).toBe('200 server');
    expect(server.reconfigure(withTls({}, pair('renewed'), { users: new Map([['a', 'b']]) }))).toEqual({ ok: true });
    expect(await ask(server)).toBe('401 renewed');
  });

  test('trusts others from then on', async () => {
    const clientAuth = 'requireAndVerify';
    await using server = await fakeServer({ web: withTls({ clientAuth }) });
    expect(await ask(server, pair('stranger'))).toBe('403 server');
    server.reconfigure(withTls({ clientAuth }, { ca: pem('other-ca.pem') }));
    expect(await ask(server, pair('stranger'))).toBe('200 server');
    expect(await ask(server, pair('client'))).toBe('403 server');
  });

  test('of TLS ends the connections that are open, and their sessions; one of users alone does not', async () => {
    const clientAuth = 'requireAndVerify';
    const before = withTls({ clientAuth });
    await using server = await fakeServer({ web: before });
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, ...pair('client') });
    const onAgent = () => ask(server, { agent });
    expect(await onAgent()).toBe('200 server');
    const [socket] = Object.values(agent.freeSockets).flat();
    server.reconfigure({ ...before, openPaths: ['/-/healthy'] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(socket?.destroyed).toBe(false);
    server.reconfigure(withTls({ clientAuth }, { ca: pem('other-ca.pem') }));
    await expect.poll(() => socket?.destroyed).toBe(true);
    expect(await onAgent()).toBe('403 server');
    agent.destroy();
  });

  test.each([
    ['TLS', withTls(), openDoor, 'To turn TLS on or off, restart'],
    [
      'client certificates',
      withTls(),
      withTls({ clientAuth: 'require' }),
      'To begin or stop asking for client certificates, restart',
    ],
  ])('cannot turn %s on', async (_, before, after, problem) => {
    await using server = await fakeServer({ web: before });
    expect(server.reconfigure(after)).toEqual({ ok: false, problem });
    expect(await ask(server)).toBe('200 server');
  });
});
