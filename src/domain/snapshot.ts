import { type Cluster, sameClusters, toClusters } from './cluster.ts';
import type { Api } from './status.ts';
import type { Sunset } from './sunset.ts';

/** Everything one complete poll of one source learned. Complete or it does not exist. */
export interface Snapshot {
  readonly api: Api;
  /** Sorted by id, no id twice. */
  readonly connections: readonly Connection[];
  /** Sorted by name, none twice. Empty where the source lists connections. */
  readonly clusters: readonly Cluster[];
}

/** One private endpoint connection of a project; Atlas' v2 calls it an endpoint service. */
export interface Connection {
  readonly id: string;
  /** Its own cloud as Atlas says it, upper-cased: a CloudProvider, or a cloud that is new. '' when it was never read. */
  readonly cloudProvider: string;
  /** Atlas' word, upper-cased, never mapped. OTHER when Atlas never said one, null when it was never read. */
  readonly status: string | null;
  /** In Atlas' form (`US_EAST_1`); '' when unknown. */
  readonly region: string;
  /** What the cloud calls the service: '' when Atlas does not say. */
  readonly endpointServiceName: string;
  readonly errorMessage: string | null;
  /** Sorted by key, no key twice. */
  readonly interfaceEndpoints: readonly InterfaceEndpoint[];
  /** Why Atlas will stop serving it as it is; left out where nothing of that sort is known. */
  readonly sunset?: Sunset;
  /** Other regions that may connect, sorted, none twice; left out where Atlas never told them. */
  readonly remoteRegions?: readonly string[];
  /** What the customer approves in the cloud console; left out where Atlas does not say. */
  readonly connectionName?: string;
  /** Whose service a connection of Stream Processing goes to; left out where Atlas does not say. */
  readonly vendor?: string;
  /** Why the last poll could not read it, left out when it could. All other facts are what was last known then. */
  readonly unreadable?: string;
}

/** One endpoint in the user's own cloud account that is attached to a connection. */
export interface InterfaceEndpoint {
  /** Identity: the id, lower-cased for AZURE, which changes the case of its resource paths. */
  readonly key: string;
  /** As Atlas spells it. */
  readonly id: string;
  /** null when it is known by its id only: v1.0, or `poll.interfaceEndpoints: false`; also when it was never read. */
  readonly detail: InterfaceEndpointDetail | null;
  /** As of a connection. */
  readonly unreadable?: string;
}

export interface InterfaceEndpointDetail {
  /** Atlas' word, upper-cased, never mapped. */
  readonly status: string;
  readonly errorMessage: string | null;
  /** AZURE's privateEndpointConnectionName, else ''. */
  readonly connectionName: string;
  /** GCP: how many members of the group are in each status, else null. */
  readonly members: Readonly<Record<string, number>> | null;
  /** GCP: what the members are called, sorted. Messages name them. */
  readonly memberNames?: readonly string[];
  /** GCP: those of them that failed, sorted; left out when none did. One without a name is counted in `members` alone. */
  readonly failedMembers?: readonly string[];
  /** Its private addresses, where Atlas tells them (Azure, Google). */
  readonly addresses?: readonly string[];
  /** Whether its removal was asked for; left out when not. */
  readonly deleteRequested?: true;
}

/** The key by which an interface endpoint is known: Azure changes the case of its ids, nobody else does. */
export function interfaceEndpointKey(id: string, cloudProvider: string): string {
  return cloudProvider === 'AZURE' ? id.toLowerCase() : id;
}

/** Puts connections and their interface endpoints in their one order, so that equal answers make equal snapshots. */
export function toSnapshot(api: Api, connections: readonly Connection[], clusters: readonly Cluster[] = []): Snapshot {
  const ordered = connections.map((connection) => ({
    ...connection,
    interfaceEndpoints: connection.interfaceEndpoints.toSorted((a, b) => compare(a.key, b.key)),
  }));
  return { api, connections: ordered.sort((a, b) => compare(a.id, b.id)), clusters: toClusters(clusters) };
}

/** Whether two snapshots say the same. The spelling of an interface endpoint's id is not part of what they say. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return a.api === b.api && same(a.connections, b.connections, sameConnection) && sameClusters(a.clusters, b.clusters);
}

function sameConnection(a: Connection, b: Connection): boolean {
  return (
    a.id === b.id &&
    a.status === b.status &&
    a.errorMessage === b.errorMessage &&
    a.region === b.region &&
    a.endpointServiceName === b.endpointServiceName &&
    a.cloudProvider === b.cloudProvider &&
    a.sunset === b.sunset &&
    a.connectionName === b.connectionName &&
    a.vendor === b.vendor &&
    same(a.remoteRegions ?? [], b.remoteRegions ?? [], Object.is) &&
    (a.remoteRegions === undefined) === (b.remoteRegions === undefined) &&
    a.unreadable === b.unreadable &&
    same(a.interfaceEndpoints, b.interfaceEndpoints, sameEndpoint)
  );
}

function sameEndpoint(a: InterfaceEndpoint, b: InterfaceEndpoint): boolean {
  return a.key === b.key && a.unreadable === b.unreadable && sameDetail(a.detail, b.detail);
}

function sameDetail(a: InterfaceEndpointDetail | null, b: InterfaceEndpointDetail | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.status === b.status &&
    a.errorMessage === b.errorMessage &&
    a.connectionName === b.connectionName &&
    a.deleteRequested === b.deleteRequested &&
    sameMembers(a.members, b.members) &&
    same(a.memberNames ?? [], b.memberNames ?? [], Object.is) &&
    same(a.addresses ?? [], b.addresses ?? [], Object.is) &&
    same(a.failedMembers ?? [], b.failedMembers ?? [], Object.is)
  );
}

function sameMembers(a: InterfaceEndpointDetail['members'], b: InterfaceEndpointDetail['members']): boolean {
  if (a === null || b === null) return a === b;
  const statuses = Object.keys(a);
  return statuses.length === Object.keys(b).length && statuses.every((status) => a[status] === b[status]);
}

function same<T>(a: readonly T[], b: readonly T[], equal: (x: T, y: T) => boolean): boolean {
  return a.length === b.length && a.every((x, index) => equal(x, b[index] as T));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
