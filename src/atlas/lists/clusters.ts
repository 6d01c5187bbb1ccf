/**
 * Clusters of a project with their private connection strings. Nearly every field is optional in Atlas' own schema, so what
 * is missing reads as null. What is there in another form makes its cluster unreadable: it must not read as a string that
 * is gone.
 * https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/#tag/Clusters
 */
import { z } from 'zod';
import {
  type Cluster,
  type ClusterRegion,
  type PrivateConnectionString,
  type StringEndpoint,
  unreadableCluster,
} from '../../domain/cluster.ts';
import { interfaceEndpointKey } from '../../domain/snapshot.ts';
import { mapInTurns } from '../turns.ts';
import { hint, identifier, nullish, parseElements, shortText, someOf, whatOf } from './wire.ts';

const word = nullish(shortText).transform((text) => text?.trim().toUpperCase() ?? '');
const listOf = <T extends z.ZodType>(schema: T) => nullish(someOf(schema)).transform((items) => items ?? []);

const replicationSpecs = listOf(
  z.object({ regionConfigs: listOf(z.object({ providerName: word, regionName: nullish(shortText) })) }),
);
/** A seed list names each host and port: three of each of 50 shards have 12,000 characters. A longer one counts, unread. */
const longestUri = 16_384;
/** A blank one is none. */
export const uri = nullish(
  z.string().transform((text) => {
    if (text.length > longestUri) return '';
    return text.trim() === '' ? null : text;
  }),
);
const endpoint = z.object({ endpointId: identifier, providerName: word, region: hint });
const privateEndpoint = z.object({
  type: nullish(shortText),
  endpoints: listOf(endpoint),
  connectionString: uri,
  srvConnectionString: uri,
  srvShardOptimizedConnectionString: uri,
});

/** What identifies a cluster, and whether it is one that Atlas keeps for itself. */
const named = z.looseObject({ name: identifier, internalClusterRole: z.unknown().optional() });

const facts = z
  .object({
    clusterType: hint,
    stateName: word,
    paused: nullish(z.boolean()),
    // The regions in force, where Atlas tells them apart from those that are asked for.
    effectiveReplicationSpecs: replicationSpecs,
    replicationSpecs,
    connectionStrings: nullish(z.object({ privateEndpoint: listOf(privateEndpoint) })),
  })
  .transform(
    (wire): Omit<Cluster, 'name'> => ({
      type: wire.clusterType ?? '',
      state: wire.stateName,
      paused: wire.paused ?? false,
      regions: (wire.effectiveReplicationSpecs.length > 0 ? wire.effectiveReplicationSpecs : wire.replicationSpecs)
        .flatMap(({ regionConfigs }) => regionConfigs)
        .flatMap(({ providerName, regionName }) => toRegions(providerName, regionName)),
      strings: (wire.connectionStrings?.privateEndpoint ?? []).flatMap(toStrings),
    }),
  );

/** Providers of clusters that have no private endpoints. */
const shared: ReadonlySet<string> = new Set(['TENANT', 'FLEX', 'SERVERLESS']);

/** The regions that need a private endpoint: those of a cloud that is new too, because nobody can say that it needs none. */
function toRegions(cloudProvider: string, region: string | null): readonly ClusterRegion[] {
  return cloudProvider === '' || shared.has(cloudProvider) || !region ? [] : [{ cloudProvider, region }];
}

/**
 * The clusters of a user, each read for itself: one that cannot be read says why. Throws an `invalid_response` for one
 * without a name, because its neighbours might be taken for it.
 */
export async function parseClusters(elements: unknown): Promise<readonly Cluster[]> {
  const clusters = await mapInTurns(await parseElements(elements, named), (element): readonly Cluster[] => {
    const { name, internalClusterRole: role } = element;
    if (typeof role === 'string' && role !== 'NONE') return [];
    const { success, data, error } = facts.safeParse(element);
    return [success ? { name, ...data } : unreadableCluster(name, `Not what Atlas documents${whatOf(error)}`)];
  });
  return clusters.flat();
}

/** Any of the three strings counts as one; an element with none of them is none. */
function toStrings(wire: z.output<typeof privateEndpoint>): readonly PrivateConnectionString[] {
  const { connectionString, srvConnectionString, srvShardOptimizedConnectionString } = wire;
  if (connectionString === null && srvConnectionString === null && srvShardOptimizedConnectionString === null)
    return [];
  const endpoints = wire.endpoints.map(
    ({ endpointId, providerName, region }): StringEndpoint => ({
      key: interfaceEndpointKey(endpointId, isAzurePath(endpointId) ? 'AZURE' : providerName),
      id: endpointId,
      cloudProvider: providerName,
      region: region ?? '',
    }),
  );
  return [toPrivateString(wire.type ?? '', connectionString, endpoints)];
}

/** One string: hosts and ports come from `connectionString` alone. */
export function toPrivateString(
  type: string,
  connectionString: string | null,
  endpoints: readonly StringEndpoint[],
): PrivateConnectionString {
  const targets = connectionString === null ? [] : targetsOf(connectionString);
  return { type, endpoints, targets: targets ?? [], isUri: targets !== null };
}

/** Azure's ids show what they are, also where Atlas does not say the cloud, or says it in a new word. */
export function isAzurePath(id: string): boolean {
  return /^\/subscriptions\//i.test(id);
}

const defaultPort = 27017;

/**
 * Hosts and ports of `mongodb://host:port,host:port/?…`, each once; null for text of another form. A name in a
 * `mongodb+srv://` string is no host, because nothing listens there.
 */
export function targetsOf(text: string): readonly string[] | null {
  const [, list = ''] = /^mongodb:\/\/(?:[^@/]*@)?([^/?#]+)(?:[/?#]|$)/.exec(text) ?? [];
  const found = list.split(',').map((entry) => /^([A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?$/.exec(entry));
  const targets = found.flatMap((match) => {
    const port = Number(match?.[2] ?? defaultPort);
    return match?.[1] !== undefined && port >= 1 && port <= 65_535 ? [`${match[1].toLowerCase()}:${port}`] : [];
  });
  return targets.length === found.length ? [...new Set(targets)] : null;
}
