import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { atlasFor, digestCredential, how, reasonOf } from '../../support/atlas.ts';
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

describe('a wrong key', () => {
  test('is two requests, whoever polls, and one probe a minute', async () => {
    let now = 0;
    const clock = { wall: () => now, monotonic: () => now };
    await using atlas = atlasFor(simulator, { clock, credentials: [digestCredential('wrong')] });
    const poll = () => reasonOf(atlas.fetchReading(source, how()));
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
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('unauthorized');
    password = demoKeys.privateKey;
    expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
  });
});
