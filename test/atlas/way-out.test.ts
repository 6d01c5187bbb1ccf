import { beforeAll, describe, expect, test } from 'vitest';
import { toAtlasError } from '../../src/atlas/error.ts';
import { createSimulator, type SimulatorOptions } from '../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';
import { type Authority, createAuthority } from '../support/certificates.ts';
import { startProxy } from '../support/proxy.ts';

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
    expect(await reasonOf(trusting.fetchSnapshot(source, how()))).toBe('nothing');
    await using other = atlasFor(simulator, { retries: 0 });
    const error = await other.fetchSnapshot(source, how()).catch(toAtlasError);
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
    expect(await atlas.fetchSnapshot(source, how()).catch(toAtlasError)).toMatchObject({
      reason: 'tls',
      detail: `TLS failed: ${code}`,
    });
    expect(simulator.requests).toEqual([]);
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
    for (let n = 0; n < 5; n++) expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
    expect(new Set(proxy.tunnels)).toEqual(new Set([url.replace('https://', '')]));
    expect(proxy.tunnels.length).toBeLessThanOrEqual(2);
  });

  test('with a password, and without the right one a message that says so', async () => {
    await using simulator = await start({ tls: tls() });
    await using proxy = await startProxy('robot:marked-secret');
    const by = (login: string) => ({ HTTPS_PROXY: proxy.url.replace('//', `//${login}@`) });
    await using atlas = atlasFor(simulator, { authorities: authority.cert, env: by('robot:marked-secret') });
    expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
    await using wrong = atlasFor(simulator, { authorities: authority.cert, env: by('robot:wrong-secret'), retries: 0 });
    const error = await wrong.fetchSnapshot(source, how()).catch(toAtlasError);
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
    expect(await reasonOf(straight.fetchSnapshot(source, how()))).toBe('nothing');
    await using down = atlasFor(simulator, { authorities: authority.cert, env, retries: 0 });
    expect(await reasonOf(down.fetchSnapshot(source, how()))).toBe('network');
  });
});

test('IPv6, and connections that are kept', async () => {
  await using simulator = await start({}, '::1');
  await using atlas = atlasFor(simulator, { concurrency: 1 });
  for (let n = 0; n < 10; n++) expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
  expect(simulator.connectionsOpened).toBeLessThanOrEqual(2);
});
