import { describe, expect, test } from 'vitest';
import { expire, inTransition, recordPoll, unpolled } from '../../src/domain/poll.ts';
import { aConnection, anInterfaceEndpoint, aSnapshot, aSource, at, polled } from '../support/builders.ts';

const limits = { staleAfterMs: 900_000, tombstoneForMs: 86_400_000 };
const hour = 3_600_000;

describe('freshness', () => {
  test('a failed poll tells why and keeps what was known', () => {
    const good = polled(aSource(), [aConnection('c1')]);
    const failed = polled(aSource(), [aConnection('c1')], 'timeout');
    expect(failed.freshness).toMatchObject({
      up: false,
      failure: { reason: 'timeout' },
      lastSuccess: good.freshness.lastSuccess,
    });
    expect(failed.ledger).toEqual(good.ledger);
  });

  test('a source goes stale by time alone, and fresh by a good poll', () => {
    const state = polled(aSource(), [aConnection('c1')], 'timeout');
    expect(expire(state, at(899_999), limits)).toBe(state);
    const stale = expire(state, at(900_000), limits);
    expect(stale.freshness.stale).toBe(true);
    expect(expire(stale, at(900_001), limits)).toBe(stale);
    const snapshot = aSnapshot([aConnection('c1')]);
    expect(recordPoll(aSource(), stale, { ok: true, reading: snapshot }, at(900_002)).state.freshness.stale).toBe(
      false,
    );
  });

  test('the wall clock does not make anything stale', () => {
    const state = polled(aSource(), [aConnection('c1')]);
    expect(expire(state, { wall: at(10 * 365 * 24 * hour).wall, monotonic: 60_000 }, limits)).toBe(state);
  });

  test('one that was never polled is not stale', () => {
    expect(expire(unpolled, at(1e9), limits)).toBe(unpolled);
  });
});

describe('inTransition', () => {
  test.each([
    ['a connection that is being made', aConnection('c1', { status: 'INITIATING' }), true],
    ['one that is being deleted', aConnection('c1', { status: 'DELETING' }), true],
    ['one that is there', aConnection('c1'), false],
    ['one that failed', aConnection('c1', { status: 'FAILED' }), false],
    [
      'an interface endpoint on its way',
      aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('v', { status: 'PENDING' })] }),
      true,
    ],
    [
      'an interface endpoint that waits for the user',
      aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('v', { status: 'NONE' })] }),
      false,
    ],
  ])('%s', (_name, connection, expected) => {
    const state = polled(aSource(), [connection]);
    expect(inTransition(aSource(), state, at(60_000), hour)).toBe(expected);
    expect(inTransition(aSource(), state, at(hour), hour)).toBe(false);
  });
  test('nothing is known of one that was never polled', () => {
    expect(inTransition(aSource(), unpolled, at(0), hour)).toBe(false);
  });
});
