/** Any set of elements made unreadable leaves every other element's series and changes as if nothing had been. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSource } from '../../src/atlas/lists/read.ts';
import type { LinkChange } from '../../src/domain/change.ts';
import { recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import type { Reading } from '../../src/domain/reading.ts';
import type { Source } from '../../src/domain/source.ts';
import { type ConnectionKind, connectionKinds, connectionStatuses, listsOf } from '../../src/domain/status.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import type { OtherEndpoint } from '../../src/simulator/world/model.ts';
import { otherKinds } from '../../src/simulator/world/other-kinds.ts';
import { scripted } from '../atlas/fixtures.ts';
import { aSource, at } from '../support/builders.ts';
import { parse, seriesOf } from '../support/exposition-parser.ts';
import type { SeenConnection } from '../support/naive-model.ts';
import { oddFields, readAnswers } from '../support/seen.ts';
import { histories } from '../support/sizes.ts';

// None names an endpoint: which names a list would have told that never came, nobody can know.
const messages = [null, 'Request 1 was denied', 'Request 2 was denied', 'It was not found'] as const;
const ofFields = ['no status', 'status of null', 'blank status', 'status of a number', 'message of a list'] as const;
const ofLists = ['no list', 'list of null'] as const;

/** Half of what is unreadable at all is so in one poll. */
const perhaps = <const T>(...odd: readonly T[]) => fc.option(fc.constantFrom(...odd), { freq: 3 });
const endpoint = fc.record({
  id: fc.constantFrom('vpce-1', 'vpce-2', 'vpce-3'),
  status: fc.constantFrom('PENDING', 'AVAILABLE', 'REJECTED', 'DELETING'),
  error: fc.constantFrom(...messages),
  asked: fc.boolean(),
  odd: perhaps('404', 'no object', 'no status', 'status of null'),
});
const connectionOf = (kind: ConnectionKind) =>
  fc.record({
    id: fc.constantFrom('c1', 'c2', 'c3'),
    status: fc.constantFrom(...connectionStatuses(kind)),
    error: fc.constantFrom(...messages),
    endpoints: fc.uniqueArray(endpoint, { selector: ({ id }) => id, maxLength: kind === 'cluster' ? 3 : 0 }),
    odd: perhaps(...ofFields, ...(kind === 'cluster' ? ofLists : [])),
  });
const historyOf = (kind: ConnectionKind) =>
  fc.record({
    polls: fc.array(fc.uniqueArray(connectionOf(kind), { selector: ({ id }) => id, maxLength: 3 }), {
      minLength: 2,
      maxLength: 6,
    }),
    /** What may be unreadable in this history: all else is not. */
    victims: fc.subarray(['c1', 'c2', 'c3', 'c1 vpce-1', 'c1 vpce-2', 'c2 vpce-1', 'c3 vpce-3']),
  });

test.each(connectionKinds)(
  '%s: whatever cannot be read hides nothing beside it',
  async (kind) => {
    const source = aSource({ kind, cloudProvider: listsOf(kind)[0] ?? '' });
    const runs = kind === 'cluster' ? Math.max(80, histories / 8) : Math.max(25, histories / 30);
    let unreadable = 0;
    await fc.assert(
      fc.asyncProperty(historyOf(kind), async ({ polls, victims }) => {
        const untidy = polls.map((seen) => seen.map((connection) => spoilt(connection, victims)));
        const tidy = polls.map((seen) => seen.map((connection) => spoilt(connection, [])));
        // Endpoints of a connection whose list is missing are part of what it does not say.
        const noLists = untidy.flat().flatMap(({ id, odd }) => (ofLists.some((word) => word === odd) ? [id] : []));
        const isBeside = (connectionId: string, endpointId: string | null | undefined) =>
          endpointId == null
            ? !victims.includes(connectionId)
            : !victims.includes(`${connectionId} ${endpointId}`) && !noLists.includes(connectionId);
        // Whether a connection is ready may hang on its endpoints alone: then it is as they were last known.
        const hangs = (name: string, connectionId: string) =>
          name.includes('_connection_ready{') && victims.some((victim) => victim.startsWith(`${connectionId} `));
        const [with_, without] = [await live(source, untidy), await live(source, tidy)];
        expect(only(with_, isBeside, hangs)).toEqual(only(without, isBeside, hangs));
        unreadable += [...with_.series.keys()].filter((name) => name.includes('_unreadable{')).length;
      }),
      { numRuns: Math.ceil(runs) },
    );
    expect(unreadable).toBeGreaterThan(0);
  },
  60_000 + 40 * histories,
);

function spoilt(connection: SeenConnection, victims: readonly string[]): SeenConnection {
  const { id, odd = null } = connection;
  return {
    ...connection,
    odd: victims.includes(id) ? odd : null,
    endpoints: connection.endpoints.map((each) => ({
      ...each,
      odd: victims.includes(`${id} ${each.id}`) ? (each.odd ?? null) : null,
    })),
  };
}

interface Told {
  readonly changes: readonly (readonly [poll: number, change: LinkChange])[];
  /** Labels and value of each series after each poll, by its name and the poll. */
  readonly series: ReadonlyMap<string, { readonly labels: Readonly<Record<string, string>>; readonly value: number }>;
}

async function live(source: Source, polls: readonly (readonly SeenConnection[])[]): Promise<Told> {
  let state: SourceState = unpolled;
  const changes: [number, LinkChange][] = [];
  const series = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>();
  for (const [index, seen] of polls.entries()) {
    const now = at(index * 60_000);
    const recorded = recordPoll(source, state, { ok: true, reading: await read(source, seen) }, now);
    state = recorded.state;
    for (const change of recorded.changes) if ('connectionId' in change) changes.push([index, change]);
    const clock = { wall: () => now.wall, monotonic: () => now.monotonic };
    const exposition = createExposition({ errorMessageText: () => true, clock, yieldTurn: async () => {} });
    const page = { revision: 0, sources: [{ source, state }], projects: [], removedProjects: [], own: async () => [] };
    for (const { samples } of parse(await exposition.render(page, 'text'), 'text'))
      for (const { name, labels, value } of samples)
        series.set(`${index} ${seriesOf(name, labels)}`, { labels, value });
  }
  return { changes, series };
}

/** Managed strings are those of a cluster. */
const clusters = {
  results: [
    { name: 'orders', replicationSpecs: [{ regionConfigs: [{ providerName: 'AWS', regionName: 'US_EAST_1' }] }] },
  ],
};

/** An element as Atlas writes it. */
function rightOf(
  kind: Exclude<ConnectionKind, 'cluster'>,
  projectId: string,
  told: Pick<OtherEndpoint, 'id' | 'errorMessage'> & { readonly status: string },
): object {
  if (kind === 'managed_connection_strings') return { ...told, connectionStringId: told.id, privateEndpointIds: [] };
  const own = { type: 'other', kind, projectId, cloud: 'AWS', region: 'US_EAST_1', fields: {} } as const;
  return otherKinds[kind].write({ ...own, ...told });
}

/** One poll of raw answers, in the shape of the kind. */
async function read(source: Source, seen: readonly SeenConnection[]): Promise<Reading> {
  const { kind } = source;
  if (kind === 'cluster') return readAnswers(source, seen);
  if (kind === 'connection_strings') throw new Error('It has no connections');
  const results = seen.map(({ id, status, error: errorMessage, odd }) => {
    const right = rightOf(kind, source.projectId, { id, status, errorMessage });
    const fields = Object.entries(odd ? oddFields[odd] : {}).map(([key, value]) => [
      key === 'status' && kind === 'streams' ? 'state' : key,
      value,
    ]);
    return { ...right, ...Object.fromEntries(fields) };
  });
  return readSource(
    source,
    scripted(({ operation }) =>
      JSON.parse(JSON.stringify(operation === 'list_clusters' ? clusters : { results, links: [] })),
    ),
  );
}

function only(
  { changes, series }: Told,
  isBeside: (connectionId: string, endpointId?: string | null) => boolean,
  hangs: (name: string, connectionId: string) => boolean,
) {
  return {
    changes: changes.filter(([, { connectionId, interfaceEndpointId }]) => isBeside(connectionId, interfaceEndpointId)),
    series: Object.fromEntries(
      [...series].flatMap(([name, { labels, value }]) => {
        const { connection_id: connectionId, interface_endpoint_id: endpointId } = labels;
        if (connectionId === undefined || !isBeside(connectionId, endpointId)) return [];
        return hangs(name, connectionId) ? [] : [[name, value]];
      }),
    ),
  };
}
