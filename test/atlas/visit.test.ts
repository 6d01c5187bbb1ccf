import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LimitWait } from '../../src/atlas/visit.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import { atlasFor, how, reasonOf } from '../support/atlas.ts';
import { aSource } from '../support/builders.ts';

/** A clock of both sides that moves only by waits. */
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

/** One project with so many interface endpoints, its bucket that large, polled so often: a request each and one for the list. */
async function pollSmallBucket(endpoints: number, capacity: number, polls: number, deadlineMs = 60_000) {
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
      reasons.add(await reasonOf(atlas.fetchReading(source, how(deadlineMs))));
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

  test('of 0.8 of the need is late, and does not fail while the schedule leaves it the time', async () => {
    const { reasons, refused, served } = await pollSmallBucket(24, 20, 20, 180_000);
    expect([reasons, served]).toEqual([['nothing'], 500]);
    // Each of up to three clients learns of an empty bucket by one refusal, and it is filled 24 times.
    expect(refused).toBeLessThanOrEqual(72);
  });

  test('of a tenth of the need fails, because Atlas refused, before its deadline', async () => {
    const { reasons, served, pauses } = await pollSmallBucket(99, 10, 1);
    expect(reasons).toEqual(['rate_limited']);
    expect(served).toBeLessThanOrEqual(20);
    expect(pauses.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(60_000);
  });
});

test('what a visit sleeps on its lanes is two seconds at most, however many requests it makes', async () => {
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
  expect(await reasonOf(atlas.fetchReading(aSource({ projectId: project.id }), how()))).toBe('server_error');
  expect(pauses).toEqual(Array(10).fill(200));
});

describe('a rate limit', () => {
  const ids = ['5df264b8f10fab7d2cad2f0d', '5df264b8f10fab7d2cad2f0e'] as const;
  const source = aSource({ projectId: ids[0] });
  const lists = ({ operation }: { operation: string }) => operation === 'v2.list';
  let simulator: Simulator;
  beforeEach(async () => {
    simulator = createSimulator();
    await simulator.start();
    for (const id of ids) {
      const connection = simulator.world.addConnection(simulator.world.addProject({ id }));
      for (let n = 0; n < 5; n++) simulator.world.attach(connection);
    }
  });
  afterEach(() => simulator[Symbol.asyncDispose]());

  const refuse = (headers: Readonly<Record<string, string>>, times?: number) =>
    simulator.faults.add(effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', headers), lists, times);

  test('is waited for without a lane, and the poll goes on where it was; others are not delayed', async () => {
    const paused = Promise.withResolvers<void>();
    const pause = (ms: number) => (ms > 10_000 ? paused.promise : Promise.resolve());
    await using atlas = atlasFor(simulator, { concurrency: 1, pause });
    simulator.faults.add(
      effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', { 'Retry-After': '50' }),
      (call) => call.projectId === ids[0] && simulator.counts()['v2.endpoint 200'] === 2,
      1,
    );
    const waits: LimitWait[] = [];
    const slow = atlas.fetchReading(source, { ...how(60_000), onLimited: (wait) => void waits.push(wait) });
    while (waits.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await reasonOf(atlas.fetchReading(aSource({ projectId: ids[1] }), how()))).toBe('nothing');
    paused.resolve();
    await slow.catch(() => {});
    const mine = simulator.requests.filter(({ projectId, status }) => projectId === ids[0] && status === 200);
    expect(new Set(mine.map(({ target }) => target)).size).toBe(mine.length);
    expect(waits[0]).toMatchObject({
      refusal: { reason: 'rate_limited', detail: 'Atlas answered 429 RATE_LIMITED_TOKEN_BUCKET' },
    });
    expect(waits[0]?.waitMs).toBeGreaterThan(49_000);
  });

  test('of ten years is asked again after five minutes', async () => {
    const { clock, pause, pauses } = virtualTime();
    const fault = refuse({ 'Retry-After': '315360000' }, 1);
    await using atlas = atlasFor(simulator, { clock, pause });
    expect(await reasonOf(atlas.fetchReading(source, how(301_000)))).toBe('nothing');
    expect([fault.met, pauses]).toEqual([1, [300_000]]);
  });

  test('of a moment is waited out on the lane, and is not told', async () => {
    refuse({ 'Retry-After': '1' }, 1);
    const waits: LimitWait[] = [];
    await using atlas = atlasFor(simulator, { pause: async () => {} });
    const work = atlas.fetchReading(source, { ...how(), onLimited: (wait) => void waits.push(wait) });
    expect([await reasonOf(work), waits]).toEqual(['nothing', []]);
  });

  test('that lasts longer than the poll may fails it at once, and the next poll asks nothing', async () => {
    refuse({ 'Retry-After': '61' });
    await using atlas = atlasFor(simulator, { pause: () => Promise.reject(new Error('No wait is worth it')) });
    expect(await reasonOf(atlas.fetchReading(source, how(60_000)))).toBe('rate_limited');
    simulator.forgetRequests();
    const again = atlas.fetchReading(source, how(60_000));
    await expect(again).rejects.toMatchObject({
      reason: 'rate_limited',
      detail: 'Atlas answered 429 RATE_LIMITED_TOKEN_BUCKET',
    });
    expect(simulator.requests).toEqual([]);
  });

  test('without Retry-After ends the poll when it may last no longer: 10, 20 and 40 s do not fit into 60', async () => {
    const { time, clock, pause, pauses } = virtualTime();
    const start = time.now;
    refuse({});
    const waits: number[] = [];
    await using atlas = atlasFor(simulator, { clock, pause });
    const onLimited = ({ waitMs }: LimitWait) => void waits.push(waitMs);
    expect(await reasonOf(atlas.fetchReading(source, { ...how(60_000), onLimited }))).toBe('rate_limited');
    expect([waits, pauses, time.now - start]).toEqual([[10_000, 20_000], [10_000, 20_000], 30_000]);
  });
});

describe('many details', () => {
  const id = '5df264b8f10fab7d2cad2f0d';
  const source = aSource({ projectId: id });
  const endpoints = ({ operation }: { operation: string }) => operation === 'v2.endpoint';

  async function estate(count: number, run: (simulator: Simulator) => Promise<void>) {
    await using simulator = createSimulator();
    await simulator.start();
    const connection = simulator.world.addConnection(simulator.world.addProject({ id }));
    for (let n = 0; n < count; n++) simulator.world.attach(connection, { id: `vpce-${n}` });
    await run(simulator);
  }

  test('are asked for by up to three clients, one request each, and never by more than may be in flight', async () => {
    for (const [count, concurrency, most] of [
      [10, 20, 1],
      [20, 20, 2],
      [100, 20, 3],
      [100, 2, 2],
    ] as const) {
      await estate(count, async (simulator) => {
        simulator.faults.add(effects.delay(5), endpoints);
        await using atlas = atlasFor(simulator, { concurrency });
        const { connections } = await atlas.fetchReading(source, how(60_000));
        const details = connections[0]?.interfaceEndpoints?.flatMap(({ detail }) => detail ?? []);
        expect([details?.length, simulator.mostInFlight]).toEqual([count, most]);
        const wrong = simulator.requests.filter(({ status }) => status === 401);
        expect(wrong.length).toBe(most);
      });
    }
  });

  test('let a poll take a time that grows with them', async () => {
    await estate(100, async (simulator) => {
      const asked: number[] = [];
      await using atlas = atlasFor(simulator);
      const deadlineMs = (details: number) => {
        asked.push(details);
        return details === 0 ? 5_000 : 60_000;
      };
      const { signal } = new AbortController();
      expect(await reasonOf(atlas.fetchReading(source, { signal, deadlineMs }))).toBe('nothing');
      expect(asked).toEqual([0, 100]);
    });
  });

  test('that come too late fail the poll, and it says how many came', async () => {
    await estate(30, async (simulator) => {
      simulator.faults.add(effects.silence(), (call) => endpoints(call) && call.target.endsWith('vpce-9'));
      await using atlas = atlasFor(simulator, { timeoutMs: 60_000, retries: 0 });
      await expect(atlas.fetchReading(source, how(2_000))).rejects.toMatchObject({
        reason: 'timeout',
        detail: 'Not done within 2 s: 29 of 30 interface endpoints were read',
        remedy: expect.stringContaining('slower schedule'),
      });
    });
  });

  test('end with the first that fails, once every request under way has ended', async () => {
    await estate(30, async (simulator) => {
      simulator.faults.add(effects.delay(50), endpoints);
      simulator.faults.add(effects.error(403, 'ACCESS_FORBIDDEN'), endpoints, 1);
      await using atlas = atlasFor(simulator, { retries: 0 });
      expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('forbidden');
      const asked = simulator.requests.length;
      expect(asked).toBeLessThan(12);
      // The clients are whole: none of them gets a false 401.
      simulator.forgetRequests();
      expect(await reasonOf(atlas.fetchReading(source, how()))).toBe('nothing');
      expect(simulator.requests.filter(({ status }) => status === 401)).toEqual([]);
    });
  });
});
