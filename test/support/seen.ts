/** What the naive model saw, as the exporter would have been told it: of AWS, because its ids are what they are. */
import type { Get } from '../../src/atlas/http/client.ts';
import { readSource } from '../../src/atlas/lists/read.ts';
import type { ConnectionReading, InterfaceEndpointReading, Reading } from '../../src/domain/reading.ts';
import { interfaceEndpointKey } from '../../src/domain/snapshot.ts';
import type { Source } from '../../src/domain/source.ts';
import type { Api } from '../../src/domain/status.ts';
import { notFound, scripted } from '../atlas/fixtures.ts';
import type { ConnectionOddity, SeenConnection, SeenEndpoint } from './naive-model.ts';

export function withIdsOnly(seen: SeenConnection): SeenConnection {
  return { ...seen, endpoints: seen.endpoints.map(({ id }) => ({ id, status: null, error: null })) };
}

export function serviceNameOf(id: string): string {
  return `com.amazonaws.vpce.us-east-1.vpce-svc-${id}`;
}

const unreadable = 'It cannot be read';
const isListOdd = ({ odd }: SeenConnection) => odd === 'no list' || odd === 'list of null';
const hasNoStatus = ({ odd }: SeenConnection | SeenEndpoint) =>
  odd === 'no status' || odd === 'status of null' || odd === 'blank status';

/** What a poll resolves with. */
export function toReading(api: Api, connections: readonly SeenConnection[]): Reading {
  return { api, connections: connections.map(toConnection), clusters: [] };
}

function toConnection(seen: SeenConnection): ConnectionReading {
  const { id, status, error, odd } = seen;
  const interfaceEndpoints = isListOdd(seen) ? null : seen.endpoints.map(toEndpoint);
  const own = { id, cloudProvider: 'AWS', interfaceEndpoints };
  if (odd === 'status of a number' || odd === 'message of a list')
    return { ...own, status: null, errorMessage: null, region: '', endpointServiceName: '', unreadable };
  return {
    ...own,
    status: hasNoStatus(seen) ? null : status,
    errorMessage: error,
    region: 'US_EAST_1',
    endpointServiceName: serviceNameOf(id),
  };
}

function toEndpoint(seen: SeenEndpoint): InterfaceEndpointReading {
  const { id, status, error, odd } = seen;
  const own = { key: interfaceEndpointKey(id, 'AWS'), id };
  if (status === null) return { ...own, detail: null };
  if (odd === '404' || odd === 'no object') return { ...own, detail: null, unreadable };
  const said = { status: hasNoStatus(seen) ? null : status, errorMessage: error, connectionName: '', members: null };
  const detail = { ...said, ...(seen.asked ? { deleteRequested: true as const } : {}) };
  return { ...own, detail };
}

/** Fields that an odd answer has instead of the right ones. JSON leaves out what is undefined. */
export const oddFields: Readonly<Record<ConnectionOddity, object>> = {
  'no status': { status: undefined },
  'status of null': { status: null },
  'blank status': { status: ' ' },
  'status of a number': { status: 7 },
  'message of a list': { errorMessage: ['?'] },
  'no list': { interfaceEndpoints: undefined },
  'list of null': { interfaceEndpoints: null },
};

/**
 * One poll of answers in Atlas' own shape, with fields beside those that are looked at. `twice`: the list names its first
 * element again, which makes it none. Throws AtlasError.
 */
export function readAnswers(source: Source, seen: readonly SeenConnection[], twice = false): Promise<Reading> {
  const list = seen.map((connection) => ({
    cloudProvider: 'AWS',
    endpointServiceName: serviceNameOf(connection.id),
    errorMessage: connection.error,
    id: connection.id,
    interfaceEndpoints: connection.endpoints.map(({ id }) => id),
    regionName: 'US_EAST_1',
    status: connection.status,
    supportedRemoteRegions: connection.remote === 'odd' ? 7 : [null, ...(connection.remote ?? [])].reverse(),
    ...(connection.odd ? oddFields[connection.odd] : {}),
  }));
  const [first] = list;
  return readSource(source, scripted(answer));

  function answer({ operation, path }: Get): unknown {
    if (operation === 'list_connections') return asJson(twice && first ? [...list, first] : list);
    const [, connectionId, id] = /endpointService\/([^/]+)\/endpoint\/([^/]+)$/.exec(path) ?? [];
    const connection = seen.find((each) => each.id === connectionId);
    const endpoint = connection?.endpoints.find((each) => each.id === id);
    if (!endpoint || endpoint.odd === '404') throw notFound();
    const { status, error: errorMessage, odd, asked } = endpoint;
    if (odd === 'no object') return asJson([]);
    const word = odd === 'no status' ? {} : { connectionStatus: odd === 'status of null' ? null : status };
    return asJson({
      cloudProvider: 'AWS',
      deleteRequested: asked === true,
      errorMessage,
      interfaceEndpointId: id,
      ...word,
    });
  }
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
