import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toAtlasError } from '../../../src/atlas/error.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf, serviceAccountCredential } from '../../support/atlas.ts';
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

describe('a service account', () => {
  test('asks for one token, whoever polls, uses it, and gives it back', async () => {
    {
      await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()] });
      const all = await Promise.all(Array.from({ length: 50 }, () => reasonOf(atlas.fetchReading(source, how()))));
      expect(new Set(all)).toEqual(new Set(['nothing']));
      expect(simulator.counts()).toEqual({ 'token 200': 1, 'v2.list 200': 50, 'v2.endpoint 200': 50 });
      expect(atlas.credentialStates()[0]?.tokenExpiresAt).toBeGreaterThan(Date.now());
    }
    expect(simulator.counts()['revoke 200']).toBe(1);
    expect(simulator.tokens.live()).toBe(0);
  });

  test('renews a token that ended before its time', async () => {
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()] });
    await reasonOf(atlas.fetchReading(source, how()));
    simulator.tokens.revokeAll();
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
    expect(simulator.counts()['token 200']).toBe(2);
  });

  test('with a wrong secret is unauthorized, and asks once', async () => {
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential('wrong')] });
    const all = await Promise.all(Array.from({ length: 20 }, () => reasonOf(atlas.fetchReading(source, how()))));
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
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({
      reason: 'rate_limited',
      detail: 'The service account has too many live access tokens',
    });
  });

  const token = ({ operation }: { operation: string }) => operation === 'token';
  const body = (status: number, text: string, headers: Readonly<Record<string, string>> = {}) =>
    effects.reply({ status, headers: { 'Content-Type': 'application/json', ...headers }, body: text });

  const grant = (access_token: string, expires_in: unknown) =>
    body(200, JSON.stringify({ access_token, expires_in, token_type: 'Bearer' }));

  test.each([
    ['a token with a line break', grant('a\nb', 3600), 'characters that no token has'],
    ['a token with a wide character', grant('t\u00f6ken', 3600), 'characters that no token has'],
    ['an empty token', grant('', 3600), 'gave no token'],
    ['a token of 9,000 characters', grant('t'.repeat(9_000), 3600), 'gave a token of 9000 characters'],
    ['a token of 10 MB', grant('t'.repeat(10_000_000), 3600), 'larger than 65536 bytes'],
    ['a life of nothing', grant('good', 0), 'gave a token for 0 s'],
    ['a negative life', grant('good', -1), 'gave no token'],
    ['a life of 1,000 years', grant('good', 31_536_000_000), 'gave a token for 31536000000 s'],
    ['a life that is no number', grant('good', 'soon'), 'gave no token'],
    ['brackets without end', body(200, '['.repeat(60_000)), 'nested deeper than 64 levels'],
  ])('%s stops nothing for long: another is asked for', async (_name, bad, detail) => {
    simulator.faults.add(bad, token, 1);
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()], retries: 0 });
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({ reason: 'invalid_response', detail: expect.stringContaining(detail) });
    await expect.poll(() => reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
  });

  test.each([
    [
      '400 in the form of OAuth',
      body(400, '{"error":"invalid_client"}'),
      'unauthorized',
      'The token endpoint does not accept the client id and secret (400 invalid_client)',
    ],
    [
      '401 in the form of Atlas',
      body(401, '{"error":401,"errorCode":"UNEXPECTED_ERROR"}'),
      'unauthorized',
      'The token endpoint does not accept the client id and secret (401 error)',
    ],
    [
      '401 of a web filter',
      effects.status(401, { Server: 'filter/2' }),
      'invalid_response',
      'The token endpoint answered 401 (text/html from filter/2)',
    ],
    [
      '403 of a web filter',
      effects.status(403),
      'invalid_response',
      'The token endpoint answered 403 (text/html from mdbws)',
    ],
    [
      '403 in the form of OAuth',
      body(403, '{"error":"access_denied","error_description":"No."}'),
      'forbidden',
      'The token endpoint answered 403 access_denied',
    ],
    [
      '429',
      body(429, '{"error":429,"errorCode":"RATE_LIMITED"}', { 'Retry-After': '30' }),
      'rate_limited',
      'The token endpoint answered 429 RATE_LIMITED',
    ],
    ['503 in HTML', effects.status(503), 'server_error', 'The token endpoint answered 503 (text/html from mdbws)'],
  ])('%s of the token endpoint says what it is', async (_name, effect, reason, detail) => {
    simulator.faults.add(effect, token);
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()], retries: 0 });
    const error = await atlas.fetchReading(source, how()).catch(toAtlasError);
    expect(error).toMatchObject({ reason, detail });
  });

  test('a 401 that is not of Atlas asks for no other token', async () => {
    simulator.faults.add(effects.status(401), ({ operation }) => operation === 'v2.list');
    await using atlas = atlasFor(simulator, { credentials: [serviceAccountCredential()], retries: 0 });
    for (let n = 0; n < 3; n++) expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('invalid_response');
    expect(simulator.counts()['token 200']).toBe(1);
  });
});
