import { describe, expect, test } from 'vitest';
import {
  attribute,
  auditEventTypes,
  eventTypesOf,
  isModeFlip,
  isTold,
  lookedForSince,
  toAuditChange,
  withAsker,
  writtenAuthors,
} from '../../src/domain/audit.ts';
import type { AuditEvent } from '../../src/domain/author.ts';
import type { RecordedChange } from '../../src/domain/change-log.ts';

const minute = 60_000;
/** A connection that was there at minute 10 and gone at minute 11. */
const gone: RecordedChange = {
  id: 1,
  at: 11 * minute,
  not_before: 10 * minute,
  atlas_project_id: 'p1',
  kind: 'cluster',
  cloud_provider: 'AWS',
  connection_id: 'c1',
  type: 'removed',
  from: 'AVAILABLE',
  to: null,
};
const deleted: AuditEvent = {
  id: 'e1',
  at: 10.5 * minute,
  type: 'ENDPOINT_SERVICE_DELETED',
  username: null,
  publicKey: 'abcdefgh',
  address: '203.0.113.9',
  mongodbStaff: false,
};
const author = {
  event: 'ENDPOINT_SERVICE_DELETED',
  at: 10.5 * minute,
  public_key: 'abcdefgh',
  address: '203.0.113.9',
  mongodb_staff: false,
};
const anna: AuditEvent = { ...deleted, id: 'e2', publicKey: null, username: 'anna@example.com' };
const fitting = (changes: readonly RecordedChange[], events: readonly AuditEvent[], log = changes, isLast = false) => {
  const { told, waiting, unmatched } = attribute(changes, events, log, isLast);
  return {
    told: told.map(({ id, by = [], by_ambiguous }) => [
      id,
      by.map((one) => one.public_key ?? one.username),
      by_ambiguous,
    ]),
    waiting: waiting.map(({ id }) => id),
    unmatched: unmatched.map(({ id }) => id),
  };
};

describe('the events of a change', () => {
  test('of a flip of regional mode are those of its direction', () => {
    const flip: RecordedChange = {
      id: 1,
      at: 9,
      not_before: 1,
      atlas_project_id: 'p1',
      type: 'regional_mode',
      from: 'off',
      to: 'on',
    };
    const [on, off] = [eventTypesOf(flip), eventTypesOf({ ...flip, from: 'on', to: 'off' })];
    expect([on, off]).toEqual([
      ['REGIONALIZED_PRIVATE_ENDPOINT_MODE_ENABLED'],
      ['REGIONALIZED_PRIVATE_ENDPOINT_MODE_DISABLED'],
    ]);
    expect(auditEventTypes).toEqual(expect.arrayContaining([...on, ...off]));
    expect([...on, 'ENDPOINT_SERVICE_DELETED'].map((type) => isModeFlip({ type }))).toEqual([true, false]);
  });

  const change = (overrides: Partial<RecordedChange>) => eventTypesOf({ ...gone, ...overrides });
  const endpoint = { interface_endpoint_id: 'vpce-1' };
  test.each([
    ['a service that appears', { type: 'added' }, ['ENDPOINT_SERVICE_CREATED']],
    ['a service that goes', {}, ['ENDPOINT_SERVICE_DELETED']],
    ['a service that is being deleted', { type: 'status', to: 'DELETING' }, ['ENDPOINT_SERVICE_DELETED']],
    ['a service that fails', { type: 'status', to: 'FAILED' }, []],
    ['a message', { type: 'error_message' }, []],
    ['other regions', { type: 'remote_regions' }, ['CROSS_REGION_SUPPORTED_REGION_MODIFIED']],
    ['an endpoint that appears', { ...endpoint, type: 'added' }, ['INTERFACE_ENDPOINT_CREATED']],
    ['an endpoint that goes', endpoint, ['INTERFACE_ENDPOINT_DELETED']],
    ['a removal asked for', { ...endpoint, type: 'delete_requested' }, ['INTERFACE_ENDPOINT_DELETED']],
    [
      'an endpoint in another status',
      { ...endpoint, type: 'status', to: 'PENDING' },
      ['INTERFACE_ENDPOINT_PATCHED', 'INTERFACE_ENDPOINT_RETRIED'],
    ],
    [
      'encryption at rest',
      { kind: 'encryption_at_rest', type: 'added' },
      ['ENCRYPTION_AT_REST_PRIVATE_ENDPOINT_CREATED'],
    ],
    ['another kind', { kind: 'streams' }, []],
    ['a cluster', { kind: 'connection_strings', type: 'connection_string' }, []],
  ] as const)('%s', (_name, overrides, types) => {
    expect(change(overrides)).toEqual(types);
    for (const type of types) expect(auditEventTypes).toContain(type);
  });
});

test('events are looked for from a minute before the last good poll', () => {
  expect([lookedForSince(gone), lookedForSince({ ...gone, not_before: null })]).toEqual([9 * minute, null]);
});

describe('an event', () => {
  test('that fits is told', () => {
    expect(attribute([gone], [deleted], [gone], false)).toEqual({
      told: [{ ...gone, by: [author] }],
      waiting: [],
      unmatched: [],
    });
  });

  test.each([
    ['a minute before the last good poll', 9, true],
    ['earlier', 8.99, false],
    ['a minute after it was seen', 12, true],
    ['later', 12.01, false],
  ])('%s', (_name, at, fits) => {
    const { told, waiting } = fitting([gone], [{ ...deleted, at: at * minute }]);
    expect([told.length, waiting.length]).toEqual(fits ? [1, 0] : [0, 1]);
  });

  test('of Atlas itself has no author', () => {
    const [told] = attribute([gone], [{ ...deleted, publicKey: null, address: null }], [], false).told;
    expect(told?.by).toEqual([
      { event: 'ENDPOINT_SERVICE_DELETED', at: 10.5 * minute, address: null, mongodb_staff: false },
    ]);
  });

  test('of another type is one that no change answers to', () => {
    const other = { ...deleted, id: 'e9', type: 'INTERFACE_ENDPOINT_CREATED' };
    expect(fitting([gone], [deleted, other])).toMatchObject({
      told: [[1, ['abcdefgh'], undefined]],
      unmatched: ['e9'],
    });
    // The last good poll saw what happened before it.
    for (const at of [9.9, 11.1, 20]) expect(fitting([gone], [{ ...other, at: at * minute }]).unmatched).toEqual([]);
    const precise = { ...gone, not_before: 10.4 * minute + 900 };
    expect(fitting([precise], [{ ...other, at: 10.4 * minute }]).unmatched).toEqual(['e9']);
  });

  test('that the log tells of already is not told again', () => {
    const earlier = { ...gone, id: 0, by: [author] };
    expect(fitting([gone], [deleted], [earlier, gone])).toEqual({ told: [], waiting: [1], unmatched: [] });
    const alone = toAuditChange({ ...deleted, type: 'INTERFACE_ENDPOINT_CREATED' }, 'p1', 5);
    const again = { ...deleted, type: 'INTERFACE_ENDPOINT_CREATED' };
    expect([isTold(again, [alone]), isTold(again, [earlier]), isTold(deleted, [earlier])]).toEqual([true, false, true]);
  });

  test('that was told alone may still fit a change that is seen later', () => {
    expect(fitting([gone], [deleted], [toAuditChange(deleted, 'p1', 0), gone]).told).toEqual([
      [1, ['abcdefgh'], undefined],
    ]);
  });
});

test('an event between the two polls is preferred to one that only the difference of clocks explains', () => {
  const before = { ...anna, at: 9.5 * minute };
  expect(fitting([gone], [deleted, before]).told).toEqual([[1, ['abcdefgh'], undefined]]);
  expect(fitting([gone], [before]).told).toEqual([[1, ['anna@example.com'], undefined]]);
});

describe('several', () => {
  const second = { ...gone, id: 2, connection_id: 'c2' };
  test('events of several authors are ambiguous', () => {
    expect(fitting([gone], [deleted, anna]).told).toEqual([[1, ['abcdefgh', 'anna@example.com'], true]]);
  });

  test('changes by one author are not', () => {
    expect(fitting([gone, second], [deleted, { ...deleted, id: 'e3', at: deleted.at + 1 }]).told).toEqual([
      [1, ['abcdefgh', 'abcdefgh'], undefined],
      [2, ['abcdefgh', 'abcdefgh'], undefined],
    ]);
  });

  test('changes for one event wait for another, and are ambiguous when none comes', () => {
    expect(fitting([gone, second], [deleted])).toEqual({ told: [], waiting: [1, 2], unmatched: [] });
    expect(fitting([gone, second], [deleted], [], true).told).toEqual([
      [1, ['abcdefgh'], true],
      [2, ['abcdefgh'], true],
    ]);
  });
});

describe('what was asked for before it went', () => {
  const removal = { ...gone, id: 9, requested: true } as const;
  const deleting: RecordedChange = { ...gone, id: 3, type: 'status', to: 'DELETING', by: [author] };
  test.each([
    ['by whom the log knows', [deleting], [author]],
    ['of another connection', [{ ...deleting, connection_id: 'c2' }], undefined],
    ['of an interface endpoint of it', [{ ...deleting, interface_endpoint_id: 'vpce-1' }], undefined],
    ['by nobody known', [{ ...gone, id: 3 }], undefined],
    ['by who made it', [{ ...deleting, by: [{ ...author, event: 'ENDPOINT_SERVICE_CREATED' }] }], undefined],
  ])('%s', (_name, log, by) => {
    expect(withAsker(removal, log)?.by).toEqual(by);
  });

  test('is none of what just went', () => {
    expect(withAsker(gone, [deleting])).toBeNull();
  });
});

test('authors are written with moments, and nothing where nobody is known', () => {
  expect([writtenAuthors({ by: [author] }), writtenAuthors({})]).toEqual([
    { by: [{ ...author, at: '1970-01-01T00:10:30.000Z' }] },
    {},
  ]);
});
