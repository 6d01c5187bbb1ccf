import { describe, expect, test } from 'vitest';
import { createLimits } from '../../src/atlas/access/limits.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';

/** Time that passes only while somebody waits, for both sides alike. */
function virtualTime() {
  const time = { now: Date.UTC(2026, 0, 1) };
  const clock = { wall: () => time.now, monotonic: () => time.now };
  const pauses: number[] = [];
  const pause = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    pauses.push(ms);
    time.now += ms;
  };
  const simulated = { now: () => time.now, after: () => () => {} };
  return { time, clock, pause, pauses, simulated };
}

function limitsAt() {
  const time = { now: 0 };
  return { time, limits: createLimits({ wall: () => time.now, monotonic: () => time.now }) };
}

describe('limits', () => {
  test('an answer that was on its way does not lift a refusal', () => {
    const { time, limits } = limitsAt();
    limits.refused('a', 17_000);
    limits.told('a', { limit: 100, remaining: 90 });
    expect(limits.waitMs('a')).toBe(17_000);
    limits.told('a', { limit: 100, remaining: 0 });
    expect(limits.waitMs('a')).toBe(17_000);
    time.now = 17_000;
    limits.told('a', { limit: 100, remaining: 90 });
    expect(limits.waitMs('a')).toBe(0);
  });

  test('those who are refused together are refused once; in a row the pauses grow', () => {
    const { time, limits } = limitsAt();
    for (let n = 0; n < 3; n++) limits.refused('a', null);
    expect(limits.waitMs('a')).toBe(10_000);
    for (const next of [20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      time.now += limits.waitMs('a');
      limits.refused('a', null);
      expect(limits.waitMs('a')).toBe(next);
    }
    time.now += 300_000;
    limits.told('a', { limit: 100, remaining: 90 });
    limits.refused('a', null);
    expect(limits.waitMs('a')).toBe(10_000);
  });

  test('the lowest share is that of the last minute', () => {
    const { time, limits } = limitsAt();
    for (let n = 0; n < 100; n++) {
      time.now = n * 1_000;
      limits.told('a', { limit: 100, remaining: n < 50 ? n : 100 });
    }
    expect(limits.state().remainingRatio).toBe(0.4);
    time.now += 60_000;
    expect(limits.state().remainingRatio).toBeNull();
  });
});

/** One project with so many interface endpoints, its bucket that large, polled so often: a request each and one for the list. */
async function pollSmallBucket(endpoints: number, capacity: number, polls: number) {
  const { time, clock, pause, pauses, simulated } = virtualTime();
  const simulator: Simulator = createSimulator({ clock: simulated, nonceLifeMs: 3_600_000 });
  await simulator.start();
  const project = simulator.world.addProject();
  const connection = simulator.world.addConnection(project);
  for (let n = 0; n < endpoints; n++) simulator.world.attach(connection);
  simulator.buckets.setCapacity('privateEndpoint', capacity, project.id);
  const source = aSource({ projectId: project.id });
  const reasons = new Set<string>();
  {
    // Only what waits is of the simulated time: a request may take as long as a busy machine needs.
    await using atlas = atlasFor(simulator, { clock, pause, timeoutMs: 60_000 });
    for (let n = 0; n < polls; n++) {
      const start = time.now;
      reasons.add(await reasonOf(atlas.fetchSnapshot(source, how(60_000))));
      time.now = Math.max(time.now, start + 60_000);
    }
  }
  const refused = simulator.requests.filter(({ status }) => status === 429).length;
  const served = simulator.requests.filter(({ status }) => status === 200).length;
  await simulator[Symbol.asyncDispose]();
  return { reasons: [...reasons], refused, served, pauses };
}

describe('a poll against a bucket', () => {
  test('twice as large as the need is never refused, and hardly waits', async () => {
    const { reasons, refused, served, pauses } = await pollSmallBucket(19, 40, 20);
    expect([reasons, refused, served, pauses]).toEqual([['nothing'], 0, 400, []]);
  });

  test('of 0.8 of the need is late, and does not fail', async () => {
    const { reasons, refused, served } = await pollSmallBucket(24, 20, 20);
    expect([reasons, served]).toEqual([['nothing'], 500]);
    // 500 requests at 20 a minute wait for 24 fillings, and each is learned from one refusal.
    expect(refused).toBeLessThanOrEqual(24);
  });

  test('that is a tenth of what one poll wants is late, reads nothing twice, and does not fail', async () => {
    const { reasons, served, pauses } = await pollSmallBucket(99, 10, 1);
    expect([reasons, served]).toEqual([['nothing'], 100]);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(12 * 60_000);
  });
});

test('a bucket that never answers fails the poll after ten minutes, not before', async () => {
  const { time, clock, pause, simulated } = virtualTime();
  await using simulator = createSimulator({ clock: simulated });
  await simulator.start();
  const project = simulator.world.addProject();
  simulator.faults.add(
    ({ send }) => send({ status: 429, headers: {}, body: '' }),
    ({ operation }) => operation === 'v2.list',
  );
  const start = time.now;
  await using atlas = atlasFor(simulator, { clock, pause });
  expect(await reasonOf(atlas.fetchSnapshot(aSource({ projectId: project.id }), how()))).toBe('rate_limited');
  expect(time.now - start).toBeGreaterThanOrEqual(10 * 60_000);
  // 10, 20, 40, 80, 160 and 300 s.
  expect(simulator.counts()['v2.list 429']).toBe(7);
});

test('what one stay on a lane sleeps is two seconds at most, however many requests it makes', async () => {
  const { clock, pause, pauses, simulated } = virtualTime();
  await using simulator = createSimulator({ clock: simulated });
  await simulator.start();
  const project = simulator.world.addProject();
  const connection = simulator.world.addConnection(project);
  for (let n = 0; n < 10; n++) simulator.world.attach(connection);
  // Every other request fails once.
  let count = 0;
  simulator.faults.add(
    ({ answer, send }) => send(count++ % 2 === 0 ? { status: 503, headers: {}, body: '' } : answer()),
    ({ operation }) => operation.startsWith('v2.'),
  );
  await using atlas = atlasFor(simulator, { clock, pause });
  expect(await reasonOf(atlas.fetchSnapshot(aSource({ projectId: project.id }), how()))).toBe('server_error');
  expect(pauses).toEqual(Array(10).fill(200));
});
