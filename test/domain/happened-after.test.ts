import { expect, test } from 'vitest';
import { happenedAfter } from '../../src/domain/happened-after.ts';
import { type PollOutcome, recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import type { Reading } from '../../src/domain/reading.ts';
import { aConnection, anInterfaceEndpoint, aSnapshot, aSource, at } from '../support/builders.ts';

const minute = 60_000;
const good = (status: string, endpoint = 'AVAILABLE', errorMessage: string | null = null): PollOutcome => ({
  ok: true,
  reading: aSnapshot([
    aConnection('c1', {
      status,
      errorMessage,
      interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: endpoint })],
    }),
  ]),
});
const unreadable: PollOutcome = {
  ok: true,
  reading: {
    ...aSnapshot([]),
    connections: [{ ...aConnection('c1'), status: null, interfaceEndpoints: null }],
  } satisfies Reading,
};
const failed: PollOutcome = { ok: false, failure: { reason: 'timeout', detail: 'x', remedy: 'y' } };

/** One poll a minute. Each change is `what not_before`, in minutes. */
function polls(...outcomes: readonly PollOutcome[]) {
  let state: SourceState = unpolled;
  const told: string[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    const { changes, state: after } = recordPoll(aSource(), state, outcome, at(index * minute));
    for (const change of changes) {
      const before = happenedAfter(state, change);
      const who = 'connectionId' in change ? (change.interfaceEndpointId ?? change.connectionId) : change.clusterName;
      told.push(`${who} ${change.type} ${before === null ? 'unknown' : (before - at(0).wall) / minute}`);
    }
    state = after;
  }
  const [history] = state.ledger?.histories ?? [];
  const minutes = (wall: number | undefined) => (wall === undefined ? undefined : (wall - at(0).wall) / minute);
  return {
    told,
    since: [minutes(history?.statusNotBefore), minutes(history?.statusSince)],
    errorNotBefore: minutes(history?.errorNotBefore),
  };
}

test('nobody looked before the baseline', () => {
  expect(polls(good('FAILED'), good('FAILED'))).toMatchObject({ told: [], since: [undefined, 0] });
});

test('a change happened after the last good poll, however many failed since', () => {
  expect(polls(good('AVAILABLE'), failed, failed, good('FAILED', 'REJECTED'))).toEqual({
    told: ['c1 status 0', 'vpce-1 status 0'],
    since: [0, 3],
    errorNotBefore: undefined,
  });
});

test('of what could not be read it happened after the last poll that could read it', () => {
  const { told, since } = polls(
    good('AVAILABLE'),
    good('AVAILABLE'),
    unreadable,
    unreadable,
    good('FAILED', 'REJECTED'),
    good('AVAILABLE', 'REJECTED'),
  );
  expect(told).toEqual(['c1 status 1', 'vpce-1 status 1', 'c1 status 4']);
  expect(since).toEqual([4, 5]);
});

test('an error message has a beginning of its own, which further words do not move', () => {
  const { told, since, errorNotBefore } = polls(
    good('AVAILABLE'),
    good('AVAILABLE', 'AVAILABLE', 'one endpoint is gone'),
    good('AVAILABLE', 'AVAILABLE', 'all is lost'),
  );
  expect(told).toEqual(['c1 error_message 0', 'c1 error_message 1']);
  expect([since, errorNotBefore]).toEqual([[undefined, 0], 0]);
});
