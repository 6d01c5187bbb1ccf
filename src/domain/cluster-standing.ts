/**
 * How a cluster stands for those who come through private endpoints, and which clusters hang on a link. Metrics, page, JSON
 * and `poll` tell what is said here.
 */
import { type Cluster, type ClusterHistory, type ClusterRegion, hasNoString } from './cluster.ts';
import { byKey } from './keys.ts';
import { regionReady, spellings } from './readiness.ts';
import type { Connection } from './snapshot.ts';
import type { ClusterListView } from './view.ts';

/** All standings of a cluster, the worst first. */
export const clusterStandings = [
  'connection_string_lost',
  'no_connection_string',
  'region_without_endpoint',
  'unreadable',
  'unknown',
  'updating',
  'paused',
  'deleting',
  'no_endpoint',
  'ready',
] as const;
export type ClusterStanding = (typeof clusterStandings)[number];

const troubled: ReadonlySet<ClusterStanding> = new Set([
  'connection_string_lost',
  'no_connection_string',
  'region_without_endpoint',
  'unreadable',
]);

/** For how long a private connection string that went counts as lost. */
const lostForMs = 24 * 60 * 60 * 1000;

/** Whether a standing needs the attention of an operator. */
export function isClusterTroubled(standing: ClusterStanding): boolean {
  return troubled.has(standing);
}

export interface RegionStanding extends ClusterRegion {
  /** Whether a ready connection in the region has a ready interface endpoint; null where nothing can be said. */
  readonly ready: boolean | null;
}

/** A cluster that is listed, with its private endpoints. */
export interface ClusterFacts {
  /** As of the last poll that could read it. */
  readonly cluster: Cluster;
  readonly history: ClusterHistory;
  readonly regions: readonly RegionStanding[];
  /** Each interface endpoint that a private connection string goes through, once, spelled as the links spell it. */
  readonly endpoints: readonly ClusterEndpoint[];
}

/** The same with what the private endpoints mean for it. */
export interface StandingCluster extends ClusterFacts {
  readonly standing: ClusterStanding;
}

export interface ClusterEndpoint {
  readonly key: string;
  readonly id: string;
  readonly cloudProvider: string;
}

/** Every cluster that was listed last, in the order of names, also where the list is stale. */
export function clusterFacts({ state, links }: ClusterListView): readonly ClusterFacts[] {
  if (!state.ledger) return [];
  const histories = byKey(state.ledger.clusters, ({ name }) => name);
  const spelled = spellings(links);
  return state.ledger.snapshot.clusters.flatMap((cluster): readonly ClusterFacts[] => {
    const history = histories.get(cluster.name);
    if (!history) return [];
    const regions = cluster.regions.map((region) => ({ ...region, ready: regionReady(region, links) }));
    const through = cluster.strings.flatMap(({ endpoints }) => endpoints);
    const endpoints = [...byKey(through, ({ key }) => key).values()].map(({ key, id, cloudProvider }) => ({
      key,
      cloudProvider,
      id: spelled.get(key) ?? id,
    }));
    return [{ cluster, history, regions, endpoints }];
  });
}

/** The same with their standings. `now`: wall ms. */
export function standingClusters(list: ClusterListView, now: number): readonly StandingCluster[] {
  return clusterFacts(list).map((facts) => ({ ...facts, standing: standingOf(facts, now) }));
}

/**
 * Whether a cluster that was read just now would be called one that lost its string, or lacks it. `list`: what was known
 * before, with the links of the project; `now`: wall ms.
 */
export function wouldLackString(cluster: Cluster, { state, links }: ClusterListView, now: number): boolean {
  if (!hasNoString(cluster)) return false;
  const before = state.ledger?.snapshot.clusters.find(({ name }) => name === cluster.name);
  const lostAt = state.ledger?.clusters.find(({ name }) => name === cluster.name)?.stringChangedAt.removed;
  if ((before?.strings.length ?? 0) > 0 || (lostAt !== undefined && now - lostAt < lostForMs)) return true;
  return cluster.regions.every((region) => regionReady(region, links) === true);
}

/** Presence proves nothing while a cluster is paused or deleted: Atlas keeps the strings then. */
function standingOf({ cluster, history, regions }: ClusterFacts, now: number): ClusterStanding {
  const { unreadable, state, paused, strings, managed } = cluster;
  if (unreadable !== undefined) return 'unreadable';
  if (state === 'DELETING') return 'deleting';
  if (paused) return 'paused';
  const ready = regions.filter((region) => region.ready).length;
  const without = regions.filter((region) => region.ready === false).length;
  if (strings.length > 0) return without > 0 ? 'region_without_endpoint' : 'ready';
  if ((managed?.pending ?? 0) > 0) return 'updating';
  const lostAt = history.stringChangedAt.removed;
  if (lostAt !== undefined && now - lostAt < lostForMs) return 'connection_string_lost';
  // Private endpoints elsewhere in the project are not meant for a cluster that has none in any of its regions.
  if (without === regions.length) return 'no_endpoint';
  if (without > 0) return ready > 0 ? 'region_without_endpoint' : 'unknown';
  if (ready < regions.length) return 'unknown';
  return state === 'IDLE' ? 'no_connection_string' : 'updating';
}

/** Why it stands so, in one sentence without its name. */
export function standingReason({ standing, cluster, regions }: StandingCluster): string {
  const { state, strings, managed } = cluster;
  const failed = managed?.failed ?? null;
  const why = failed === null ? '' : `. Atlas could not make the managed one: ${failed}`;
  const lacking = regions
    .filter(({ ready }) => ready === false)
    .map(regionWords)
    .join(', ');
  switch (standing) {
    case 'connection_string_lost':
      return `Its private connection string is gone${lacking ? `: no ready interface endpoint in ${lacking}` : ''}${why}`;
    case 'no_connection_string':
      return `Every region has a ready interface endpoint, and Atlas gives no private connection string${why}`;
    case 'region_without_endpoint':
      return `No ready interface endpoint in ${lacking}${strings.length === 0 ? ', so Atlas gives no private connection string' : ''}`;
    case 'unreadable':
      return `What Atlas says of it cannot be read: ${cluster.unreadable}`;
    case 'unknown':
      return 'No private connection string; whether every region has a ready interface endpoint is not known';
    case 'updating':
      if (managed && managed.pending > 0) return 'Atlas is making a managed private connection string';
      return `Atlas works on it (${state || 'no state'}) and gives no private connection string yet`;
    case 'paused':
      return 'Paused: it answers nobody';
    case 'deleting':
      return 'It is being deleted';
    case 'no_endpoint':
      return 'No private connection string: no region of it has a private endpoint';
    case 'ready':
      return strings.length === 1
        ? 'It has a private connection string'
        : `It has ${strings.length} private connection strings`;
  }
}

/** `AWS US_EAST_1`. */
export function regionWords({ cloudProvider, region }: ClusterRegion): string {
  return `${cloudProvider} ${region}`;
}

/** The names of the clusters that hang on a connection, sorted; null where they are not known. */
export type ClustersOn = (connection: Pick<Connection, 'interfaceEndpoints'>) => readonly string[] | null;

/**
 * What hangs on the connections of a project: a cluster hangs on those interface endpoints that its private connection
 * strings go through. null when no list of clusters is watched; nothing is known where it was never read, failed or is stale.
 */
export function clustersOn(lists: readonly ClusterListView[]): ClustersOn | null {
  if (lists.length === 0) return null;
  const isKnown = ({ state: { ledger, freshness } }: ClusterListView) =>
    ledger !== null && freshness.failure === null && !freshness.stale;
  if (!lists.every(isKnown)) return () => null;
  const names = new Map<string, Set<string>>();
  for (const { state } of lists)
    for (const { name, strings } of state.ledger?.snapshot.clusters ?? [])
      for (const { key } of strings.flatMap(({ endpoints }) => endpoints)) {
        const found = names.get(key) ?? new Set();
        names.set(key, found.add(name));
      }
  return ({ interfaceEndpoints }) =>
    [...new Set(interfaceEndpoints.flatMap(({ key }) => [...(names.get(key) ?? [])]))].sort();
}

/** `orders, payments and 3 more`. */
export function namesInShort(names: readonly string[], most = 2): string {
  if (names.length <= most + 1)
    return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
