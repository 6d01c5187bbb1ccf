/** The table of sources: for each kind and API how its list is read, and how the rest of it is. A new kind is a row. */
import type { z } from 'zod';
import type { Cluster } from '../../domain/cluster.ts';
import type { ConnectionReading, DetailReading } from '../../domain/reading.ts';
import type { Source } from '../../domain/source.ts';
import type { Api, CloudProvider, Kind } from '../../domain/status.ts';
import { AtlasError } from '../error.ts';
import type { Get } from '../http/client.ts';
import { approvedEndpoint } from './approved-endpoint.ts';
import { listClusters, managedStringsOf, withManaged } from './cluster-lists.ts';
import { dataFederationEndpoint } from './data-federation.ts';
import { parseManagedStrings } from './managed-strings.ts';
import { readWholePages } from './pages.ts';
import { acceptOf, type GetJson, ofProject, readOnly } from './request.ts';
import { streamsConnection } from './streams.ts';
import { parseV1Connections } from './v1.ts';
import { parseInterfaceEndpoint, parseServices } from './v2.ts';
import { type ConnectionFacts, type ConnectionFormat, parseConnections, segment } from './wire.ts';

/** A list of clusters. */
export interface ClustersRow {
  clusters(get: GetJson, source: Source): Promise<readonly Cluster[]>;
  /** A cluster without a string with what Atlas' managed strings, which are a list of their own, say of it. */
  withManaged(get: GetJson, source: Source, cluster: Cluster): Promise<Cluster>;
}

export interface SourceRow {
  /** Everything that the list says. */
  list(get: GetJson, source: Source): Promise<readonly ConnectionReading[]>;
  /** What an interface endpoint says of itself. */
  detail?(get: GetJson, source: Source, connectionId: string, id: string): Promise<DetailReading>;
}

const goneRemedy = 'Set atlas.api: v2: Atlas answers this list of the deprecated API v1.0 no longer';
/** What a list means that Atlas does not have. */
const noList = {
  reason: 'not_supported',
  remedy: 'Remove the cloud or kind from providers or kinds: Atlas has no such list for this project',
} as const;
const owner = 'Project Owner';

export const sources: Readonly<Record<Kind, Partial<Record<Api, SourceRow | ClustersRow>>>> = {
  cluster: {
    'v1.0': {
      list: async (get, source) =>
        parseV1Connections(
          await get({
            ...ofProject(source, 'v1.0 privateEndpoint', 'Project Owner'),
            operation: 'list_connections',
            path: `/api/atlas/v1.0/groups/${segment(source.projectId)}/privateEndpoint`,
            accept: 'application/json',
            missing: { reason: 'not_supported', remedy: goneRemedy },
            goneRemedy,
          }),
        ),
    },
    v2: {
      list: async (get, source) =>
        parseServices(await get({ ...service(source, 'list_connections', ''), missing: noList }), cloudOf(source)),
      async detail(get, source, serviceId, id) {
        const path = `/${segment(serviceId)}/endpoint/${segment(id)}`;
        return parseInterfaceEndpoint(await get(service(source, 'get_interface_endpoint', path)), cloudOf(source));
      },
    },
  },
  connection_strings: { v2: { clusters: listClusters, withManaged } },
  managed_connection_strings: {
    v2: {
      async list(get, source) {
        const found: ConnectionReading[] = [];
        for (const cluster of await listClusters(get, source)) {
          // Shared tiers have no private endpoints.
          const isShared = cluster.unreadable === undefined && cluster.regions.length === 0;
          if (isShared) continue;
          const parse = (elements: readonly unknown[]) => parseManagedStrings(elements, cluster);
          found.push(...(await managedStringsOf(get, source, cluster.name, parse, ({ id }) => id)));
        }
        return found;
      },
    },
  },
  data_federation: {
    v2: paged(dataFederationEndpoint, '2023-01-01', readOnly, () => 'privateNetworkSettings/endpointIds'),
  },
  streams: {
    v2: paged(streamsConnection, '2023-02-01', readOnly, () => 'streams/privateLinkConnections'),
  },
  encryption_at_rest: {
    v2: paged(
      approvedEndpoint,
      '2023-01-01',
      owner,
      (source) => `encryptionAtRest/${cloudOf(source)}/privateEndpoints`,
    ),
  },
  backup: {
    v2: paged(approvedEndpoint, '2024-11-13', owner, (source) => `backup/${cloudOf(source)}/privateEndpoints`),
  },
};

/** A list in pages, each of its elements a connection; `pathOf` is the path within the project. */
function paged<T extends z.ZodType<ConnectionFacts>>(
  format: ConnectionFormat<T>,
  version: string,
  role: string,
  pathOf: (source: Source) => string,
): SourceRow {
  return {
    list(get, source) {
      const path = `/api/atlas/v2/groups/${segment(source.projectId)}/${pathOf(source)}`;
      const request = {
        ...ofProject(source, `v2 ${source.kind}`, role),
        operation: 'list_connections',
        accept: acceptOf(version),
        missing: noList,
      };
      return readWholePages(
        (query, received) => get({ ...request, path: `${path}?${query}`, received }),
        (elements) => parseConnections(elements, format),
        ({ id }) => id,
      );
    },
  };
}

/** A private endpoint service, or what is under it. */
function service(source: Source, operation: string, path: string): Get {
  const list = `/api/atlas/v2/groups/${segment(source.projectId)}/privateEndpoint/${cloudOf(source)}/endpointService`;
  return {
    // Atlas keeps one bucket for a project's services and their endpoints, of every cloud.
    ...ofProject(source, 'v2 privateEndpoint', readOnly),
    operation,
    path: `${list}${path}`,
    accept: acceptOf('2023-01-01'),
  };
}

function cloudOf({ cloudProvider, kind }: Source): CloudProvider {
  if (cloudProvider === '') throw new AtlasError({ reason: 'internal', detail: `${kind} is listed for each cloud` });
  return cloudProvider;
}
