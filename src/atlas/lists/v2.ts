/**
 * The versioned API's private endpoint services and their interface endpoints, one wire schema a cloud.
 * https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/#tag/Private-Endpoint-Services
 */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type Connection, type InterfaceEndpointDetail, interfaceEndpointKey } from '../../domain/snapshot.ts';
import type { CloudProvider } from '../../domain/status.ts';
import { identifier, nullish, parseElements, parseOne, statusWord } from './wire.ts';

const service = {
  id: identifier,
  status: statusWord,
  regionName: nullish(z.string()),
  errorMessage: nullish(z.string()),
};
/** Not null for none: a list that is left out must not read as "all of them are gone". */
const ids = z.array(identifier);

/** Each in Atlas' words, turned to what all clouds have in common. */
const services = {
  AWS: z
    .object({ ...service, endpointServiceName: nullish(z.string()), interfaceEndpoints: ids })
    .transform(({ endpointServiceName: name, interfaceEndpoints, ...rest }) => ({ ...rest, name, interfaceEndpoints })),
  AZURE: z
    .object({ ...service, privateLinkServiceName: nullish(z.string()), privateEndpoints: ids })
    .transform(({ privateLinkServiceName: name, privateEndpoints: interfaceEndpoints, ...rest }) => {
      return { ...rest, name, interfaceEndpoints };
    }),
  GCP: z
    .object({ ...service, serviceAttachmentNames: nullish(z.array(z.string())), endpointGroupNames: ids })
    .transform(({ serviceAttachmentNames, endpointGroupNames: interfaceEndpoints, ...rest }) => {
      // A legacy service has many attachments, and none of them is its name.
      const name = serviceAttachmentNames?.length === 1 ? (serviceAttachmentNames[0] ?? null) : null;
      return { ...rest, name, interfaceEndpoints };
    }),
} as const satisfies Record<CloudProvider, z.ZodType>;

const endpoint = { errorMessage: nullish(z.string()) };

/** AWS says `connectionStatus`, the others `status`. */
const endpoints = {
  AWS: z
    .object({ ...endpoint, connectionStatus: statusWord })
    .transform(({ errorMessage, connectionStatus: status }) => ({
      errorMessage,
      status,
      connectionName: null,
      members: null,
    })),
  AZURE: z
    .object({ ...endpoint, status: statusWord, privateEndpointConnectionName: nullish(z.string()) })
    .transform(({ errorMessage, status, privateEndpointConnectionName: connectionName }) => {
      return { errorMessage, status, connectionName, members: null };
    }),
  GCP: z
    .object({ ...endpoint, status: statusWord, endpoints: nullish(z.array(z.object({ status: statusWord }))) })
    .transform(({ errorMessage, status, endpoints: members }) => {
      return { errorMessage, status, connectionName: null, members: members ?? [] };
    }),
} as const satisfies Record<CloudProvider, z.ZodType>;

/** The list of one cloud; interface endpoints are known by their ids until they are asked for. */
export function parseServices(answer: unknown, cloudProvider: CloudProvider): readonly Connection[] {
  return parseElements(answer, services[cloudProvider]).map((element) => ({
    id: element.id,
    cloudProvider,
    status: element.status,
    region: element.regionName ?? '',
    endpointServiceName: element.name ?? '',
    errorMessage: toErrorMessage(element.errorMessage),
    interfaceEndpoints: element.interfaceEndpoints.map((id) => ({
      key: interfaceEndpointKey(id, cloudProvider),
      id,
      detail: null,
    })),
  }));
}

/** What one interface endpoint says of itself. */
export function parseInterfaceEndpoint(answer: unknown, cloudProvider: CloudProvider): InterfaceEndpointDetail {
  const element = parseOne(answer, endpoints[cloudProvider], 'The interface endpoint');
  return {
    status: element.status,
    errorMessage: toErrorMessage(element.errorMessage),
    connectionName: element.connectionName ?? '',
    members: element.members && countBy(element.members.map(({ status }) => status)),
  };
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
