/**
 * Clusters of a project, and the private connection strings through which applications reach them. A private connection
 * string exists only while every region of its cluster has a private endpoint, so it can go although no link changed.
 */
import { byKey, byText } from './keys.ts';
import { keepLastRead, type Remembering } from './last-read.ts';
import type { Instant } from './time.ts';

export interface Cluster {
  /** Unique in its project: the identity. */
  readonly name: string;
  /** REPLICASET, SHARDED, GEOSHARDED; '' when Atlas does not say. */
  readonly type: string;
  /** Atlas' word, upper-cased, never mapped; '' when Atlas does not say, null when it was never read. */
  readonly state: string | null;
  readonly paused: boolean;
  /** Sorted, none twice: the regions that need a private endpoint. Shared tiers have none. */
  readonly regions: readonly ClusterRegion[];
  /** Sorted by identity. */
  readonly strings: readonly PrivateConnectionString[];
  /** Left out when Atlas' managed private connection strings were not asked, or have nothing under way and nothing failed. */
  readonly managed?: ManagedStrings;
  /** Why the last poll could not read it, left out when it could. All other facts are what was last known then. */
  readonly unreadable?: string;
}

/** Managed private connection strings that are none yet. Those that are available are among the strings. */
export interface ManagedStrings {
  /** How many Atlas is making. */
  readonly pending: number;
  /** Why the first of those that Atlas could not make failed; null when none did. */
  readonly failed: string | null;
}

export interface ClusterRegion {
  /** Atlas' word, upper-cased: a CloudProvider, or a cloud that is new. '' when Atlas does not say. */
  readonly cloudProvider: string;
  /** In Atlas' form (`US_EAST_1`). */
  readonly region: string;
}

export interface PrivateConnectionString {
  /** MONGOD, MONGOS; '' when Atlas does not say. */
  readonly type: string;
  /** Sorted by key, none twice. */
  readonly endpoints: readonly StringEndpoint[];
  /** `host:port`, each once; empty when the string names no host that listens. */
  readonly targets: readonly string[];
  /** Whether the string has the form of a connection string. One that has not still counts, and has no targets. */
  readonly isUri: boolean;
}

/** An interface endpoint that a private connection string goes through. */
export interface StringEndpoint extends ClusterRegion {
  /** As interface endpoints are known: see `interfaceEndpointKey`. */
  readonly key: string;
  /** As Atlas spells it here. */
  readonly id: string;
}

/** States of a cluster that are shown by name. */
export const clusterStates = ['IDLE', 'CREATING', 'UPDATING', 'DELETING', 'REPAIRING'] as const;

export const stringChanges = ['added', 'removed'] as const;
export type StringChange = (typeof stringChanges)[number];

/** A difference between two lists of clusters. `from` and `to` of a string count the strings: their text is not told. */
export type ClusterChange = { readonly clusterName: string } & (
  | { readonly type: 'added'; readonly from: null; readonly to: string | null }
  | { readonly type: 'removed'; readonly from: string | null; readonly to: null }
  | { readonly type: 'connection_string'; readonly change: StringChange; readonly from: string; readonly to: string }
);

/** The past of one cluster. Stamps are wall ms; a count that is missing is 0. */
export interface ClusterHistory extends Remembering {
  readonly name: string;
  readonly stringChanges: Readonly<Partial<Record<StringChange, number>>>;
  readonly stringChangedAt: Readonly<Partial<Record<StringChange, number>>>;
  /** The tombstone: when it was seen gone; null while it is listed. */
  readonly goneAt: Instant | null;
}

export function newClusterHistory({ name }: Cluster): ClusterHistory {
  return { name, stringChanges: {}, stringChangedAt: {}, goneAt: null };
}

/** Puts clusters in their one order, so that equal answers make equal snapshots. */
export function toClusters(clusters: readonly Cluster[]): readonly Cluster[] {
  return clusters
    .map((cluster) => ({
      ...cluster,
      regions: inOrder(cluster.regions, regionKey),
      strings: cluster.strings
        .map((string) => ({ ...string, endpoints: inOrder(string.endpoints, ({ key }) => key) }))
        .sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1)),
    }))
    .sort(byText('name'));
}

/** Sorted by what `keyOf` says, none twice. */
function inOrder<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return [...byKey(items, keyOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

function regionKey({ cloudProvider, region }: ClusterRegion): string {
  return `${cloudProvider} ${region}`;
}

/** A string is known by what it goes through: Atlas gives it no id, and its hosts move. */
function identityOf({ type, endpoints }: PrivateConnectionString): string {
  return JSON.stringify([type, ...endpoints.map(({ key }) => key)]);
}

export function sameClusters(a: readonly Cluster[], b: readonly Cluster[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The clusters after a poll: one that cannot be read keeps what was last known of it. */
export function settleClusters(before: readonly Cluster[], told: readonly Cluster[]): readonly Cluster[] {
  const known = byKey(before, ({ name }) => name);
  return told.map((is) => {
    const { unreadable } = is;
    return unreadable === undefined ? is : { ...(known.get(is.name) ?? is), unreadable };
  });
}

/**
 * Whether a cluster may be called without a string by what was just read of it alone: Atlas' managed strings are asked
 * first. It is idle, answers, needs private endpoints, and has no string.
 */
export function hasNoString({ unreadable, state, paused, regions, strings }: Cluster): boolean {
  return unreadable === undefined && state !== 'DELETING' && !paused && regions.length > 0 && strings.length === 0;
}

/** A cluster of which nothing but its name can be read. */
export function unreadableCluster(name: string, unreadable: string): Cluster {
  return { name, type: '', state: null, paused: false, regions: [], strings: [], unreadable };
}

/** What differs between two lists of clusters, in the order of names. A cluster that comes or goes takes its strings along. */
export function diffClusters(before: readonly Cluster[], after: readonly Cluster[]): readonly ClusterChange[] {
  const was = byKey(before, ({ name }) => name);
  const is = byKey(after, ({ name }) => name);
  return [...new Set([...was.keys(), ...is.keys()])]
    .sort()
    .flatMap((name) => changesOf(name, was.get(name) ?? null, is.get(name) ?? null));
}

/** What is learned first of a cluster that could not be read is no change. */
function changesOf(clusterName: string, was: Cluster | null, is: Cluster | null): readonly ClusterChange[] {
  if (was?.state === null && is) return [];
  const changes: ClusterChange[] = [];
  if (was === null && is) changes.push({ clusterName, type: 'added', from: null, to: is.state });
  if (is === null && was) changes.push({ clusterName, type: 'removed', from: was.state, to: null });
  const from = (was?.strings ?? []).map(identityOf);
  const to = (is?.strings ?? []).map(identityOf);
  const tell = (change: StringChange, count: number) => {
    const counts = { from: String(from.length), to: String(to.length) };
    for (let times = 0; times < count; times++)
      changes.push({ clusterName, type: 'connection_string', change, ...counts });
  };
  tell('removed', without(from, to).length);
  tell('added', without(to, from).length);
  return changes;
}

/** What is left of `items` when each of `others` has taken one that is equal away. */
function without(items: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return items.filter((item) => {
    const at = left.indexOf(item);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}

/** Every cluster that is listed, and each that is gone until its tombstone ends, advanced by the changes of one poll. */
export function advanceClusters(
  histories: readonly ClusterHistory[],
  { before, after }: { readonly before: readonly Cluster[]; readonly after: readonly Cluster[] },
  changes: readonly ClusterChange[],
  now: Instant,
  looked: number | null,
): readonly ClusterHistory[] {
  const known = byKey(histories, ({ name }) => name);
  const listed = after.map((cluster) => known.get(cluster.name) ?? newClusterHistory(cluster));
  const all = [...byKey([...histories, ...listed], ({ name }) => name).values()].sort(byText('name'));
  const changesOfCluster = Map.groupBy(changes, ({ clusterName }) => clusterName);
  const was = byKey(before, ({ name }) => name);
  const is = byKey(after, ({ name }) => name);
  return all.map((history) => {
    const { name } = history;
    const advanced = (changesOfCluster.get(name) ?? []).reduce((past, change) => applyTo(past, change, now), history);
    return keepLastRead(advanced, was.get(name), is.get(name), looked);
  });
}

function applyTo(history: ClusterHistory, change: ClusterChange, now: Instant): ClusterHistory {
  switch (change.type) {
    case 'added':
      return { ...history, goneAt: null };
    case 'removed':
      return { ...history, goneAt: now };
    case 'connection_string':
      return {
        ...history,
        stringChanges: { ...history.stringChanges, [change.change]: (history.stringChanges[change.change] ?? 0) + 1 },
        stringChangedAt: { ...history.stringChangedAt, [change.change]: now.wall },
      };
  }
}
