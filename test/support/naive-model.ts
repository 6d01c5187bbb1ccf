/**
 * What the counters of one source must be, worked out anew from its whole history, without looking at the product: slow
 * and plain on purpose. Times are ms of one clock.
 */

/** How an answer is odd; none of it is said by Atlas' documentation. */
export type EndpointOddity = '404' | 'no object' | 'no status' | 'status of null';
export type ConnectionOddity =
  | 'no status'
  | 'status of null'
  | 'blank status'
  | 'status of a number'
  | 'message of a list'
  | 'no list'
  | 'list of null';

export interface SeenEndpoint {
  readonly id: string;
  /** null: known by its id only. */
  readonly status: string | null;
  readonly error: string | null;
  readonly odd?: EndpointOddity | null;
  /** Whether its removal was asked for. */
  readonly asked?: boolean;
}

export interface SeenConnection {
  readonly id: string;
  readonly status: string;
  readonly error: string | null;
  readonly endpoints: readonly SeenEndpoint[];
  readonly odd?: ConnectionOddity | null;
  /** Other regions that may connect; `odd` is no list of them. */
  readonly remote?: readonly string[] | 'odd';
}

/** What is known of an element after it was seen, by words of its own or by those that were kept. */
export interface KnownEndpoint {
  readonly asked: boolean;
  readonly id: string;
  readonly status: string | null;
  readonly error: string | null;
  readonly unreadable: boolean;
}

export interface KnownConnection {
  readonly id: string;
  /** null: it could never be read. */
  readonly status: string | null;
  readonly error: string | null;
  readonly endpoints: readonly KnownEndpoint[];
  readonly unreadable: boolean;
  /** undefined: they were never told. */
  readonly remote: readonly string[] | undefined;
}

/** `at` is the wall clock; `monotonic` the other one, the same when left out. */
interface Moment {
  readonly at: number;
  readonly monotonic?: number;
}

export type Event = Moment &
  (
    | {
        readonly type: 'seen';
        readonly api: 'v1.0' | 'v2';
        readonly connections: readonly SeenConnection[];
      }
    | { readonly type: 'failed'; readonly reason?: string }
    | { readonly type: 'minute' }
    /** Another process goes on from what this one stored: only the wall clock says how old things are. */
    | { readonly type: 'restart' }
  );

export interface Told {
  since: number;
  entered: Record<string, number>;
  errors: Record<string, number>;
  errorAt: Record<string, number>;
  goneAt: number | null;
}

export interface Model {
  /** By `connection` or `connection endpoint`. */
  readonly told: Map<string, Told>;
  /** What is there now. */
  connections: readonly KnownConnection[] | null;
  api: string;
  facts: ReadonlyMap<string, Fact>;
  added: number;
  removed: number;
  endpointsAdded: number;
  endpointsRemoved: number;
  /** Every change, in words. */
  readonly log: string[];
  lastSuccess: number | null;
  up: boolean;
  failure: string | null;
  stale: boolean;
}

export interface Fact {
  readonly asked?: boolean;
  readonly status: string | null;
  readonly error: string | null;
  readonly remote?: readonly string[] | undefined;
}

/** `sameText`: whether two messages say the same in other words. */
export function modelOf(
  events: readonly Event[],
  tombstoneFor: number,
  sameText: (a: string, b: string) => boolean,
  staleAfter = Number.POSITIVE_INFINITY,
): Model {
  const model: Model = {
    told: new Map(),
    connections: null,
    api: '',
    log: [],
    lastSuccess: null,
    up: false,
    failure: null,
    stale: false,
    facts: new Map(),
    added: 0,
    removed: 0,
    endpointsAdded: 0,
    endpointsRemoved: 0,
  };
  let before: Map<string, Fact> | null = null;
  /** On the other clock: since when something is gone, and when it was last seen. */
  const goneSince = new Map<Told, number>();
  let seenAt = 0;
  let api = '';
  for (const event of events) {
    const { at, monotonic = at } = event;
    if (event.type === 'failed') {
      model.up = false;
      model.failure = event.reason ?? '';
    }
    if (event.type === 'restart') {
      const age = (stamp: number) => Math.max(0, at - stamp);
      for (const told of model.told.values()) {
        told.since = Math.min(told.since, at);
        for (const [change, stamp] of Object.entries(told.errorAt)) told.errorAt[change] = Math.min(stamp, at);
        if (told.goneAt === null) continue;
        goneSince.set(told, monotonic - age(told.goneAt));
        told.goneAt = at - age(told.goneAt);
      }
      if (model.lastSuccess !== null) {
        seenAt = monotonic - age(model.lastSuccess);
        model.lastSuccess = at - age(model.lastSuccess);
      }
      model.failure = null;
      model.stale = false;
    }
    if (event.type === 'minute') {
      if (model.lastSuccess !== null && monotonic - seenAt >= staleAfter) model.stale = true;
      for (const [key, told] of model.told) {
        const connection = model.told.get(key.split(' ')[0] ?? '');
        const over = (entry: Told | undefined) =>
          entry !== undefined && entry.goneAt !== null && monotonic - (goneSince.get(entry) ?? 0) >= tombstoneFor;
        if (over(told) || over(connection)) model.told.delete(key);
      }
    }
    if (event.type !== 'seen') continue;
    const known = event.connections.map((seen) => knownOf(seen, model.connections ?? [], event.api));
    const now = factsOf(known);
    if (before === null) for (const key of now.keys()) model.told.set(key, newTold(event.at));
    else if (api !== event.api) switchApi(model, before, now, event.at);
    else compare(model, before, now, event.at, sameText);
    for (const told of model.told.values()) {
      if (told.goneAt === null) goneSince.delete(told);
      else if (!goneSince.has(told)) goneSince.set(told, monotonic);
    }
    Object.assign(model, { connections: known, api: event.api, lastSuccess: at, up: true });
    Object.assign(model, { failure: null, stale: false });
    seenAt = monotonic;
    model.facts = now;
    before = now;
    api = event.api;
  }
  return model;
}

/** Whoever cannot be read keeps what was known; a status that never was is OTHER. */
function knownOf(seen: SeenConnection, before: readonly KnownConnection[], api: string): KnownConnection {
  const was = before.find(({ id }) => id === seen.id);
  const said = seen.remote === 'odd' ? was?.remote : (seen.remote ?? []);
  const remote = api === 'v1.0' ? undefined : said;
  const endpoints = isListOdd(seen)
    ? (was?.endpoints ?? []).map((endpoint) => ({ ...endpoint, unreadable: true }))
    : seen.endpoints.map((endpoint) =>
        knownEndpointOf(
          endpoint,
          was?.endpoints.find(({ id }) => id === endpoint.id),
        ),
      );
  const { id, error } = seen;
  const hadStatus = was !== undefined && was.status !== null && was.status !== 'OTHER';
  switch (seen.odd ?? null) {
    case null:
      return { id, status: seen.status, error, endpoints, remote, unreadable: false };
    case 'no list':
    case 'list of null':
      return {
        id,
        status: was ? was.status : seen.status,
        error: was ? was.error : error,
        endpoints,
        remote: was ? was.remote : remote,
        unreadable: true,
      };
    case 'status of a number':
    case 'message of a list':
      return {
        id,
        status: was?.status ?? null,
        error: was?.error ?? null,
        endpoints,
        remote: was?.remote,
        unreadable: true,
      };
    default:
      if (!hadStatus) return { id, status: 'OTHER', error, endpoints, remote, unreadable: false };
      return { id, status: was.status, error: was.error, endpoints, remote: was.remote, unreadable: true };
  }
}

function isListOdd({ odd }: SeenConnection): boolean {
  return odd === 'no list' || odd === 'list of null';
}

function knownEndpointOf(seen: SeenEndpoint, was: KnownEndpoint | undefined): KnownEndpoint {
  const { id, status, error, odd, asked = false } = seen;
  // Its own answer is not asked for where only ids are read.
  if (status === null || odd == null) return { id, status, error, asked, unreadable: false };
  const hadStatus = was !== undefined && was.status !== null && was.status !== 'OTHER';
  if ((odd === 'no status' || odd === 'status of null') && !hadStatus)
    return { id, status: 'OTHER', error, asked, unreadable: false };
  const kept = { status: was?.status ?? null, error: was?.error ?? null, asked: was?.asked ?? false };
  return { id, ...kept, unreadable: true };
}

function compare(
  model: Model,
  before: Map<string, Fact>,
  now: Map<string, Fact>,
  at: number,
  sameText: (a: string, b: string) => boolean,
): void {
  for (const key of before.keys()) {
    if (now.has(key)) continue;
    model.log.push(`removed ${key}`);
    if (key.includes(' ')) model.endpointsRemoved++;
    else model.removed++;
    const told = model.told.get(key);
    if (told) told.goneAt = at;
  }
  for (const [key, fact] of now) {
    const was = before.get(key);
    const told = model.told.get(key) ?? newTold(at);
    model.told.set(key, told);
    if (!was) {
      model.log.push(`added ${key}`);
      if (fact.error !== null) model.log.push(`set ${key}`);
      if (key.includes(' ')) model.endpointsAdded++;
      else model.added++;
      told.goneAt = null;
      told.since = at;
      if (fact.error !== null) count(told, 'set', at);
      continue;
    }
    if (was.status === null || fact.status === null) {
      if (was.status === null && fact.status !== null) told.since = at;
      continue;
    }
    if (was.status !== fact.status) {
      model.log.push(`status ${key}`);
      told.entered[fact.status] = (told.entered[fact.status] ?? 0) + 1;
      told.since = at;
    }
    if (fact.remote && was.remote && `${fact.remote}` !== `${was.remote}`) model.log.push(`remote_regions ${key}`);
    if (fact.asked && !was.asked) model.log.push(`delete_requested ${key}`);
    if (was.error === fact.error) continue;
    const how = errorStep(was.error, fact.error, sameText);
    model.log.push(`${how} ${key}`);
    count(told, how, at);
  }
}

function errorStep(was: string | null, is: string | null, sameText: (a: string, b: string) => boolean): string {
  if (was === null) return 'set';
  if (is === null) return 'cleared';
  return sameText(was, is) ? 'reworded' : 'changed';
}

function switchApi(model: Model, before: Map<string, Fact>, now: Map<string, Fact>, at: number): void {
  for (const key of before.keys()) if (!now.has(key)) model.told.delete(key);
  // What was an endpoint of a connection that ended ends with it, its tombstone too.
  for (const key of model.told.keys()) {
    const [connection = ''] = key.split(' ');
    if (!model.told.has(connection)) model.told.delete(key);
  }
  for (const [key, fact] of now) {
    const told = model.told.get(key) ?? newTold(at);
    if (!before.has(key) || before.get(key)?.status !== fact.status) told.since = at;
    told.goneAt = null;
    model.told.set(key, told);
  }
}

function factsOf(connections: readonly KnownConnection[]): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const { id, status, error, endpoints, remote } of connections) {
    facts.set(id, { status, error, remote });
    for (const endpoint of endpoints) facts.set(`${id} ${endpoint.id}`, endpoint);
  }
  return facts;
}

function newTold(at: number): Told {
  return { since: at, entered: {}, errors: {}, errorAt: {}, goneAt: null };
}

function count(told: Told, change: string, at: number): void {
  told.errors[change] = (told.errors[change] ?? 0) + 1;
  told.errorAt[change] = at;
}
