import { beforeEach, describe, expect, test } from 'vitest';
import type { ListedProject } from '../../src/domain/listing.ts';
import type { SourceState } from '../../src/domain/poll.ts';
import { wholeEstate } from '../../src/domain/shard.ts';
import { createDiscovery, type Discovery } from '../../src/polling/discovery.ts';
import { createFleet, type Fleet } from '../../src/polling/fleet.ts';
import { createPoller } from '../../src/polling/poller.ts';
import { createWatch, type Settings, type Watch } from '../../src/polling/watch.ts';
import { aConnection, aFailure, aProject, aSnapshot, aSource, at, polled } from '../support/builders.ts';

const minute = 60_000;
let now: number;
let fleet: Fleet;
let discovery: Discovery;
let watch: Watch;
let listings: Map<string, readonly ListedProject[]>;
let forgotten: string[];

const organization = (id: string): Settings['organizations'][number] => ({
  organization: id,
  credential: 'main',
  include: null,
  exclude: null,
  schedule: '0 */10 * * * *',
  toProject: (listed) => aProject({ id: listed.id }),
});
const settings = (overrides: Partial<Settings> = {}): Settings => ({
  api: 'v2',
  projects: [],
  organizations: [],
  interfaceEndpoints: true,
  shard: wholeEstate,
  timezone: 'UTC',
  spreadMs: 0,
  fastSchedule: null,
  staleAfterMs: 15 * minute,
  tombstoneForMs: 60 * minute,
  lookupsOff: new Set(),
  ...overrides,
});

beforeEach(() => {
  now = 0;
  listings = new Map();
  forgotten = [];
  const clock = { wall: () => at(now).wall, monotonic: () => now };
  fleet = createFleet();
  discovery = createDiscovery({
    clock,
    list: async ({ organization: id }) => listings.get(id) ?? Promise.reject(new Error('refused')),
    failureOf: () => aFailure('forbidden'),
    listed: (projects, left) => watch.listed(projects, left),
    confirmed: () => watch.confirmed(),
    tell: { recovered() {}, failed() {}, left() {}, empty() {} },
  });
  watch = createWatch({
    clock,
    fleet,
    poller: createPoller({
      fleet,
      clock,
      fetchReading: async () => aSnapshot([aConnection('c1')]),
      failureOf: () => aFailure('internal'),
      commit: async () => {},
      nextChangeId: () => 1,
      tell: {
        polled() {},
        skipped() {},
        changed() {},
        waiting() {},
        unknownStatuses() {},
        unreadable() {},
        abandoned() {},
      },
    }),
    scheduler: { plan() {}, begin() {}, lateMs: () => 0, msToNext: () => null, [Symbol.dispose]() {} },
    discovery,
    lookups: { configure() {} },
    forget: (keys) => void forgotten.push(...keys),
  });
});

const keyOf = (projectId: string) => aSource({ projectId }).key;
const isStale = (projectId: string) => fleet.find(keyOf(projectId))?.state.freshness.stale;

describe('a source is stale', () => {
  test.each([
    ['after staleAfter, when it is polled often', '0 * * * * *', 15],
    ['after three of its gaps, when these are longer', '0 */10 * * * *', 30],
    ['after three of its longest gaps, when they differ', '0 0,20,30 * * * *', 90],
  ])('%s', async (_name, schedule, minutes) => {
    const project = aProject({ schedule });
    const state = polled(aSource({ schedule }), [aConnection('c1')]);
    watch.apply(settings({ projects: [project] }), new Map([[keyOf(project.id), state]]));
    now = minutes * minute - 1;
    await watch.expire();
    expect(isStale(project.id)).toBe(false);
    now += 1;
    await watch.expire();
    expect(isStale(project.id)).toBe(true);
  });
});

describe('what an earlier process left', () => {
  const restored = new Map<string, SourceState>(
    ['a', 'b', 'gone'].map((id) => [keyOf(id), polled(aSource({ projectId: id }), [aConnection('c1')])]),
  );
  const listed = (id: string, orgId: string) => ({ id, name: id, orgId });
  const watched = () => [...fleet.sources()].map(({ source, state }) => [source.projectId, state.ledger !== null]);

  test('is kept until every organization was listed, however long one of them cannot be', async () => {
    watch.apply(settings({ organizations: [organization('o1'), organization('o2')] }), restored);
    listings.set('o1', [listed('a', 'o1')]);
    await discovery.run('o1');
    await discovery.run('o2');
    expect([watched(), forgotten]).toEqual([[['a', true]], []]);

    listings.set('o2', [listed('b', 'o2')]);
    await discovery.run('o2');
    expect(watched()).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(forgotten).toEqual([keyOf('gone')]);
  });

  test('is forgotten too when the listings say what was known', async () => {
    const known = [listed('a', 'o1'), listed('b', 'o1')];
    watch.apply(settings({ organizations: [organization('o1')] }), restored, known);
    expect(forgotten).toEqual([]);
    listings.set('o1', known);
    await discovery.run('o1');
    expect(forgotten).toEqual([keyOf('gone')]);
  });
});
