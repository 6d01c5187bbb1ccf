/**
 * What the counters of one source must be, worked out anew from its whole history, without looking at the product: slow
 * and plain on purpose. Times are ms of one clock.
 */

export interface SeenEndpoint {
  readonly id: string;
  /** null: known by its id only. */
  readonly status: string | null;
  readonly error: string | null;
}

export interface SeenConnection {
  readonly id: string;
  readonly status: string;
  readonly error: string | null;
  readonly endpoints: readonly SeenEndpoint[];
}

export type Event =
  | {
      readonly at: number;
      readonly type: 'seen';
      readonly api: 'v1.0' | 'v2';
      readonly connections: readonly SeenConnection[];
    }
  | { readonly at: number; readonly type: 'failed' }
  | { readonly at: number; readonly type: 'minute' };

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
  facts: ReadonlyMap<string, Fact>;
  added: number;
  removed: number;
  endpointsAdded: number;
  endpointsRemoved: number;
}

export interface Fact {
  readonly status: string | null;
  readonly error: string | null;
}

/** `sameText`: whether two messages say the same in other words. */
export function modelOf(
  events: readonly Event[],
  tombstoneFor: number,
  sameText: (a: string, b: string) => boolean,
): Model {
  const model: Model = {
    told: new Map(),
    facts: new Map(),
    added: 0,
    removed: 0,
    endpointsAdded: 0,
    endpointsRemoved: 0,
  };
  let before: Map<string, Fact> | null = null;
  let api = '';
  for (const event of events) {
    if (event.type === 'minute') {
      for (const [key, told] of model.told) {
        const connection = model.told.get(key.split(' ')[0] ?? '');
        const over = (entry: Told | undefined) =>
          entry?.goneAt !== null && entry !== undefined && event.at - (entry.goneAt ?? 0) >= tombstoneFor;
        if (over(told) || over(connection)) model.told.delete(key);
      }
    }
    if (event.type !== 'seen') continue;
    const now = factsOf(event.connections);
    if (before === null) for (const key of now.keys()) model.told.set(key, newTold(event.at));
    else if (api !== event.api) switchApi(model, before, now, event.at);
    else compare(model, before, now, event.at, sameText);
    model.facts = now;
    before = now;
    api = event.api;
  }
  return model;
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
      told.entered[fact.status] = (told.entered[fact.status] ?? 0) + 1;
      told.since = at;
    }
    if (was.error === fact.error) continue;
    if (was.error === null) count(told, 'set', at);
    else if (fact.error === null) count(told, 'cleared', at);
    else count(told, sameText(was.error, fact.error) ? 'reworded' : 'changed', at);
  }
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

function factsOf(connections: readonly SeenConnection[]): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  for (const { id, status, error, endpoints } of connections) {
    facts.set(id, { status, error });
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
