import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { History } from '../../src/domain/histories.ts';
import type { Ledger } from '../../src/domain/ledger.ts';
import { expire, recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import type { Reading } from '../../src/domain/reading.ts';
import type { Source } from '../../src/domain/source.ts';
import { connectionStatuses, type Kind, kinds, listsOf } from '../../src/domain/status.ts';
import { restoreState, toPut } from '../../src/domain/stored.ts';
import { aFailure, aSource } from '../support/builders.ts';
import { type Event, type Model, modelOf } from '../support/naive-model.ts';
import { toReading, withIdsOnly } from '../support/seen.ts';
import { histories } from '../support/sizes.ts';

const tombstoneFor = 10 * 60_000;
// Short on purpose: two of them differ in a number only, one in the endpoint it names.
const messages = [
  null,
  'Request 1 was denied',
  'Request 2 was denied',
  'Interface endpoint vpce-0a1b2c3d4e5f60711 was not found',
] as const;
const sameText = (a: string, b: string) => a.startsWith('Request') && b.startsWith('Request');

/** Atlas is tidy as a rule. */
function sometimes<const T>(...odd: readonly T[]) {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
}
const endpoint = fc.record({
  odd: sometimes('404', 'no status'),
  id: fc.constantFrom('vpce-0a1b2c3d4e5f60711', 'vpce-0a1b2c3d4e5f60712'),
  status: fc.constantFrom('PENDING', 'AVAILABLE', 'REJECTED'),
  error: fc.constantFrom(...messages),
});
/** A connection in any word of the kind, or in one that nobody knows. Only those of clusters have interface endpoints. */
const connectionOf = (kind: Kind) =>
  fc.record({
    odd: sometimes(
      ...(['no status', 'status of a number'] as const),
      ...(kind === 'cluster' ? ['no list' as const] : []),
    ),
    id: fc.constantFrom('c1', 'c2', 'c3'),
    status: fc.constantFrom(...connectionStatuses(kind)),
    error: fc.constantFrom(...messages),
    endpoints: fc.uniqueArray(endpoint, { selector: ({ id }) => id, maxLength: kind === 'cluster' ? 2 : 0 }),
  });
const stepOf = (kind: Kind) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant('seen' as const),
        api: fc.oneof(
          { weight: 9, arbitrary: fc.constant('v2' as const) },
          { weight: 1, arbitrary: fc.constant('v1.0' as const) },
        ),
        idsOnly: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
        connections: fc.uniqueArray(connectionOf(kind), { selector: ({ id }) => id, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('failed' as const) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('minute' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  );
const historyOf = (kind: Kind) =>
  fc.array(fc.tuple(fc.integer({ min: 1000, max: 4 * 60_000 }), stepOf(kind)), { minLength: 1, maxLength: 30 });

test.each(kinds)(
  '%s: every counter, stamp and tombstone is what a naive model of the same history says',
  (kind) => {
    const source = aSource({ kind, cloudProvider: listsOf(kind)[0] ?? '' });
    fc.assert(
      fc.property(historyOf(kind), (steps) => {
        const events: Event[] = [];
        let state: SourceState = unpolled;
        let at = 0;
        for (const [pause, entry] of steps) {
          at += pause;
          const now = { wall: at, monotonic: at };
          if (entry.type === 'seen') {
            const idsOnly = entry.idsOnly || entry.api === 'v1.0';
            const connections = entry.connections.map((seen) => (idsOnly ? withIdsOnly(seen) : seen));
            events.push({ type: 'seen', at, api: entry.api, connections });
            state = poll(source, state, toReading(entry.api, connections), at);
          } else if (entry.type === 'failed') {
            const before = state.ledger;
            state = recordPoll(source, state, { ok: false, failure: aFailure('timeout') }, now).state;
            expect(state.ledger).toBe(before);
          } else if (entry.type === 'minute') {
            events.push({ type: 'minute', at });
            state = expire(state, now, { staleAfterMs: 1e12, tombstoneForMs: tombstoneFor });
          } else {
            const put = JSON.parse(JSON.stringify(toPut(source.key, state)));
            state = put === null ? unpolled : restoreState(put, now);
          }
        }
        expect(shown(state.ledger)).toEqual(expected(modelOf(events, tombstoneFor, sameText)));
      }),
      { numRuns: kind === 'cluster' ? Math.max(2_000, histories) : Math.max(1_000, histories / 2) },
    );
  },
  60_000 + 20 * histories,
);

function poll(source: Source, state: SourceState, reading: Reading, at: number): SourceState {
  const now = { wall: at, monotonic: at };
  const recorded = recordPoll(source, state, { ok: true, reading }, now).state;
  // The same answer again, in another order: nothing is to be committed or rendered.
  const again = { ...reading, connections: reading.connections.toReversed() };
  const repeated = recordPoll(source, recorded, { ok: true, reading: again }, now);
  expect(repeated.state.ledger).toBe(recorded.ledger);
  expect(repeated.changes).toEqual([]);
  return recorded;
}

function shown(ledger: Ledger | null) {
  const connections = new Map((ledger?.snapshot.connections ?? []).map((seen) => [seen.id, seen]));
  const told = (ledger?.histories ?? []).flatMap((entry) => [
    toldOf(entry.id, entry, connections.get(entry.id)?.status != null),
    ...entry.interfaceEndpoints.map((inner) => {
      const now = connections.get(entry.id)?.interfaceEndpoints.find(({ key }) => key === inner.key);
      return toldOf(`${entry.id} ${inner.key}`, inner, now?.detail != null);
    }),
  ]);
  return {
    told: Object.fromEntries(told),
    counts: [
      ledger?.added ?? 0,
      ledger?.removed ?? 0,
      ledger?.interfaceEndpointsAdded ?? 0,
      ledger?.interfaceEndpointsRemoved ?? 0,
    ],
  };
}

/** `since` is only told of what has a status now. */
function toldOf(
  key: string,
  { statusSince, statusChanges, errorChanges, errorChangedAt, goneAt }: History,
  hasStatus: boolean,
) {
  const since = hasStatus ? statusSince : null;
  return [
    key,
    { since, entered: statusChanges, errors: errorChanges, errorAt: errorChangedAt, goneAt: goneAt?.wall ?? null },
  ];
}

function expected({ told, facts, added, removed, endpointsAdded, endpointsRemoved }: Model) {
  const withSince = [...told].map(([key, entry]) => [
    key,
    { ...entry, since: facts.get(key)?.status == null ? null : entry.since },
  ]);
  return { told: Object.fromEntries(withSince), counts: [added, removed, endpointsAdded, endpointsRemoved] };
}
