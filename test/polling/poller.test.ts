import { beforeEach, describe, expect, test } from 'vitest';
import type { RecordedChange } from '../../src/domain/change-log.ts';
import { plan } from '../../src/domain/plan.ts';
import type { PollOutcome } from '../../src/domain/poll.ts';
import type { UnreadableElement } from '../../src/domain/reading.ts';
import { type Connection, type Snapshot, toSnapshot } from '../../src/domain/snapshot.ts';
import type { SourceWrite } from '../../src/domain/stored.ts';
import { createFleet, type Fleet } from '../../src/polling/fleet.ts';
import { createPoller, type FetchOptions, type Poller } from '../../src/polling/poller.ts';
import { aCluster, aFailure, anInterfaceEndpoint, aProject, aString } from '../support/builders.ts';

const project = aProject();
const key = `${project.id}/cluster/AWS`;
const connection: Connection = {
  id: 'c1',
  cloudProvider: 'AWS',
  status: 'AVAILABLE',
  region: 'US_EAST_1',
  endpointServiceName: '',
  errorMessage: null,
  interfaceEndpoints: [],
};
const snapshot = (...connections: Partial<Connection>[]) =>
  toSnapshot(
    'v2',
    connections.map((part) => ({ ...connection, ...part })),
  );

let fleet: Fleet;
let poller: Poller;
let now: number;
let answers: ((options: FetchOptions) => Promise<Snapshot>)[];
let commits: SourceWrite[];
let commit: () => Promise<void>;
let told: {
  polled: PollOutcome[];
  skipped: string[];
  changed: RecordedChange[];
  unknown: number;
  unreadable: UnreadableElement[];
  abandoned: string[];
  waiting: string[];
};

beforeEach(() => {
  fleet = createFleet();
  fleet.apply(plan({ api: 'v2', configured: [project], discovered: [], interfaceEndpoints: true }));
  now = 1_000_000;
  answers = [];
  commits = [];
  commit = async () => {};
  told = { polled: [], skipped: [], changed: [], unknown: 0, unreadable: [], abandoned: [], waiting: [] };
  let id = 0;
  poller = createPoller({
    fleet,
    clock: { wall: () => now, monotonic: () => now },
    fetchReading: (_source, options) =>
      (answers.shift() ?? (() => Promise.reject(new Error('no answer left'))))(options),
    failureOf: (thrown) => aFailure('internal', String(thrown)),
    commit: (writes) => {
      commits.push(...writes);
      return commit();
    },
    nextChangeId: () => ++id,
    tell: {
      polled: (_source, outcome) => void told.polled.push(outcome),
      skipped: (_source, reason) => void told.skipped.push(reason),
      changed: (change) => void told.changed.push(change),
      unknownStatuses: (_source, count) => {
        told.unknown += count;
      },
      waiting: (_source, { reason }, ms) => void told.waiting.push(`${reason} ${ms}`),
      unreadable: (_source, elements) => void told.unreadable.push(...elements),
      abandoned: (sources) => void told.abandoned.push(...sources.map((source) => source.key)),
    },
  });
});

const answer = (...list: Snapshot[]) => answers.push(...list.map((one) => () => Promise.resolve(one)));
const state = () => fleet.find(key)?.state;

test('a change is committed before it is visible, and told once it is', async () => {
  answer(snapshot({}), snapshot({ status: 'FAILED', errorMessage: 'broken' }));
  await poller.poll(key);
  let release = () => {};
  commit = () => new Promise((resolve) => (release = resolve));
  const polling = poller.poll(key);
  await new Promise(setImmediate);
  expect(commits.at(-1)?.changes.map(({ type }) => type)).toEqual(['status', 'error_message']);
  expect(state()?.ledger?.snapshot.connections[0]?.status).toBe('AVAILABLE');
  expect(told.changed).toEqual([]);
  release();
  await polling;
  expect(state()?.ledger?.snapshot.connections[0]?.status).toBe('FAILED');
  expect(told.changed).toMatchObject([
    {
      id: 1,
      at: now,
      atlas_project_id: project.id,
      connection_id: 'c1',
      type: 'status',
      from: 'AVAILABLE',
      to: 'FAILED',
    },
    { id: 2, type: 'error_message', change: 'set', from: null, to: 'broken' },
  ]);
});

test('an unchanged poll commits nothing', async () => {
  answer(snapshot({}), snapshot({}));
  await poller.poll(key);
  const before = state()?.ledger;
  await poller.poll(key);
  expect(commits).toHaveLength(1);
  expect(state()?.ledger).toBe(before);
  expect(told.polled).toHaveLength(2);
});

test('whatever is thrown fails the poll and leaves the ledger', async () => {
  answer(snapshot({}));
  await poller.poll(key);
  const before = state()?.ledger;
  await poller.poll(key);
  expect(state()).toMatchObject({ freshness: { up: false, failure: { reason: 'internal' } } });
  expect(state()?.ledger).toBe(before);
});

describe('a source that is still being polled', () => {
  let release: (answer: Snapshot) => void;
  let first: Promise<void>;
  beforeEach(() => {
    answers.push(() => new Promise((resolve) => (release = resolve)));
    first = poller.poll(key);
  });

  test('is skipped, and that is counted unless the poll was optional', async () => {
    await poller.poll(key);
    await poller.poll(key, { optional: true });
    expect(told.skipped).toEqual(['overlap']);
    release(snapshot({}));
    await first;
    expect(told.polled).toHaveLength(1);
  });

  test('for the first time keeps the slots that come meanwhile', async () => {
    release(snapshot({}));
    await first;
    answers.push(() => new Promise((resolve) => (release = resolve)));
    const second = poller.poll(key, { first: true });
    await poller.poll(key);
    release(snapshot({}));
    await second;
    expect(told.skipped).toEqual([]);
  });

  test('and leaves the fleet meanwhile makes nothing visible', async () => {
    const { removed } = fleet.apply(plan({ api: 'v2', configured: [], discovered: [], interfaceEndpoints: true }));
    poller.abandon(removed);
    release(snapshot({}));
    await first;
    expect(commits).toEqual([]);
    expect(told.polled).toEqual([]);
  });
});

test('a source that leaves and comes back while its step is written begins anew', async () => {
  const nobody = plan({ api: 'v2', configured: [], discovered: [], interfaceEndpoints: true });
  const everybody = plan({ api: 'v2', configured: [project], discovered: [], interfaceEndpoints: true });
  answer(snapshot({}));
  const written = Promise.withResolvers<void>();
  commit = () => written.promise;
  const first = poller.poll(key);
  await new Promise((resolve) => setImmediate(resolve));
  expect(commits).toHaveLength(1);
  poller.abandon(fleet.apply(nobody).removed);
  fleet.apply(everybody);
  written.resolve();
  await first;
  expect(state()?.ledger).toBeNull();
  expect(told).toMatchObject({ abandoned: [key], polled: [] });
});

test('a wait for a rate limit shows while it lasts, also before the first good poll', async () => {
  const refusal = aFailure('rate_limited', 'Atlas answered 429');
  const waited = Promise.withResolvers<void>();
  answers.push(async ({ onLimited, deadlineMs }) => {
    onLimited({ waitMs: 5_000, refusal: null });
    onLimited({ waitMs: 30_000, refusal });
    expect([deadlineMs(0), deadlineMs(1_000)]).toEqual([60_000, 60_000]);
    await waited.promise;
    return snapshot({});
  });
  const polling = poller.poll(key);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state()).toMatchObject({ freshness: { up: false, failure: refusal } });
  expect(told.waiting).toEqual(['rate_limited 30000']);
  await poller.poll(key);
  expect(told.skipped).toEqual(['limited']);
  waited.resolve();
  await polling;
  expect(state()?.freshness).toMatchObject({ up: true, failure: null });
});

test('a step of time waits for a step of a poll, and overwrites nothing', async () => {
  answer(snapshot({}), snapshot(), snapshot({ id: 'c2' }));
  await poller.poll(key);
  await poller.poll(key);
  now += 100_000;
  const limits = () => ({ staleAfterMs: 1e9, tombstoneForMs: 50_000 });
  await Promise.all([poller.expire(limits), poller.poll(key)]);
  expect(state()?.ledger?.histories.map(({ id }) => id)).toEqual(['c2']);
  expect(state()?.ledger?.added).toBe(1);
});

test('a status that nobody knows is counted once for each entry', async () => {
  answer(
    snapshot({ status: 'MELTING' }),
    snapshot({ status: 'MELTING' }),
    snapshot({ status: 'MELTING' }, { id: 'c2', status: 'MELTING' }),
  );
  for (let n = 0; n < 3; n++) await poller.poll(key);
  expect(told.unknown).toBe(2);
});

test('after its end nothing is polled', async () => {
  await poller[Symbol.asyncDispose]();
  answer(snapshot({}));
  await poller.poll(key);
  expect(told.polled).toEqual([]);
});

test("Atlas' managed strings are asked of a cluster that had a string, or whose regions are ready, and of no other", async () => {
  const kinds = ['cluster', 'connection_strings'] as const;
  fleet.apply(plan({ api: 'v2', configured: [aProject({ kinds })], discovered: [], interfaceEndpoints: true }));
  const region = { cloudProvider: 'AWS', region: 'US_EAST_1' };
  const orders = aCluster('orders', { regions: [region], strings: [] });
  const asked: boolean[] = [];
  const list = `${project.id}/connection_strings/`;
  const pollClusters = async () => {
    answers.push(async ({ asksManaged }) => {
      asked.push(asksManaged(orders));
      return toSnapshot('v2', [], [orders]);
    });
    await poller.poll(list);
  };
  await pollClusters();
  answer(snapshot({ interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] }));
  await poller.poll(key);
  await pollClusters();
  answer(snapshot({ status: 'FAILED' }));
  await poller.poll(key);
  await pollClusters();
  answer(toSnapshot('v2', [], [{ ...orders, strings: [aString(['vpce-1'])] }]));
  await poller.poll(list);
  await pollClusters();
  expect(asked).toEqual([false, true, false, true]);
});
