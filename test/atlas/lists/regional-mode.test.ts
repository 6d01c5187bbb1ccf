import { afterEach, beforeEach, expect, test } from 'vitest';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, how, type ObservedRequest, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';

const id = '66a1b2c3d4e5f60718293a4b';
let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

test.each([true, false])('%s is told as it is', async (regionalMode) => {
  simulator.world.addProject({ id, regionalMode });
  const seen: ObservedRequest[] = [];
  await using atlas = atlasFor(simulator, {}, seen);
  expect(await atlas.fetchRegionalMode('main', id, how())).toBe(regionalMode);
  expect(seen).toContainEqual({ operation: 'get_regional_mode', code: 200 });
});

test.each(['{}', '{"enabled":null}', '{"enabled":"true"}', '[]'])('%s is no answer', async (body) => {
  simulator.world.addProject({ id });
  simulator.faults.add(effects.body(() => body));
  await using atlas = atlasFor(simulator);
  expect(await reasonOf(atlas.fetchRegionalMode('main', id, how()))).toBe('invalid_response');
});

test('what Atlas refuses has a reason', async () => {
  await using atlas = atlasFor(simulator);
  expect(await reasonOf(atlas.fetchRegionalMode('main', id, how()))).toBe('project_not_found');
});

test('it waits with the polls of its project where their rate limit is used up, and can be given up', async () => {
  simulator.world.addProject({ id });
  simulator.buckets.setCapacity('privateEndpoint', 1, id);
  await using atlas = atlasFor(simulator);
  await atlas.fetchSnapshot(aSource({ projectId: id }), how());
  simulator.forgetRequests();
  const controller = new AbortController();
  const onLimited = () => controller.abort(new Error('Given up'));
  const work = atlas.fetchRegionalMode('main', id, { signal: controller.signal, deadlineMs: 5_000, onLimited });
  await expect(work).rejects.toThrow('Given up');
  expect(simulator.requests).toEqual([]);
});
