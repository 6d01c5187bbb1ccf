import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FailureReason } from '../../src/domain/failure.ts';
import type { Reading } from '../../src/domain/reading.ts';
import { wholeEstate } from '../../src/domain/shard.ts';
import { type Source, sourceKey } from '../../src/domain/source.ts';
import type { Settings } from '../../src/polling/watch.ts';
import { openDatabase } from '../../src/state/file/open.ts';
import { aProject, aSource } from '../support/builders.ts';
import { type ParsedFamily, seriesOf } from '../support/exposition-parser.ts';
import { type FleetProcess, Refusal, startFleetProcess } from '../support/fleet-process.ts';
import { type Event, modelOf, type SeenConnection } from '../support/naive-model.ts';
import { pageOf } from '../support/naive-page.ts';
import { readAnswers, withIdsOnly } from '../support/seen.ts';
import { histories } from '../support/sizes.ts';

const minute = 60_000;
const tombstoneFor = 20 * minute;
const staleAfter = 15 * minute;
const projectIds = ['5df264b8f10fab7d2cad2f01', '5df264b8f10fab7d2cad2f02'] as const;
// Two differ in a number only.
const messages = [null, 'Request 1 was denied', 'Request 2 was denied', 'It was not found'] as const;
const sameText = (a: string, b: string) => a.startsWith('Request') && b.startsWith('Request');

// Also a role that is missing, as 401 and as 403, and a list that answers 404.
const reasons = [
  'timeout',
  'tls',
  'unauthorized',
  'forbidden',
  'not_supported',
] as const satisfies readonly FailureReason[];

interface Config {
  readonly watched: readonly string[];
  readonly api: 'v1.0' | 'v2';
  readonly details: boolean;
}

const project = fc.constantFrom(...projectIds);
/** Atlas is tidy as a rule. */
function sometimes<const T>(...odd: readonly T[]) {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });
}
const endpoint = fc.record({
  asked: fc.constantFrom(false, false, true),
  odd: sometimes('404', 'no object', 'no status', 'status of null'),
  id: fc.constantFrom('vpce-1', 'vpce-2'),
  status: fc.constantFrom('PENDING', 'AVAILABLE', 'REJECTED'),
  error: fc.constantFrom(...messages),
});
const connection = fc.record({
  odd: sometimes(
    ...(['no status', 'status of null', 'blank status', 'status of a number'] as const),
    ...(['message of a list', 'no list', 'list of null'] as const),
  ),
  id: fc.constantFrom('c1', 'c2', 'c3'),
  status: fc.constantFrom('INITIATING', 'AVAILABLE', 'WAITING_FOR_USER', 'FAILED'),
  error: fc.constantFrom(...messages),
  remote: fc.constantFrom([], ['EU_WEST_1'], ['EU_WEST_1', 'US_WEST_2'], 'odd' as const),
  endpoints: fc.uniqueArray(endpoint, { selector: ({ id }) => id, maxLength: 2 }),
});
const connections = fc.uniqueArray(connection, { selector: ({ id }) => id, maxLength: 3 });
const someConnections = fc.uniqueArray(connection, { selector: ({ id }) => id, minLength: 1, maxLength: 3 });
const config: fc.Arbitrary<Config> = fc.record({
  watched: fc.subarray([...projectIds]),
  api: fc.constantFrom('v2', 'v2', 'v1.0'),
  details: fc.constantFrom(true, true, false),
});
const configs = fc.array(config, { minLength: 1, maxLength: 2 });
const is = <T extends string>(type: T) => fc.constant(type);
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: is('poll'), project, connections }) },
  { weight: 1, arbitrary: fc.record({ type: is('ids twice'), project, connections: someConnections }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: is('fault'), project, reason: fc.constantFrom<FailureReason>(...reasons) }),
  },
  { weight: 3, arbitrary: fc.record({ type: is('minute') }) },
  { weight: 3, arbitrary: fc.record({ type: is('scrape') }) },
  { weight: 2, arbitrary: fc.record({ type: is('restart') }) },
  { weight: 2, arbitrary: fc.record({ type: is('reload'), config }) },
  { weight: 2, arbitrary: fc.record({ type: is('reloads in a poll'), project, connections, configs }) },
  { weight: 1, arbitrary: fc.record({ type: is('disk'), works: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: is('jump'),
      ms: fc.constantFrom(60 * minute, -60 * minute, 315_360_000_000, -315_360_000_000),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const history = fc.array(fc.tuple(fc.integer({ min: 1_000, max: 8 * minute }), step), { minLength: 1, maxLength: 35 });
const first: fc.Arbitrary<Config> = fc.record({
  watched: is('').map(() => [...projectIds]),
  api: fc.constantFrom('v2', 'v1.0'),
  details: fc.boolean(),
});

/** What a project's page must say, as a list of what happened to it. */
interface Account {
  events: readonly Event[];
  /** Changes told before it was last taken out. */
  told: readonly string[];
}
type Accounts = ReadonlyMap<string, Account>;

test(
  `${histories} random histories: the page and the log say what a naive model of each says`,
  async () => {
    await fc.assert(fc.asyncProperty(first, history, live), { numRuns: histories });
  },
  120_000 + 60 * histories,
);

async function live(start: Config, steps: readonly (readonly [number, Step])[]): Promise<void> {
  const { database } = openDatabase(':memory:', { changesKept: 100_000, now: () => new Date(0) });
  let [wall, monotonic] = [Date.UTC(2026, 0, 1), 0];
  let now = start;
  let diskWorks = true;
  let answer = (_source: Source): Promise<Reading> => Promise.reject(new Error('Nobody asked'));
  let asked: Source | null = null;
  let accounts: Accounts = new Map(projectIds.map((id) => [id, { events: [], told: [] }]));
  /** What is on the disk when it is the last that can be written. */
  let durable = accounts;

  const begin = (): FleetProcess =>
    startFleetProcess({
      database,
      clock: { wall: () => wall, monotonic: () => monotonic },
      settings: toSettings(now),
      diskWorks: () => diskWorks,
      fetchReading(source) {
        asked = source;
        return answer(source);
      },
    });
  const enter = (id: string, event: Event) => {
    const { events = [], told = [] } = accounts.get(id) ?? {};
    accounts = new Map(accounts).set(id, { told, events: [...events, { ...event, at: wall, monotonic }] });
  };
  const enterAll = (event: Event) => {
    for (const id of now.watched) enter(id, event);
  };
  /** What is no longer watched begins anew, should it come back; what the log told of it stays. */
  const leave = (next: Config) => {
    for (const id of projectIds) {
      const account = accounts.get(id);
      if (!account || next.watched.includes(id)) continue;
      accounts = new Map(accounts).set(id, {
        events: [],
        told: [...account.told, ...modelOf(account.events, tombstoneFor, sameText).log],
      });
    }
    now = next;
  };
  const seen = (list: readonly SeenConnection[], api: Config['api'], details: boolean) =>
    api === 'v1.0' || !details ? list.map(withIdsOnly) : list;

  let running = begin();
  for (const [pause, entry] of steps) {
    wall += pause;
    monotonic += pause;
    switch (entry.type) {
      case 'poll': {
        const list = seen(entry.connections, now.api, now.details);
        answer = (source) => readAnswers(source, list);
        await running.poll(keyOf(entry.project));
        if (now.watched.includes(entry.project))
          enter(entry.project, { at: 0, type: 'seen', api: now.api, connections: list });
        break;
      }
      case 'ids twice': {
        answer = (source) => readAnswers(source, entry.connections, true);
        await running.poll(keyOf(entry.project));
        if (now.watched.includes(entry.project))
          enter(entry.project, { at: 0, type: 'failed', reason: 'invalid_response' });
        break;
      }
      case 'fault':
        answer = () => Promise.reject(new Refusal(entry.reason));
        await running.poll(keyOf(entry.project));
        if (now.watched.includes(entry.project)) enter(entry.project, { at: 0, type: 'failed', reason: entry.reason });
        break;
      case 'minute':
        await running.minute();
        enterAll({ at: 0, type: 'minute' });
        break;
      case 'scrape':
        expect(shown(await running.page())).toEqual(expected(accounts, now));
        break;
      case 'reload':
        running.reload(toSettings(entry.config));
        leave(entry.config);
        break;
      case 'reloads in a poll': {
        const before = now;
        const list = seen(entry.connections, before.api, before.details);
        const arrived = Promise.withResolvers<Reading>();
        answer = () => arrived.promise;
        asked = null;
        const polled = running.poll(keyOf(entry.project));
        for (const config of entry.configs) {
          running.reload(toSettings(config));
          leave(config);
        }
        arrived.resolve(await readAnswers(sourceOf(entry.project, before), list));
        await polled;
        expect(asked !== null).toBe(before.watched.includes(entry.project));
        if ([before, ...entry.configs].every(({ watched }) => watched.includes(entry.project)))
          enter(entry.project, { at: 0, type: 'seen', api: before.api, connections: list });
        break;
      }
      case 'restart':
        // What could not be written is lost with the process.
        accounts = durable;
        leave(now);
        monotonic = 0;
        running = begin();
        enterAll({ at: 0, type: 'restart' });
        break;
      case 'disk':
        diskWorks = entry.works;
        running.save();
        break;
      case 'jump':
        wall += entry.ms;
        break;
    }
    running.flush();
    if (diskWorks) durable = accounts;
  }

  monotonic += 1_000;
  expect(shown(await running.page())).toEqual(expected(accounts, now));
  diskWorks = true;
  running.save();
  const log = database.changes({ limit: 100_000 });
  expect(log.map(({ id }) => id)).toEqual([...new Set(log.map(({ id }) => id))].sort((a, b) => a - b));
  for (const id of projectIds) {
    const { events = [], told = [] } = accounts.get(id) ?? {};
    const words = log
      .filter((change) => change.atlas_project_id === id)
      .map(
        ({ type, change, connection_id: outer, interface_endpoint_id: inner }) =>
          `${change ?? type} ${inner ? `${outer} ${inner}` : outer}`,
      );
    expect(words.sort()).toEqual([...told, ...modelOf(events, tombstoneFor, sameText).log].sort());
  }
  database.close();
}

const sourceOf = (projectId: string, { api, details }: Config) =>
  aSource({ projectId, api, interfaceEndpoints: details });
const keyOf = (id: string) => sourceKey(id, 'cluster', 'AWS');

function toSettings({ watched, api, details }: Config): Settings {
  const projects = watched.map((id) => aProject({ id }));
  const times = {
    timezone: 'UTC',
    spreadMs: 0,
    fastSchedule: null,
    staleAfterMs: staleAfter,
    tombstoneForMs: tombstoneFor,
    lookupsOff: new Set<string>(),
  };
  return { api, projects, organizations: [], interfaceEndpoints: details, shard: wholeEstate, ...times };
}

function shown(families: readonly ParsedFamily[]): Record<string, number> {
  const samples = families.flatMap((family) => family.samples).filter(({ name }) => !/_project_/.test(name));
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => {
      const { error_class, error_digest, error_message, ...rest } = labels;
      return [seriesOf(name, rest), value];
    }),
  );
}

function expected(accounts: Accounts, { watched, details }: Config): Record<string, number> {
  const pages = watched.map((projectId) => {
    const model = modelOf(accounts.get(projectId)?.events ?? [], tombstoneFor, sameText, staleAfter);
    return pageOf(model, { projectId, credential: 'main', details });
  });
  return Object.assign({}, ...pages);
}
