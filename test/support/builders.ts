/** Short ways to say what is watched and what is known of it. Everything has a default, and anything can be said. */

import type { Cluster, PrivateConnectionString } from '../../src/domain/cluster.ts';
import { type Failure, type FailureReason, failureGuide } from '../../src/domain/failure.ts';
import type { Ledger } from '../../src/domain/ledger.ts';
import { enterReading } from '../../src/domain/ledger.ts';
import { type PollOutcome, recordPoll, type SourceState, unpolled } from '../../src/domain/poll.ts';
import type { Project } from '../../src/domain/project.ts';
import {
  type Connection,
  type InterfaceEndpoint,
  type InterfaceEndpointDetail,
  interfaceEndpointKey,
  type Snapshot,
  toSnapshot,
} from '../../src/domain/snapshot.ts';
import { type Source, sourceKey } from '../../src/domain/source.ts';
import type { Api, CloudProvider } from '../../src/domain/status.ts';
import type { Instant } from '../../src/domain/time.ts';
import type { SourceView } from '../../src/domain/view.ts';

/** 2026-01-01T00:00:00Z. */
export const epoch = Date.UTC(2026, 0, 1);

/** A moment `ms` after the epoch of the tests, on both clocks. */
export function at(ms: number): Instant {
  return { wall: epoch + ms, monotonic: ms };
}

export function aProject(overrides: Partial<Project> = {}): Project {
  return {
    id: '5df264b8f10fab7d2cad2f0d',
    name: null,
    credential: 'main',
    providers: ['AWS'],
    kinds: ['cluster'],
    schedule: '0 * * * * *',
    slowSchedule: '0 */5 * * * *',
    labels: {},
    ...overrides,
  };
}

export function aSource(overrides: Partial<Omit<Source, 'key'>> = {}): Source {
  const source = {
    projectId: '5df264b8f10fab7d2cad2f0d',
    kind: 'cluster',
    cloudProvider: 'AWS',
    api: 'v2',
    credential: 'main',
    schedule: '0 * * * * *',
    interfaceEndpoints: true,
    ...overrides,
  } as const;
  return { ...source, key: sourceKey(source.projectId, source.kind, source.cloudProvider) };
}

export function aConnection(id: string, overrides: Partial<Omit<Connection, 'id'>> = {}): Connection {
  return {
    id,
    cloudProvider: 'AWS',
    status: 'AVAILABLE',
    region: 'US_EAST_1',
    endpointServiceName: `com.amazonaws.vpce.us-east-1.vpce-svc-${id}`,
    errorMessage: null,
    interfaceEndpoints: [],
    ...overrides,
  };
}

/** An interface endpoint of which more than the id is known. */
export function anInterfaceEndpoint(
  id: string,
  overrides: Partial<InterfaceEndpointDetail> = {},
  cloudProvider: CloudProvider = 'AWS',
): InterfaceEndpoint {
  const detail = { status: 'AVAILABLE', errorMessage: null, connectionName: '', members: null, ...overrides };
  return { key: interfaceEndpointKey(id, cloudProvider), id, detail };
}

/** An interface endpoint known by its id only. */
export function anId(id: string, cloudProvider: CloudProvider = 'AWS'): InterfaceEndpoint {
  return { key: interfaceEndpointKey(id, cloudProvider), id, detail: null };
}

export function aSnapshot(connections: readonly Connection[], api: Api = 'v2'): Snapshot {
  return toSnapshot(api, connections);
}

export function aLedger(connections: readonly Connection[], api: Api = 'v2', now: Instant = at(0)): Ledger {
  return enterReading(null, aSnapshot(connections, api), 'cluster', now).ledger;
}

/** A failure whose detail says that a test made it. */
export function aFailure(reason: FailureReason, detail = `Made to fail: ${reason}`): Failure {
  return { reason, detail, remedy: failureGuide[reason].remedy };
}

/** What one poll of a story came to: the connections or clusters it saw, or why it failed. */
export type Poll = readonly Connection[] | { readonly clusters: readonly Cluster[] } | FailureReason | Failure;

/** The state of a source after these polls, a minute apart, the first one at `at(0)`. */
export function polled(source: Source, ...polls: readonly Poll[]): SourceState {
  return polls.reduce<SourceState>((state, poll, index) => {
    return recordPoll(source, state, outcomeOf(source, poll), at(index * 60_000)).state;
  }, unpolled);
}

export function outcomeOf({ api }: Source, poll: Poll): PollOutcome {
  if (typeof poll === 'string') return { ok: false, failure: aFailure(poll) };
  if ('clusters' in poll) return { ok: true, reading: { api, connections: [], clusters: poll.clusters } };
  return 'reason' in poll ? { ok: false, failure: poll } : { ok: true, reading: aSnapshot(poll, api) };
}

export function aCluster(name: string, overrides: Partial<Omit<Cluster, 'name'>> = {}): Cluster {
  return {
    name,
    type: 'REPLICASET',
    state: 'IDLE',
    paused: false,
    regions: [{ cloudProvider: 'AWS', region: 'US_EAST_1' }],
    strings: [],
    ...overrides,
  };
}

/** A private connection string through these interface endpoints of AWS. */
export function aString(ids: readonly string[], targets: readonly string[] = ['pl-0.example:1024']) {
  return {
    type: 'MONGOD',
    endpoints: ids.map((id) => ({ key: id, id, cloudProvider: 'AWS', region: 'US_EAST_1' })),
    targets,
    isUri: true,
  } as const satisfies PrivateConnectionString;
}

/** A source of clusters after these polls, a minute apart, the first one at `at(0)`. */
export function aClusterList(...polls: readonly (readonly Cluster[])[]): SourceView {
  const source = aSource({ kind: 'connection_strings', cloudProvider: '' });
  const state = polls.reduce<SourceState>((before, clusters, index) => {
    const reading = { api: 'v2', connections: [], clusters } as const;
    return recordPoll(source, before, { ok: true, reading }, at(index * 60_000)).state;
  }, unpolled);
  return { source, state };
}

/** The source of the links of the same project. */
export function aLinkList(connections: readonly Connection[], cloudProvider: CloudProvider = 'AWS'): SourceView {
  const source = aSource({ cloudProvider });
  return { source, state: polled(source, connections) };
}
