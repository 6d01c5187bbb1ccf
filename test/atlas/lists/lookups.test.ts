import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lookups } from '../../../src/atlas/lists/lookups.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, type ObservedRequest, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
const { signal } = new AbortController();
const mode = { lookup: 'regional_mode', subject: id, credential: 'main', projectId: id, orgId: '' } as const;
let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

describe('names', () => {
  test('of every project that the credential can see', async () => {
    simulator.world.addProject({ id, name: 'Daten & Analyse (EU), v2' });
    await using atlas = atlasFor(simulator);
    const learned = await atlas.fetchLookup({ ...mode, lookup: 'names', subject: 'main' }, signal);
    expect([...(learned?.projects ?? [])]).toEqual([[id, { name: 'Daten & Analyse (EU), v2', orgId: demoKeys.orgId }]]);
  });

  test.each([
    ['a configured project', aSource(), false, true],
    ['a project that discovery lists', aSource(), true, false],
    ['v1.0', aSource({ api: 'v1.0' }), false, false],
  ])('are asked for by the credential of %s: %#', (_name, source, isListed, asks) => {
    expect(lookups.names.asks({ source, isListed, credentialType: 'digest' })).toBe(asks);
  });
});

describe('regional mode', () => {
  test.each([
    ['clusters', aSource(), true],
    ['another kind', aSource({ kind: 'streams' }), false],
    ['v1.0', aSource({ api: 'v1.0' }), false],
  ])('is asked for projects whose %s are watched: %#', (_name, source, asks) => {
    expect(lookups.regional_mode.asks({ source, isListed: false, credentialType: 'digest' })).toBe(asks);
  });

  test.each([true, false])('%s is told as it is', async (regionalMode) => {
    simulator.world.addProject({ id, regionalMode });
    const seen: ObservedRequest[] = [];
    await using atlas = atlasFor(simulator, {}, seen);
    expect([...((await atlas.fetchLookup(mode, signal))?.projects ?? [])]).toEqual([[id, { regionalMode }]]);
    expect(seen).toContainEqual({ operation: 'get_regional_mode', code: 200 });
  });

  test.each(['{}', '{"enabled":null}', '{"enabled":"true"}', '[]'])('%s is no answer', async (body) => {
    simulator.world.addProject({ id });
    simulator.faults.add(effects.body(() => body));
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchLookup(mode, signal))).toBe('invalid_response');
  });

  test('that Atlas refuses has a reason', async () => {
    await using atlas = atlasFor(simulator);
    expect(await reasonOf(atlas.fetchLookup(mode, signal))).toBe('project_not_found');
  });

  test('does not ask a bucket that the polls of its project used up', async () => {
    simulator.world.addProject({ id });
    await using atlas = atlasFor(simulator, { retries: 0 });
    const headers = { 'Retry-After': '120' };
    simulator.faults.add(
      effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', headers),
      ({ operation }) => operation === 'v2.list',
    );
    expect(await reasonOf(atlas.fetchReading(aSource({ projectId: id }), how()))).toBe('rate_limited');
    simulator.forgetRequests();
    expect(await atlas.fetchLookup(mode, signal)).toBeNull();
    expect(simulator.requests).toEqual([]);
  });
});
