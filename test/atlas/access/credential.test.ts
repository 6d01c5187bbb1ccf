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

test('look-ups wait behind the polls, and have a small share of the lanes', async () => {
  const question = { lookup: 'regional_mode', subject: id, credential: 'main', projectId: id, orgId: '' } as const;
  await using slow = createSimulator({ latencyMs: 20 });
  await slow.start();
  slow.world.addProject({ id });
  await using atlas = atlasFor(slow, { concurrency: 1 });
  const { signal } = new AbortController();
  await atlas.fetchReading(source, how());
  slow.forgetRequests();
  const first = atlas.fetchReading(source, how());
  const lookUps = Array.from({ length: 3 }, () => atlas.fetchLookup(question, signal));
  const polls = Array.from({ length: 3 }, () => atlas.fetchReading(source, how()));
  await Promise.all([first, ...lookUps, ...polls]);
  const operations = slow.requests.filter(({ status }) => status === 200).map(({ operation }) => operation);
  expect(operations.slice(0, 4)).toEqual(Array(4).fill('v2.list'));
  expect(operations.slice(4)).toEqual(Array(3).fill('v2.regionalMode'));
  await using wide = atlasFor(slow, { concurrency: 32 });
  slow.forgetRequests();
  await Promise.all(Array.from({ length: 20 }, () => wide.fetchLookup(question, signal)));
  expect(slow.mostInFlight).toBe(4);
});
