import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toAtlasError } from '../../src/atlas/error.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { atlasFor, digestCredential, how, reasonOf, serviceAccountCredential } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const source = aSource({ projectId: id });
let simulator: Simulator;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  const project = simulator.world.addProject({ id });
  simulator.world.attach(simulator.world.addConnection(project), { id: 'vpce-1' });
});
afterEach(() => simulator[Symbol.asyncDispose]());

const authenticated = ({ operation }: { operation: string }) => operation === 'v2.list';
const right = (body: string | Buffer) => effects.body(() => body);

describe('every trouble has its reason', () => {
  test.each([
    ['401 of a bad key', effects.error(401, 'UNEXPECTED_ERROR'), 'unauthorized'],
    ['401 of a web filter', effects.status(401), 'invalid_response'],
    ['403 of a web filter', effects.status(403), 'invalid_response'],
    [
      '403 in JSON without an errorCode',
      effects.reply({ status: 403, headers: {}, body: '{"error":1}' }),
      'invalid_response',
    ],
    ['402 without a body', effects.status(402), 'invalid_response'],
    ['401 no access to the project', effects.error(401, 'USER_CANNOT_ACCESS_GROUP'), 'forbidden'],
    ['401 not in the project', effects.error(401, 'NOT_IN_GROUP'), 'project_not_found'],
    ['402', effects.error(402, 'ACCOUNT_SUSPENDED'), 'forbidden'],
    ['403 of a role', effects.error(403, 'ACCESS_FORBIDDEN'), 'forbidden'],
    ['403 access list', effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'), 'ip_access_list'],
    ['403 old access list', effects.error(403, 'ORG_REQUIRES_WHITELIST'), 'ip_access_list'],
    ['404 project', effects.error(404, 'GROUP_NOT_FOUND'), 'project_not_found'],
    ['404 of the list', effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported'],
    ['404 of a web filter', effects.status(404), 'invalid_response'],
    ['400', effects.error(400, 'VALIDATION_ERROR'), 'invalid_response'],
    ['406', effects.error(406, 'INVALID_VERSION_DATE'), 'not_supported'],
    ['410', effects.error(410, 'VERSION_GONE'), 'not_supported'],
    ['410 of a web filter', effects.status(410), 'invalid_response'],
    ['408 without a body', effects.status(408), 'timeout'],
    ['429 in HTML', effects.status(429), 'rate_limited'],
    ['500', effects.error(500, 'UNEXPECTED_ERROR'), 'server_error'],
    ['503 in HTML', effects.status(503), 'server_error'],
    ['504', effects.status(504), 'server_error'],
    ['a redirect', effects.status(302, { Location: 'http://127.0.0.1:1/' }), 'invalid_response'],
    ['silence', effects.silence(), 'timeout'],
    ['a body that drips', effects.drip(100), 'timeout'],
    ['a reset', effects.reset(), 'network'],
    ['a reset in the body', effects.resetInBody(), 'network'],
    ['HTML', right('<html></html>'), 'invalid_response'],
    ['nothing', right(''), 'invalid_response'],
    ['half of it', effects.body((body) => body.slice(0, body.length / 2)), 'invalid_response'],
    ['trailing garbage', effects.body((body) => `${body}x`), 'invalid_response'],
    ['invalid UTF-8', right(Buffer.from([0x5b, 0xff, 0x5d])), 'invalid_response'],
    ['an object', right('{}'), 'invalid_response'],
    ['a missing id', right('[{"cloudProvider":"AWS","status":"AVAILABLE"}]'), 'invalid_response'],
    ['a null status', right('[{"id":"1","status":null}]'), 'invalid_response'],
    ['a number for a list', right('[{"id":"1","status":"AVAILABLE","interfaceEndpoints":7}]'), 'invalid_response'],
    ['an id twice', right('[{"id":"1","status":"AVAILABLE"},{"id":"1","status":"FAILED"}]'), 'invalid_response'],
    ['a million elements', right(`[${'{},'.repeat(1_000_000)}{}]`), 'invalid_response'],
    ['nesting', right(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'invalid_response'],
    ['50 MB', effects.gzipBomb(50 * 1024 * 1024), 'invalid_response'],
    ['an unknown encoding', effects.headers({ 'Content-Encoding': 'snappy' }), 'nothing'],
    ['a byte order mark', effects.body((body) => `\uFEFF${body}`), 'nothing'],
    [
      'keys of prototypes',
      effects.body((body) => body.replace('{', '{"__proto__":{"status":"x"},"constructor":1,')),
      'nothing',
    ],
    ['a lower-case status', effects.body((body) => body.replace('AVAILABLE', 'available')), 'nothing'],
    ['missing nullable keys', right('[{"id":"1","status":"AVAILABLE","interfaceEndpoints":[]}]'), 'nothing'],
    ['a list of interface endpoints left out', right('[{"id":"1","status":"AVAILABLE"}]'), 'invalid_response'],
  ])(
    '%s',
    async (_name, effect, reason) => {
      simulator.faults.add(effect, authenticated);
      const timeoutMs = reason === 'timeout' ? 400 : 20_000;
      await using atlas = atlasFor(simulator, { timeoutMs });
      expect(await reasonOf(atlas.fetchSnapshot(source, how(50_000)))).toBe(reason);
    },
    60_000,
  );

  test('a refused connection and a name that is not found', async () => {
    await using nobody = atlasFor({ url: 'http://127.0.0.1:1' }, { retries: 0 });
    expect(await reasonOf(nobody.fetchSnapshot(source, how()))).toBe('network');
    await using nowhere = atlasFor({ url: 'http://nowhere.invalid' }, { retries: 0, timeoutMs: 5000 });
    expect(await reasonOf(nowhere.fetchSnapshot(source, how()))).toBe('network');
  });

  test('the access list names the address that is missing', async () => {
    await using closed = createSimulator({
      accounts: [{ user: demoKeys.publicKey, secret: demoKeys.privateKey, blockedAddress: '203.0.113.24' }],
    });
    await closed.start();
    closed.world.addProject({ id });
    await using atlas = atlasFor(closed);
    const error = await atlas.fetchSnapshot(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'ip_access_list',
      remedy: expect.stringContaining('Put 203.0.113.24 on the API access list'),
    });
  });
});

describe('retries', () => {
  test.each([
    ['503', effects.status(503)],
    ['a reset', effects.reset()],
  ])('%s is tried again within the poll', async (_name, effect) => {
    const fault = simulator.faults.add(effect, authenticated, 2);
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
    expect(fault.met).toBe(2);
  });

  test('a bad answer is not', async () => {
    const fault = simulator.faults.add(right('{}'), authenticated);
    await using atlas = atlasFor(simulator);
    await reasonOf(atlas.fetchSnapshot(source, how()));
    expect(fault.met).toBe(1);
  });

  test('the deadline of a poll ends it, whatever is under way', async () => {
    simulator.faults.add(effects.silence());
    await using atlas = atlasFor(simulator, { timeoutMs: 60_000 });
    expect(await reasonOf(atlas.fetchSnapshot(source, how(300)))).toBe('timeout');
  });
});

describe('a wrong key', () => {
  test('is two requests, whoever polls, and one probe a minute', async () => {
    let now = 0;
    const clock = { wall: () => now, monotonic: () => now };
    await using atlas = atlasFor(simulator, { clock, credentials: [digestCredential('wrong')] });
    const poll = () => reasonOf(atlas.fetchSnapshot(source, how()));
    const all = await Promise.all(Array.from({ length: 1000 }, poll));
    expect(new Set(all)).toEqual(new Set(['unauthorized']));
    expect(simulator.requests).toHaveLength(2);
    now = 59_000;
    await poll();
    expect(simulator.requests).toHaveLength(2);
    now = 61_000;
    await Promise.all([poll(), poll(), poll()]);
    expect(simulator.requests).toHaveLength(4);
  });

  test('that is mended is used with the next poll', async () => {
    let password = 'wrong';
    await using atlas = atlasFor(simulator, {
      credentials: [{ name: 'main', type: 'digest', user: () => demoKeys.publicKey, password: () => password }],
    });
    expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('unauthorized');
    password = demoKeys.privateKey;
    expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
  });
});

describe('a service account', () => {
  test('asks for one token, whoever polls, uses it, and gives it back', async () => {
    {
      await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()] });
      const all = await Promise.all(Array.from({ length: 50 }, () => reasonOf(atlas.fetchSnapshot(source, how()))));
      expect(new Set(all)).toEqual(new Set(['nothing']));
      expect(simulator.counts()).toEqual({ 'token 200': 1, 'v2.list 200': 50, 'v2.endpoint 200': 50 });
      expect(atlas.credentialStates()[0]?.tokenExpiresAt).toBeGreaterThan(Date.now());
    }
    expect(simulator.counts()['revoke 200']).toBe(1);
    expect(simulator.tokens.live()).toBe(0);
  });

  test('renews a token that ended before its time', async () => {
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()] });
    await reasonOf(atlas.fetchSnapshot(source, how()));
    simulator.tokens.revokeAll();
    expect(await reasonOf(atlas.fetchSnapshot(source, how()))).toBe('nothing');
    expect(simulator.counts()['token 200']).toBe(2);
  });

  test('with a wrong secret is unauthorized, and asks once', async () => {
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential('wrong')] });
    const all = await Promise.all(Array.from({ length: 20 }, () => reasonOf(atlas.fetchSnapshot(source, how()))));
    expect(new Set(all)).toEqual(new Set(['unauthorized']));
    expect(simulator.counts()).toEqual({ 'token 401': 1 });
  });

  test('with too many live tokens says so', async () => {
    simulator.faults.add(
      effects.reply({
        status: 403,
        headers: {},
        body: '{"error":"access_denied","error_description":"Access Token limit reached."}',
      }),
      ({ operation }) => operation === 'token',
    );
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()] });
    const error = await atlas.fetchSnapshot(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'rate_limited',
      detail: 'The service account has too many live access tokens',
    });
  });
});
