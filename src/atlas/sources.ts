/** The table of sources: for each kind and API how its list is read, and how the rest of it is. A new kind is a row. */
import type { z } from 'zod';
import type { Connection } from '../domain/snapshot.ts';
import { duplicateId, type Snapshot, toSnapshot } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import type { Api, CloudProvider, Kind } from '../domain/status.ts';
import { approvedEndpoint } from './approved-endpoint.ts';
import type { Get } from './client.ts';
import { dataFederationEndpoint } from './data-federation.ts';
import { AtlasError } from './error.ts';
import { readWholePages } from './pages.ts';
import { streamsConnection } from './streams.ts';
import { parseV1Connections } from './v1.ts';
import { parseInterfaceEndpoint, parseServices } from './v2.ts';
import { invalid } from './wire.ts';

type GetJson = (request: Get) => Promise<unknown>;

interface Row {
  /** Everything that the list says. */
  list(get: GetJson, source: Source): Promise<readonly Connection[]>;
  /** The same connections with what each interface endpoint says of itself; null when one is not there any more. */
  detail?(get: GetJson, source: Source, connection: Connection): Promise<Connection | null>;
}

const v1Json = 'application/json';
const v2Json = 'application/vnd.atlas.2023-01-01+json';

const table = {
  cluster: {
    'v1.0': {
      list: async (get, { projectId }) =>
        parseV1Connections(
          await get({
            operation: 'list_connections',
            path: `/api/atlas/v1.0/groups/${projectId}/privateEndpoint`,
            accept: v1Json,
            bucket: bucketOf('v1.0', projectId),
          }),
        ),
    },
    v2: { list: listServices, detail: askInterfaceEndpoints },
  },
  data_federation: {
    v2: paged(dataFederationEndpoint, '2023-01-01', () => 'privateNetworkSettings/endpointIds'),
  },
  streams: {
    v2: paged(streamsConnection, '2023-02-01', () => 'streams/privateLinkConnections'),
  },
  encryption_at_rest: {
    v2: paged(approvedEndpoint, '2023-01-01', (cloud) => `encryptionAtRest/${cloud}/privateEndpoints`),
  },
  backup: {
    v2: paged(approvedEndpoint, '2024-11-13', (cloud) => `backup/${cloud}/privateEndpoints`),
  },
} as const satisfies Record<Kind, Partial<Record<Api, Row>>>;

/** A list in pages, each of its elements a connection; `pathOf` is the path within the project. */
function paged(
  element: z.ZodType<Connection>,
  version: string,
  pathOf: (cloudProvider: CloudProvider | '') => string,
): Row {
  return {
    list(get, { projectId, kind, cloudProvider }) {
      const path = `/api/atlas/v2/groups/${projectId}/${pathOf(cloudProvider)}`;
      const request = {
        operation: 'list_connections',
        accept: `application/vnd.atlas.${version}+json`,
        bucket: `v2 ${kind} ${projectId}`,
      };
      return readWholePages(
        (query) => get({ ...request, path: `${path}?${query}` }),
        element,
        ({ id }) => id,
      );
    },
  };
}

/**
 * One complete poll. Throws AtlasError. The list alone decides what exists: an interface endpoint that answers 404 is
 * looked for in a second list; gone from there it is gone, listed there the poll fails.
 */
export async function readSource(source: Source, get: GetJson): Promise<Snapshot> {
  const row: Row | undefined = (table[source.kind] as Partial<Record<Api, Row>>)[source.api];
  if (!row) throw invalid(`${source.kind} is not served by API ${source.api}`);
  const first = await readOnce(row, source, get);
  const connections = first ?? (await readOnce(row, source, get));
  if (connections === null) throw invalid('An interface endpoint is listed but not found');
  const twice = duplicateId(connections);
  if (twice !== null) throw invalid(`The list has '${twice}' twice`);
  return toSnapshot(source.api, connections);
}

async function readOnce(row: Row, source: Source, get: GetJson): Promise<readonly Connection[] | null> {
  const listed = await row.list(get, source);
  if (!row.detail || !source.interfaceEndpoints) return listed;
  const connections: Connection[] = [];
  for (const connection of listed) {
    const detailed = await row.detail(get, source, connection);
    if (detailed === null) return null;
    connections.push(detailed);
  }
  return connections;
}

async function listServices(get: GetJson, { projectId, cloudProvider }: Source): Promise<readonly Connection[]> {
  if (cloudProvider === '') throw invalid('Clusters are listed for each cloud');
  const answer = await get({
    operation: 'list_connections',
    path: servicesPath(projectId, cloudProvider),
    accept: v2Json,
    bucket: bucketOf('v2', projectId),
  });
  return parseServices(answer, cloudProvider);
}

async function askInterfaceEndpoints(
  get: GetJson,
  { projectId }: Source,
  connection: Connection,
): Promise<Connection | null> {
  const { cloudProvider, id: serviceId } = connection;
  const interfaceEndpoints: Connection['interfaceEndpoints'][number][] = [];
  for (const endpoint of connection.interfaceEndpoints) {
    // Azure's ids are paths: each goes as one segment.
    const path = `${servicesPath(projectId, cloudProvider)}/${encodeURIComponent(serviceId)}/endpoint/${encodeURIComponent(endpoint.id)}`;
    try {
      const answer = await get({
        operation: 'get_interface_endpoint',
        path,
        accept: v2Json,
        bucket: bucketOf('v2', projectId),
      });
      interfaceEndpoints.push({ ...endpoint, detail: parseInterfaceEndpoint(answer, cloudProvider) });
    } catch (thrown) {
      const gone = thrown instanceof AtlasError && thrown.status === 404 && thrown.reason !== 'project_not_found';
      if (gone) return null;
      throw thrown;
    }
  }
  return { ...connection, interfaceEndpoints };
}

function servicesPath(projectId: string, cloudProvider: CloudProvider): string {
  return `/api/atlas/v2/groups/${projectId}/privateEndpoint/${cloudProvider}/endpointService`;
}

/** Atlas keeps one bucket for a project's private endpoints. */
function bucketOf(api: Api, projectId: string): string {
  return `${api} privateEndpoint ${projectId}`;
}
