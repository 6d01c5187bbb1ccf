/**
 * Clusters of a project with their private connection strings. Nearly every field is optional in Atlas' own schema, so what
 * is missing reads as null and fails nothing.
 * https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/#tag/Clusters
 */
import { z } from 'zod';
import type { Cluster, ClusterRegion, PrivateConnectionString, StringEndpoint } from '../../domain/cluster.ts';
import { interfaceEndpointKey } from '../../domain/snapshot.ts';
import { cloudProvider, identifier, nullish, shortText, statusWord } from './wire.ts';

/** A value of another form is as good as a missing one. */
const lenient = <T extends z.ZodType>(schema: T) => nullish(schema).catch(null);
/** The elements that fit; the others are left out. */
const listOf = <T extends z.ZodType>(schema: T) =>
  lenient(z.array(z.unknown())).transform((items): z.output<T>[] =>
    (items ?? []).flatMap((item) => {
      const { success, data } = schema.safeParse(item);
      return success ? [data] : [];
    }),
  );

/** A seed list names each host and port: three of each of 50 shards have 12,000 characters. A longer one counts, unread. */
const longestUri = 16_384;
const uri = lenient(z.string().transform((text) => (text.length > longestUri ? '' : text)));

const region = z.object({ providerName: cloudProvider, regionName: shortText.pipe(z.string().min(1)) });
const replicationSpecs = listOf(z.object({ regionConfigs: listOf(region) }));
const endpoint = z.object({ endpointId: identifier, providerName: cloudProvider, region: lenient(shortText) });
const privateEndpoint = z.object({
  type: lenient(shortText),
  endpoints: listOf(endpoint),
  connectionString: uri,
  srvConnectionString: uri,
  srvShardOptimizedConnectionString: uri,
});

/** null for a cluster that Atlas keeps for itself. */
export const clusterElement = z
  .object({
    name: identifier,
    clusterType: lenient(shortText),
    stateName: statusWord.catch(null),
    paused: lenient(z.boolean()),
    internalClusterRole: lenient(shortText),
    // The regions in force, where Atlas tells them apart from those that are asked for.
    effectiveReplicationSpecs: lenient(z.array(z.unknown())),
    replicationSpecs,
    connectionStrings: lenient(z.object({ privateEndpoint: listOf(privateEndpoint) })),
  })
  .transform((wire): Cluster & { readonly internal: boolean } => ({
    internal: wire.internalClusterRole !== null && wire.internalClusterRole !== 'NONE',
    name: wire.name,
    type: wire.clusterType ?? '',
    state: wire.stateName ?? '',
    paused: wire.paused ?? false,
    regions: (wire.effectiveReplicationSpecs
      ? replicationSpecs.parse(wire.effectiveReplicationSpecs)
      : wire.replicationSpecs
    )
      .flatMap(({ regionConfigs }) => regionConfigs)
      .map(({ providerName, regionName }): ClusterRegion => ({ cloudProvider: providerName, region: regionName })),
    strings: (wire.connectionStrings?.privateEndpoint ?? []).flatMap(toStrings),
  }));

/** Any of the three strings counts as one; an element with none of them is none. */
function toStrings(wire: z.output<typeof privateEndpoint>): readonly PrivateConnectionString[] {
  const { connectionString, srvConnectionString, srvShardOptimizedConnectionString } = wire;
  if (connectionString === null && srvConnectionString === null && srvShardOptimizedConnectionString === null)
    return [];
  const targets = connectionString === null ? [] : targetsOf(connectionString);
  return [
    {
      type: wire.type ?? '',
      endpoints: wire.endpoints.map(
        ({ endpointId, providerName, region }): StringEndpoint => ({
          key: interfaceEndpointKey(endpointId, providerName),
          id: endpointId,
          cloudProvider: providerName,
          region: region ?? '',
        }),
      ),
      targets: targets ?? [],
      isUri: targets !== null,
    },
  ];
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
