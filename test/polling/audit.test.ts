import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endOf } from '../../src/domain/audit.ts';
import type { AuditEvent } from '../../src/domain/author.ts';
import type { RecordedChange } from '../../src/domain/change-log.ts';
import { type Audit, createAudit } from '../../src/polling/audit.ts';

const minute = 60_000;
let asked: (readonly [projectId: string, since: number])[];
let events: readonly AuditEvent[] | null;
let log: Map<number, RecordedChange>;
let told: string[];
/** Wall ms of the last time that every list was read. */
let readAt: number;
let isAsked: boolean;
let audit: Audit;
beforeEach(() => {
  vi.useFakeTimers();
  [asked, events, log, told, readAt, isAsked] = [[], [], new Map(), [], 0, true];
  let lastId = 100;
  audit = createAudit({
    async ask(projectId, since) {
      asked.push([projectId, since]);
      return events;
    },
    isAsked: () => isAsked,
    changes: async ({ projectId, sinceAt = 0, newestFirst }) => {
      const found = [...log.values()].filter((one) => one.atlas_project_id === projectId && one.at >= sinceAt);
      return newestFirst ? found.toSorted((a, b) => b.id - a.id) : found;
    },
    async commit(writes) {
      for (const change of writes.flatMap((write) => write.changes)) log.set(change.id, change);
    },
    nextChangeId: () => ++lastId,
    wasRead: (_, one) => readAt >= endOf(one),
    tell: {
      attributed: ({ id, by = [] }) => void told.push(`${id}: ${by.map(({ public_key }) => public_key).join()}`),
      found: ({ id, by = [] }) => void told.push(`${id} alone: ${by.map(({ event }) => event).join()}`),
    },
  });
});
afterEach(async () => {
  await audit[Symbol.asyncDispose]();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
function change(id: number, overrides: Partial<RecordedChange> = {}): RecordedChange {
  const gone: RecordedChange = {
    ...{ id, at: 11 * minute, not_before: 10 * minute, atlas_project_id: 'p1', kind: 'cluster', cloud_provider: 'AWS' },
    ...{ connection_id: `c${id}`, type: 'removed', from: 'AVAILABLE', to: null },
    ...overrides,
  };
  log.set(id, gone);
  return gone;
}
const event = (id: string, overrides: Partial<AuditEvent> = {}): AuditEvent => ({
  ...{ id, at: 10.5 * minute, type: 'ENDPOINT_SERVICE_DELETED', username: null, publicKey: 'abcdefgh' },
  ...{ address: '203.0.113.9', mongodbStaff: false },
  ...overrides,
});

test('a thousand changes at once ask each project once', async () => {
  events = Array.from({ length: 500 }, (_, n) => event(`e${n}`));
  for (let n = 0; n < 1_000; n++) audit.changed(change(n, { atlas_project_id: `p${n % 2}` }));
  await pass(10 * minute);
  expect(asked).toEqual([
    ['p0', 9 * minute],
    ['p1', 9 * minute],
  ]);
  expect(told).toHaveLength(1_000);
  expect(log.get(7)?.by).toHaveLength(500);
});

test('what is not there yet is asked for again after one and five minutes, then given up', async () => {
  audit.changed(change(1));
  await pass(6_000);
  expect(asked).toHaveLength(1);
  await pass(58_000);
  expect(asked).toHaveLength(1);
  await pass(2_000);
  expect(asked).toHaveLength(2);
  await pass(238_000);
  expect(asked).toHaveLength(2);
  await pass(3_000);
  expect(asked).toHaveLength(3);
  events = [event('e1')];
  await pass(60 * minute);
  expect([asked.length, told]).toEqual([3, []]);
});

test('an event that comes late is told when it is there, and nothing is asked after it', async () => {
  audit.changed(change(1));
  await pass(6_000);
  events = [event('e1')];
  await pass(60 * minute);
  expect([asked.length, told]).toEqual([2, ['1: abcdefgh']]);
});

test('a log that cannot be asked is tried again like an empty one', async () => {
  events = null;
  audit.changed(change(1));
  await pass(60 * minute);
  expect([asked.length, told]).toEqual([3, []]);
});

test('an event beside the change is told alone, once every list was read; nothing is asked for its sake', async () => {
  events = [event('e1'), event('e2', { type: 'INTERFACE_ENDPOINT_CREATED' })];
  audit.changed(change(1));
  await pass(6_000);
  expect(told).toEqual(['1: abcdefgh']);
  readAt = 12 * minute;
  await pass(minute);
  expect(told.slice(1)).toEqual(['101 alone: INTERFACE_ENDPOINT_CREATED']);
  audit.changed(change(2, { at: 11.2 * minute, not_before: 10.2 * minute, connection_id: 'c2' }));
  await pass(60 * minute);
  expect(told.slice(2)).toEqual([]);
  expect(asked).toHaveLength(4);
});

test('an event whose change is seen by a later poll is not told alone', async () => {
  events = [event('e1'), event('e2', { type: 'INTERFACE_ENDPOINT_DELETED' })];
  audit.changed(change(1));
  await pass(6_000);
  audit.changed(change(2, { interface_endpoint_id: 'vpce-1', cloud_provider: 'AZURE' }));
  await pass(60 * minute);
  expect(told).toEqual(['1: abcdefgh', '2: abcdefgh']);
});

test('an event in the second of a poll may be one that the next poll sees: it is not told alone', async () => {
  // Atlas tells the second in which it was, and the poll was 0.8 s into it.
  const created = event('e2', { type: 'ENDPOINT_SERVICE_CREATED', at: 11 * minute });
  events = [event('e1'), created];
  audit.changed(change(1, { at: 11 * minute + 800 }));
  readAt = 11 * minute + 800;
  await pass(6_000);
  expect(told).toEqual(['1: abcdefgh']);
  // It is seen, and nobody has said yet who made it.
  change(2, { type: 'added', from: null, to: 'AVAILABLE', at: 12 * minute, not_before: 11 * minute + 800 });
  readAt = 12 * minute;
  await pass(60 * minute);
  expect(told.slice(1)).toEqual([]);
});

test('who asked for a removal is told of what went, and nobody is asked', async () => {
  audit.changed(change(1, { type: 'status', to: 'DELETING', connection_id: 'c7' }));
  events = [event('e1')];
  await pass(6_000);
  audit.changed(change(2, { at: 30 * minute, not_before: 29 * minute, connection_id: 'c7', requested: true }));
  await pass(60 * minute);
  expect([asked.length, told]).toEqual([1, ['1: abcdefgh', '2: abcdefgh']]);
});

test.each([
  ['Atlas makes by itself', { type: 'error_message' }],
  ['has no poll before it', { not_before: null }],
] as const)('nobody is asked about a change that %s', async (_name, overrides) => {
  audit.changed(change(1, overrides));
  await pass(10 * minute);
  expect(asked).toEqual([]);
});

test('nobody is asked where that is turned off', async () => {
  isAsked = false;
  audit.changed(change(1));
  await pass(10 * minute);
  expect(asked).toEqual([]);
});

test('a change log that cannot be read for a while is read at the next try', async () => {
  audit.changed(change(1));
  const { values } = log;
  log.values = () => {
    throw new Error('disk');
  };
  await pass(6_000);
  log.values = values;
  events = [event('e1')];
  await pass(10 * minute);
  expect([asked.length, told]).toEqual([2, ['1: abcdefgh']]);
});

test('the end waits for nothing', async () => {
  audit.changed(change(1));
  await audit[Symbol.asyncDispose]();
  await pass(10 * minute);
  expect(asked).toEqual([]);
});
