/** Connections that live through everything, one change after the other, and the count of it that the exporter must agree with. */
import { expect } from 'vitest';
import type { AtlasWorld } from '../../src/simulator/world/atlas-world.ts';
import type { OtherEndpoint, SimulatedConnection } from '../../src/simulator/world/model.ts';
import { sumOf } from './process.ts';

/** A change as `/api/v1/changes` tells it. */
export interface ToldChange {
  readonly id: number;
  readonly connection_id: string;
  readonly type: string;
  readonly change?: string;
}

export interface Life {
  readonly ids: readonly string[];
  /** Everything that happened since the lives began. */
  readonly revision: number;
  /** Of these, those to which nothing happened that is not in the log yet: another change could hide what is not seen. */
  quiet(log: readonly ToldChange[], ids?: readonly string[]): readonly string[];
  /** The next thing happens to a connection; it is one change, whenever it is seen. */
  happen(id: string): void;
  /** The log tells of each connection what happened to it, in its order, and nothing else. */
  expectLog(log: readonly ToldChange[]): void;
}

type Turn<T> = (world: AtlasWorld, thing: T) => void;

const turns: readonly Turn<SimulatedConnection>[] = [
  (world, connection) => world.setStatus(connection, 'FAILED'),
  (world, connection) => world.setErrorMessage(connection, 'The endpoint was not found.'),
  (world, connection) => world.setErrorMessage(connection, 'The request was denied.'),
  (world, connection) => void world.attach(connection),
  (world, connection) => world.setErrorMessage(connection, null),
  (world, { interfaceEndpoints: [endpoint] }) => endpoint && world.detach(endpoint),
  (world, connection) => world.removeConnection(connection),
  (world, { id, projectId }) => {
    const project = world.projects.get(projectId);
    if (project) world.addConnection(project, { id });
  },
];

/** Those of Atlas' other features have no interface endpoints. */
const otherTurns: readonly Turn<OtherEndpoint>[] = [
  (world, endpoint) => world.setStatus(endpoint, 'FAILED'),
  (world, endpoint) => world.setErrorMessage(endpoint, 'The endpoint was not found.'),
  (world, endpoint) => world.setErrorMessage(endpoint, 'The request was denied.'),
  (world, endpoint) => world.setErrorMessage(endpoint, null),
  (world, endpoint) => world.removeOtherEndpoint(endpoint),
  (world, { id, kind, projectId }) => {
    const project = world.projects.get(projectId);
    if (project) world.addOtherEndpoint(project, { kind, id });
  },
];

/** `things` are there already. */
export function createLife(world: AtlasWorld, things: readonly (SimulatedConnection | OtherEndpoint)[]): Life {
  const last = new Map<string, SimulatedConnection | OtherEndpoint>(things.map((thing) => [thing.id, thing]));
  const lived = new Map<string, number>();
  const revision = world.history.revision;
  const ids = [...last.keys()];
  const happened = (id: string) => world.history.since(revision).filter(({ connectionId }) => connectionId === id);
  return {
    ids,
    revision,
    quiet(log, among = ids) {
      const told = Map.groupBy(log, ({ connection_id }) => connection_id);
      return among
        .filter((id) => (told.get(id)?.length ?? 0) === world.history.of(id).length - before(world, id, revision))
        .toSorted((a, b) => (lived.get(a) ?? 0) - (lived.get(b) ?? 0));
    },
    happen(id) {
      const thing = last.get(id);
      const turn = lived.get(id) ?? 0;
      if (thing?.type === 'connection') turns[turn % turns.length]?.(world, thing);
      if (thing?.type === 'other') otherTurns[turn % otherTurns.length]?.(world, thing);
      const others = thing ? world.projects.get(thing.projectId)?.otherEndpoints : [];
      const now = world.connections.get(id) ?? others?.find((other) => other.id === id);
      if (now) last.set(id, now);
      lived.set(id, turn + 1);
    },
    expectLog(log) {
      expect(log.map((change) => change.id)).toEqual(world.history.since(revision).map((_, index) => index + 1));
      const told = Map.groupBy(log, ({ connection_id }) => connection_id);
      for (const id of ids) expect((told.get(id) ?? []).map(nameOf)).toEqual(happened(id).map(nameOf));
    },
  };
}

function before({ history }: AtlasWorld, id: string, revision: number): number {
  return history.of(id).filter((entry) => entry.revision <= revision).length;
}

function nameOf({ type, change }: { readonly type: string; readonly change?: string | null }): string {
  return change ? `${type} ${change}` : type;
}

/** The counters of a project are what happened in it since that revision. */
export function expectCounted(
  series: Readonly<Record<string, number>>,
  world: AtlasWorld,
  projectId: string,
  revision: number,
): void {
  const entries = world.history.since(revision).filter((entry) => entry.projectId === projectId);
  const count = (type: string, change: string | null = null, inner = false) =>
    entries.filter((one) => one.type === type && one.change === change && (one.interfaceEndpointId !== null) === inner)
      .length;
  const sum = (name: string, labels = '') =>
    sumOf(series, new RegExp(`^mongodb_atlas_private_endpoint_${name}\\{.*${projectId}.*${labels}`));
  expect({
    added: sum('connections_added_total'),
    removed: sum('connections_removed_total'),
    endpointsAdded: sum('interface_endpoints_added_total'),
    endpointsRemoved: sum('interface_endpoints_removed_total'),
    status: sum('connection_status_changes_total'),
    set: sum('connection_error_message_changes_total', 'change="set"'),
    changed: sum('connection_error_message_changes_total', 'change="changed"'),
    reworded: sum('connection_error_message_changes_total', 'change="reworded"'),
    cleared: sum('connection_error_message_changes_total', 'change="cleared"'),
  }).toEqual({
    added: count('added'),
    removed: count('removed'),
    endpointsAdded: count('added', null, true),
    endpointsRemoved: count('removed', null, true),
    status: count('status'),
    set: count('error_message', 'set'),
    changed: count('error_message', 'changed'),
    reworded: count('error_message', 'reworded'),
    cleared: count('error_message', 'cleared'),
  });
}

export interface LogOptions {
  /** Of one project alone. */
  readonly projectId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What is in the log after that id. */
export async function readLog(
  url: string,
  after = 0,
  { projectId, headers = {} }: LogOptions = {},
): Promise<readonly ToldChange[]> {
  const of = projectId === undefined ? '' : `&atlas_project_id=${projectId}`;
  const all: ToldChange[] = [];
  for (;;) {
    const answer = await fetch(`${url}/api/v1/changes?limit=1000&since=${all.at(-1)?.id ?? after}${of}`, {
      headers,
    });
    const { changes } = (await answer.json()) as { changes: ToldChange[] };
    if (changes.length === 0) return all;
    all.push(...changes);
  }
}
