import { describe, expect, test } from 'vitest';
import { recordPoll, unpolled } from '../../src/domain/poll.ts';
import { restoreState, toForget, toFreshen, toPut } from '../../src/domain/stored.ts';
import { aConnection, aFailure, aLedger, aSource, at, polled } from '../support/builders.ts';
import { aChange } from '../support/state.ts';

const failed = { ok: false, failure: aFailure('timeout') } as const;

describe('what is written of a source', () => {
  const state = polled(aSource(), [aConnection('c1')], 'timeout');

  test('its whole state, with the changes that are told with it', () => {
    expect(toPut('s', state, [aChange(1)])).toEqual({
      type: 'put',
      key: 's',
      ledger: state.ledger,
      up: false,
      lastSuccess: at(0).wall,
      changes: [aChange(1)],
    });
  });

  test('nothing before its first good poll', () => {
    expect(toPut('s', unpolled)).toBeNull();
    expect(toPut('s', recordPoll(aSource(), unpolled, failed, at(0)).state)).toBeNull();
  });

  test('how recent it is, alone', () => {
    expect(toFreshen('s', state)).toEqual({
      type: 'freshen',
      key: 's',
      up: false,
      lastSuccess: at(0).wall,
      changes: [],
    });
    expect(toFreshen('s', unpolled)).toMatchObject({ up: false, lastSuccess: null });
  });

  test('that it is no longer watched', () => {
    expect(toForget('s')).toEqual({ type: 'forget', key: 's', changes: [] });
  });
});

describe('a restart', () => {
  const stored = { key: 's', ledger: aLedger([aConnection('c1')]), up: true, lastSuccess: at(0).wall };

  test('goes on with the age that the wall clock tells', () => {
    const { lastSuccess } = restoreState(stored, { wall: at(5000).wall, monotonic: 100 }).freshness;
    expect(lastSuccess).toEqual({ wall: at(0).wall, monotonic: -4900 });
  });

  test('takes a time from the future for now', () => {
    const { lastSuccess } = restoreState(stored, { wall: at(-5000).wall, monotonic: 100 }).freshness;
    expect(lastSuccess).toEqual({ wall: at(-5000).wall, monotonic: 100 });
  });

  test('knows what was known, and no longer why a poll failed', () => {
    const state = restoreState({ ...stored, up: false, lastSuccess: null }, at(0));
    expect(state).toEqual({
      ledger: stored.ledger,
      freshness: { up: false, failure: null, lastSuccess: null, stale: false },
    });
  });
});
