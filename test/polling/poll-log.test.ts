import { expect, test } from 'vitest';
import { type FailureReason, failureGuide } from '../../src/domain/failure.ts';
import type { PollOutcome } from '../../src/domain/poll.ts';
import { type Source, sourceKey } from '../../src/domain/source.ts';
import { createPollLog } from '../../src/polling/poll-log.ts';
import { aFailure } from '../support/builders.ts';

let now = 0;
const hour = 3_600_000;

function setUp() {
  now = 0;
  const lines: { level: string; message: string; [field: string]: unknown }[] = [];
  const write = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields });
  const log = createPollLog(
    { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    { wall: () => now, monotonic: () => now },
    (id) => `name of ${id}`,
  );
  return { log, lines };
}

const source = (projectId: string): Source => ({
  key: sourceKey(projectId, 'cluster', 'AWS'),
  projectId,
  kind: 'cluster',
  cloudProvider: 'AWS',
  api: 'v2',
  credential: 'main',
  schedule: '0 * * * * *',
  interfaceEndpoints: true,
});
const failed = (reason: FailureReason): PollOutcome => ({ ok: false, failure: aFailure(reason, 'why') });
const good: PollOutcome = { ok: true, reading: { api: 'v2', connections: [], clusters: [] } };

test('a failure is told when it begins, when its reason changes, once an hour, and when it ends', () => {
  const { log, lines } = setUp();
  const poll = (outcome: PollOutcome, at: number) => {
    now = at;
    log.polled(source('p1'), outcome, 0.1);
  };
  poll(failed('timeout'), 0);
  poll(failed('timeout'), 60_000);
  poll(failed('network'), 120_000);
  poll(failed('network'), hour);
  poll(failed('network'), hour + 120_000);
  poll(good, hour + 180_000);
  poll(good, hour + 240_000);
  expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject([
    { level: 'warn', message: 'Poll failed', reason: 'timeout', detail: 'why', atlas_project_id: 'p1' },
    { level: 'warn', message: 'Poll failed', reason: 'network' },
    { level: 'warn', message: 'Poll failed', reason: 'network' },
    { level: 'info', message: 'Poll recovered', reason: 'network' },
  ]);
});

test('another detail of one reason is told with its remedy, at most once a minute', () => {
  const { log, lines } = setUp();
  const refused = (address: string, at: number) => {
    now = at;
    const failure = {
      reason: 'ip_access_list',
      detail: `for ${address}`,
      remedy: `Put ${address} on the list`,
    } as const;
    log.polled(source('p1'), { ok: false, failure }, 0.1);
  };
  refused('203.0.113.24', 0);
  refused('203.0.113.25', 30_000);
  refused('203.0.113.25', 60_000);
  refused('203.0.113.25', 120_000);
  expect(lines).toMatchObject([
    { level: 'warn', detail: 'for 203.0.113.24', remedy: 'Put 203.0.113.24 on the list' },
    { level: 'warn', detail: 'for 203.0.113.25', remedy: 'Put 203.0.113.25 on the list' },
  ]);
});

test('a wait for a rate limit is told like a failure, and its end like a recovery', () => {
  const { log, lines } = setUp();
  const refusal = aFailure('rate_limited', 'Atlas answered 429');
  log.waiting(source('p1'), refusal, 29_500);
  log.waiting(source('p1'), refusal, 20_000);
  log.polled(source('p1'), good, 40);
  expect(lines.filter(({ level }) => level !== 'debug')).toMatchObject([
    { level: 'warn', message: 'Poll waits for a rate limit', detail: 'Atlas answered 429', wait_seconds: 30 },
    { level: 'info', message: 'Poll recovered', reason: 'rate_limited' },
  ]);
});

test('a source that left and comes back failing is told of anew, and its recovery is its own', () => {
  const { log, lines } = setUp();
  log.polled(source('p1'), failed('network'), 0.1);
  log.forget([source('p1')]);
  log.polled(source('p1'), failed('network'), 0.1);
  expect(lines.map(({ message }) => message)).toEqual(['Poll failed', 'Poll failed']);
  log.forget([source('p1')]);
  log.polled(source('p1'), good, 0.1);
  expect(lines.at(-1)).toMatchObject({ message: 'Polled' });
});

test('a poll that succeeds logs nothing above debug', () => {
  const { log, lines } = setUp();
  log.polled(source('p1'), good, 0.1);
  expect(lines.map(({ level }) => level)).toEqual(['debug']);
});

test('a thousand sources with one reason and their recovery are a few lines with a count', () => {
  const { log, lines } = setUp();
  for (let n = 0; n < 1000; n++) log.polled(source(`p${n}`), failed('server_error'), 0.1);
  log.flush();
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)).toMatchObject({
    message: 'Polls of further sources failed',
    reason: 'server_error',
    sources: 980,
    remedy: failureGuide.server_error.remedy,
  });
  for (let n = 0; n < 1000; n++) log.polled(source(`p${n}`), good, 0.1);
  log.flush();
  const recoveries = lines.slice(21).filter(({ level }) => level === 'info');
  expect(recoveries).toHaveLength(21);
  expect(recoveries.at(-1)).toMatchObject({ message: 'Polls of further sources recovered', sources: 980 });
});

test('what cannot be read is told with its id, what is wrong, what to do and the runbook, and no flood of it', () => {
  const { log, lines } = setUp();
  const detail = 'Atlas lists it and answers 404';
  log.unreadable(source('p1'), [
    { connectionId: 'c1', interfaceEndpointId: null, detail },
    { connectionId: 'c2', interfaceEndpointId: 'vpce-1', detail },
  ]);
  const remedy = expect.stringContaining('runbook AtlasPrivateEndpointUnreadable');
  const told = { level: 'warn', message: 'Not readable', atlas_project_id: 'p1', detail, remedy };
  expect(lines).toEqual([
    expect.objectContaining({ ...told, connection_id: 'c1' }),
    expect.objectContaining({ ...told, connection_id: 'c2', interface_endpoint_id: 'vpce-1' }),
  ]);
  const many = Array.from({ length: 1000 }, (_, n) => ({ connectionId: `c${n}`, interfaceEndpointId: null, detail }));
  log.unreadable(source('p2'), many);
  expect(lines).toHaveLength(2 + 21);
  expect(lines.at(-1)).toMatchObject({ message: 'Further elements are not readable', elements: 980, remedy });
});

test('every change is one info line with the whole message', () => {
  const { log, lines } = setUp();
  const to = 'x'.repeat(5000);
  log.changed({
    id: 7,
    at: 60_000,
    not_before: 0,
    atlas_project_id: 'p1',
    kind: 'cluster',
    cloud_provider: 'AWS',
    connection_id: 'c1',
    type: 'error_message',
    change: 'set',
    from: null,
    to,
  });
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      message: 'Error message changed',
      at: '1970-01-01T00:01:00.000Z',
      not_before: '1970-01-01T00:00:00.000Z',
      project_name: 'name of p1',
      change: 'set',
      to,
    }),
  ]);
});

test('who made a change is one info line', () => {
  const { log, lines } = setUp();
  const by = [{ event: 'ENDPOINT_SERVICE_DELETED', at: 30_000, username: 'anna', address: null, mongodb_staff: false }];
  const place = { atlas_project_id: 'p1', kind: 'cluster', cloud_provider: 'AWS', connection_id: 'c1' };
  log.attributed({ id: 7, at: 60_000, not_before: 0, ...place, type: 'removed', from: 'AVAILABLE', to: null, by });
  expect(lines).toEqual([
    expect.objectContaining({
      ...{ level: 'info', message: 'Audit log told who made a change', id: 7, connection_id: 'c1' },
      by: [{ ...by[0], at: '1970-01-01T00:00:30.000Z' }],
    }),
  ]);
});
