import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toAtlasError } from '../../../src/atlas/error.ts';
import { type Effect, effects } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

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
    ['a null status', right('[{"id":"1","status":null}]'), 'nothing'],
    ['a number for a list', right('[{"id":"1","status":"AVAILABLE","interfaceEndpoints":7}]'), 'nothing'],
    ['an id twice', right('[{"id":"1","status":"AVAILABLE"},{"id":"1","status":"FAILED"}]'), 'invalid_response'],
    ['a million elements', right(`[${'{},'.repeat(1_000_000)}{}]`), 'invalid_response'],
    ['nesting', right(`${'['.repeat(100_000)}${']'.repeat(100_000)}`), 'invalid_response'],
    ['50 MB', effects.gzipBomb(50 * 1024 * 1024), 'invalid_response'],
    ['an unknown encoding', effects.headers({ 'Content-Encoding': 'snappy' }), 'invalid_response'],
    ['a byte order mark', effects.body((body) => `\uFEFF${body}`), 'nothing'],
    [
      'keys of prototypes',
      effects.body((body) => body.replace('{', '{"__proto__":{"status":"x"},"constructor":1,')),
      'nothing',
    ],
    ['a lower-case status', effects.body((body) => body.replace('AVAILABLE', 'available')), 'nothing'],
    ['missing nullable keys', right('[{"id":"1","status":"AVAILABLE","interfaceEndpoints":[]}]'), 'nothing'],
    ['a list of interface endpoints left out', right('[{"id":"1","status":"AVAILABLE"}]'), 'nothing'],
  ])(
    '%s',
    async (_name, effect, reason) => {
      simulator.faults.add(effect, authenticated);
      const timeoutMs = reason === 'timeout' ? 400 : 20_000;
      await using atlas = atlasFor(simulator, { timeoutMs });
      expect(await reasonOf(atlas.fetchReading(source, how(50_000)))).toBe(reason);
    },
    60_000,
  );

  test('a refused connection and a name that is not found', async () => {
    await using nobody = atlasFor({ url: 'http://127.0.0.1:1' }, { retries: 0 });
    expect(await reasonOf(nobody.fetchReading(source, how()))).toBe('network');
    await using nowhere = atlasFor({ url: 'http://nowhere.invalid' }, { retries: 0, timeoutMs: 5000 });
    expect(await reasonOf(nowhere.fetchReading(source, how()))).toBe('network');
  });

  test('the access list names the address that is missing', async () => {
    await using closed = createSimulator({
      accounts: [{ user: demoKeys.publicKey, secret: demoKeys.privateKey, blockedAddress: '203.0.113.24' }],
    });
    await closed.start();
    closed.world.addProject({ id });
    await using atlas = atlasFor(closed);
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'ip_access_list',
      remedy: expect.stringContaining('Put 203.0.113.24 on the API access list'),
    });
  });
});

describe('only what was asked for is decoded', () => {
  const encoded =
    (encoding: string, encode: (body: string) => Buffer, status = 200): Effect =>
    ({ answer, send }) => {
      const right = answer();
      const headers = { ...right.headers, 'Content-Encoding': encoding };
      send({ status, headers, body: encode(right.body.toString()) });
    };

  test.each([
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['deflate', deflateSync],
    ['gzip, gzip', (body: string) => gzipSync(gzipSync(body))],
  ])('%s is refused by its name', async (encoding, encode) => {
    simulator.faults.add(encoded(encoding, encode), authenticated);
    await using atlas = atlasFor(simulator);
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    const detail = `The answer comes in the encoding '${encoding}', and only gzip was asked for`;
    expect(error).toMatchObject({ reason: 'invalid_response', detail });
  });

  test('gzip is read', async () => {
    simulator.faults.add(encoded('gzip', gzipSync), authenticated);
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
  });

  test('an error is told by its status, whatever its encoding', async () => {
    simulator.faults.add(encoded('br', brotliCompressSync, 503), authenticated);
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('server_error');
  });

  test('an error with a body without end is told by its status', async () => {
    simulator.faults.add(
      effects.reply({ status: 503, headers: {}, body: Buffer.alloc(50_000_000, 'x') }),
      authenticated,
    );
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('server_error');
  });
});

describe('an answer that Atlas does not give', () => {
  const filter = (status: number, headers: Readonly<Record<string, string>> = {}) => effects.status(status, headers);
  test.each([
    ['403', filter(403, { Server: 'nginx' }), 'Answered 403, not as Atlas does: text/html from nginx'],
    [
      '401 of a login',
      filter(401, { 'WWW-Authenticate': 'Basic realm="proxy"' }),
      'Answered 401 and wants a Basic login, not as Atlas does: text/html',
    ],
    ['302', filter(302, { Location: '/login' }), 'Answered 302 with a redirect, not as Atlas does: text/html'],
    [
      '404 without a type',
      effects.reply({ status: 404, headers: {}, body: '' }),
      'Answered 404, not as Atlas does: no content type',
    ],
    [
      '200',
      effects.reply({ status: 200, headers: { Server: 'x'.repeat(300) }, body: '<p>' }),
      /not JSON: no content type from x{100}$/,
    ],
  ])('%s is told with its type and server, and opens no circuit', async (_name, effect, detail) => {
    const fault = simulator.faults.add(effect, authenticated);
    await using atlas = atlasFor(simulator, { retries: 0 });
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({ reason: 'invalid_response', detail: expect.stringMatching(detail) });
    expect(error).toMatchObject({ remedy: expect.stringContaining('atlas.baseUrl') });
    fault.end();
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
  });

  test('for a detail is no interface endpoint that is gone', async () => {
    simulator.faults.add(effects.status(404), ({ operation }) => operation === 'v2.endpoint');
    await using atlas = atlasFor(simulator, { retries: 0 });
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('invalid_response');
    expect(simulator.counts()).toMatchObject({ 'v2.list 200': 1 });
  });
});

describe('what is not there', () => {
  const v1 = aSource({ projectId: id, api: 'v1.0' });
  const kinds = aSource({ projectId: id, kind: 'streams', cloudProvider: '' });
  const v2Remedy = 'Set atlas.api: v2';
  test.each([
    ['a list of v2', source, effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported', 'Remove the cloud or kind'],
    ['a list in pages', kinds, effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported', 'Remove the cloud or kind'],
    ['v1.0, 404', v1, effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported', v2Remedy],
    ['v1.0, 410', v1, effects.error(410, 'VERSION_GONE'), 'not_supported', v2Remedy],
    ['v1.0, 404 in HTML', v1, effects.status(404), 'invalid_response', v2Remedy],
    ['v1.0, 410 in HTML', v1, effects.status(410), 'invalid_response', v2Remedy],
    ['the project', source, effects.error(404, 'GROUP_NOT_FOUND'), 'project_not_found', `project ${id}`],
  ])('%s: says what to do', async (_name, of, effect, reason, remedy) => {
    simulator.faults.add(effect);
    await using atlas = atlasFor(simulator, { retries: 0 });
    const error = await atlas.fetchReading(of, how()).catch(toAtlasError);
    expect(error).toMatchObject({ reason, remedy: expect.stringContaining(remedy) });
  });
});

describe('retries', () => {
  test.each([
    ['503', effects.status(503)],
    ['a reset', effects.reset()],
  ])('%s is tried again within the poll', async (_name, effect) => {
    const fault = simulator.faults.add(effect, authenticated, 2);
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
    expect(fault.met).toBe(2);
  });

  test('a bad answer is not', async () => {
    const fault = simulator.faults.add(right('{}'), authenticated);
    await using atlas = atlasFor(simulator);
    await reasonOf(atlas.fetchReading(source, how()));
    expect(fault.met).toBe(1);
  });

  test('the deadline of a poll ends it, whatever is under way', async () => {
    simulator.faults.add(effects.silence());
    await using atlas = atlasFor(simulator, { timeoutMs: 60_000 });
    expect(await reasonOf(atlas.fetchReading(source, how(300)))).toBe('timeout');
  });
});
