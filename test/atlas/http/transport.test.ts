import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { toAtlasError } from '../../../src/atlas/error.ts';
import { createSimulator, type SimulatorOptions } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { startProxy } from '../../support/proxy.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const source = aSource({ projectId: id });
let authority: Authority;

beforeAll(() => {
  authority = createAuthority();
});

async function start(options: SimulatorOptions = {}, host = '127.0.0.1') {
  const simulator = createSimulator(options);
  await simulator.start({ host });
  simulator.world.addConnection(simulator.world.addProject({ id }));
  return simulator;
}

describe('TLS', () => {
  test('a private authority is trusted when it is named, and not otherwise', async () => {
    await using simulator = await start({ tls: authority.issue(['127.0.0.1']) });
    await using trusting = atlasFor(simulator, { authorities: authority.cert });
    expect(await reasonOf(trusting.fetchReading(source, how()))).toBe('nothing');
    await using other = atlasFor(simulator, { retries: 0 });
    const error = await other.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'tls',
      detail: 'TLS failed: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      remedy: expect.stringContaining('atlas.caFile'),
    });
  });

  test.each([
    ['expired', () => authority.issue(['127.0.0.1'], -1), 'CERT_HAS_EXPIRED'],
    ['of another host', () => authority.issue(['elsewhere.test']), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed', () => createAuthority(), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('a certificate that is %s is refused', async (_name, certificate, code) => {
    await using simulator = await start({ tls: certificate() });
    await using atlas = atlasFor(simulator, { authorities: authority.cert, retries: 0 });
    expect(await atlas.fetchReading(source, how()).catch(toAtlasError)).toMatchObject({
      reason: 'tls',
      detail: `TLS failed: ${code}`,
    });
    expect(simulator.requests).toEqual([]);
  });
});

describe('a connection that fails names its error and address', () => {
  const free = async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return { server, port };
  };
  const failureAt = async (url: string, env: Record<string, string> = {}) => {
    await using atlas = atlasFor({ url }, { retries: 0, env });
    const { reason, detail } = await atlas.fetchReading(source, how()).then(
      () => ({ reason: 'nothing', detail: '' }),
      (thrown) => toAtlasError(thrown),
    );
    return `${reason}: ${detail}`;
  };
  const closedPort = async () => {
    const { server, port } = await free();
    server.close();
    await once(server, 'close');
    return port;
  };

  test('refused', async () => {
    const port = await closedPort();
    expect(await failureAt(`http://127.0.0.1:${port}`)).toBe(`network: connect ECONNREFUSED 127.0.0.1:${port}`);
  });

  test('refused on every address of a name', async () => {
    const port = await closedPort();
    expect(await failureAt(`http://localhost:${port}`)).toMatch(
      new RegExp(`^network: connect ECONNREFUSED .*127\\.0\\.0\\.1:${port}`),
    );
  });

  test('an unknown host', async () => {
    expect(await failureAt('https://nowhere.invalid')).toMatch(
      /^network: getaddrinfo (?:ENOTFOUND|EAI_AGAIN) nowhere\.invalid$/,
    );
  });

  test('reset, and closed without an answer', async () => {
    for (const [end, told] of [
      [(socket: Socket) => socket.resetAndDestroy(), /^network: (?:read|connect) ECONNRESET/],
      [(socket: Socket) => socket.end(), /^network: The other side closed the connection$/],
    ] as const) {
      const { server, port } = await free();
      server.on('connection', end);
      expect(await failureAt(`http://127.0.0.1:${port}`)).toMatch(told);
      server.close();
    }
  });

  test('unroutable', async () => {
    // A route that does not exist on a machine without multicast on its loopback: it is refused at once, or never answers.
    expect(await failureAt('http://[100::1]:8080')).toMatch(/^(?:network|timeout): .*\[?100::1\]?:8080/);
  });

  test('a dead proxy', async () => {
    const port = await closedPort();
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    expect(await failureAt('https://cloud.mongodb.test', env)).toBe(
      `network: connect ECONNREFUSED 127.0.0.1:${port}, the proxy of HTTPS_PROXY`,
    );
  });

  test('a proxy that is not found', async () => {
    const env = { https_proxy: 'http://proxy.invalid:3128' };
    expect(await failureAt('https://cloud.mongodb.test', env)).toMatch(
      /^network: getaddrinfo (?:ENOTFOUND|EAI_AGAIN) proxy\.invalid, the proxy of HTTPS_PROXY$/,
    );
  });

  test('a proxy that refuses CONNECT', async () => {
    await using proxy = await startProxy();
    proxy.answer(403);
    expect(await failureAt('https://cloud.mongodb.test', { HTTPS_PROXY: proxy.url })).toBe(
      'network: The proxy refused the connection with 403',
    );
  });
});

describe('proxies', () => {
  const tls = () => authority.issue(['atlas.test', '127.0.0.1']);

  test('HTTPS_PROXY carries every request through a few tunnels', async () => {
    await using simulator = await start({ tls: tls() });
    await using proxy = await startProxy();
    const url = simulator.url.replace('127.0.0.1', 'atlas.test');
    await using atlas = atlasFor(
      { url },
      { authorities: authority.cert, env: { HTTPS_PROXY: proxy.url }, concurrency: 2 },
    );
    for (let n = 0; n < 5; n++) expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
    expect(new Set(proxy.tunnels)).toEqual(new Set([url.replace('https://', '')]));
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2);
  });

  test('with a password, and without the right one a message that says so', async () => {
    await using simulator = await start({ tls: tls() });
    await using proxy = await startProxy('robot:marked-secret');
    const by = (login: string) => ({ HTTPS_PROXY: proxy.url.replace('//', `//${login}@`) });
    await using atlas = atlasFor(simulator, { authorities: authority.cert, env: by('robot:marked-secret') });
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
    await using wrong = atlasFor(simulator, { authorities: authority.cert, env: by('robot:wrong-secret'), retries: 0 });
    const error = await wrong.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'network',
      detail: 'The proxy refused the connection with 407',
      remedy: expect.stringContaining('HTTPS_PROXY'),
    });
    expect(JSON.stringify(error)).not.toContain('wrong-secret');
    expect(proxy.refused).toBeGreaterThan(0);
  });

  test('NO_PROXY goes straight, and a proxy that is down is network', async () => {
    await using simulator = await start({ tls: tls() });
    const env = { https_proxy: 'http://127.0.0.1:1' };
    await using straight = atlasFor(simulator, { authorities: authority.cert, env: { ...env, no_proxy: '127.0.0.1' } });
    expect(await reasonOf(straight.fetchReading(source, how()))).toBe('nothing');
    await using down = atlasFor(simulator, { authorities: authority.cert, env, retries: 0 });
    expect(await reasonOf(down.fetchReading(source, how()))).toBe('network');
  });
});

test('IPv6, and connections that are kept', async () => {
  await using simulator = await start({}, '::1');
  await using atlas = atlasFor(simulator, { concurrency: 1 });
  for (let n = 0; n < 10; n++) expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
  expect(simulator.connectionsOpened).toBeLessThanOrEqual(2);
});
