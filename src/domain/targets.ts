/** What stands behind private connection strings: hosts and ports that a prober can try from where the applications run. */
import type { Cluster, PrivateConnectionString, StringEndpoint } from './cluster.ts';
import { spellings } from './readiness.ts';
import { listsClusters } from './status.ts';
import type { ClusterListView, SourceView } from './view.ts';

export interface ProbeTarget {
  /** `host:port` */
  readonly address: string;
  readonly clusterName: string;
  /** Of the connection string: MONGOD, MONGOS; '' when Atlas does not say. */
  readonly stringType: string;
  /**
   * The interface endpoint that all hosts of the connection string are behind, its id spelled as the links spell it; null
   * where the string goes through several: it does not say which host is behind which.
   */
  readonly endpoint: Pick<StringEndpoint, 'cloudProvider' | 'region' | 'id'> | null;
}

/** The targets of a list as it was read last, each once, in the order of clusters. */
export function probeTargets({ state, links }: ClusterListView): readonly ProbeTarget[] {
  const spelled = spellings(links);
  return (state.ledger?.snapshot.clusters ?? []).flatMap((cluster) =>
    onceEach(cluster).map(({ address, string }) => {
      const only = onlyEndpoint(string);
      return {
        address,
        clusterName: cluster.name,
        stringType: string.type,
        endpoint: only && { ...only, id: spelled.get(only.key) ?? only.id },
      };
    }),
  );
}

const counted = new WeakMap<readonly Cluster[], number>();

/** How many targets all lists have. */
export function countTargets(sources: Iterable<SourceView>): number {
  let sum = 0;
  for (const { source, state } of sources)
    if (listsClusters(source.kind) && state.ledger) sum += countOf(state.ledger.snapshot.clusters);
  return sum;
}

/** Clusters that did not change are not looked through again. */
function countOf(clusters: readonly Cluster[]): number {
  const known = counted.get(clusters);
  if (known !== undefined) return known;
  const count = clusters.reduce((sum, cluster) => sum + onceEach(cluster).length, 0);
  counted.set(clusters, count);
  return count;
}

/** Strings through the same endpoint may name the same host: it is one target. */
function onceEach({
  strings,
}: Cluster): readonly { readonly address: string; readonly string: PrivateConnectionString }[] {
  const targets = new Map<string, { address: string; string: PrivateConnectionString }>();
  for (const string of strings)
    for (const address of string.targets) {
      const key = JSON.stringify([address, onlyEndpoint(string)?.key, string.type]);
      if (!targets.has(key)) targets.set(key, { address, string });
    }
  return [...targets.values()];
}

function onlyEndpoint({ endpoints }: PrivateConnectionString): StringEndpoint | null {
  const [first, ...others] = endpoints;
  return first && others.length === 0 ? first : null;
}
