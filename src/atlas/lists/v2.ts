/**
 * The versioned API's private endpoint services and their interface endpoints, one wire schema a cloud.
 * https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/#tag/Private-Endpoint-Services
 */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { ConnectionReading, DetailReading } from '../../domain/reading.ts';
import { interfaceEndpointKey } from '../../domain/snapshot.ts';
import { type CloudProvider, OTHER } from '../../domain/status.ts';
import {
  type ConnectionFacts,
  identifier,
  idIn,
  nullish,
  parseConnections,
  parseOne,
  shortText,
  someOf,
  statusWord,
} from './wire.ts';

const service = { status: statusWord, regionName: nullish(shortText), errorMessage: nullish(z.string()) };

const regionList = nullish(someOf(nullish(shortText)));

/** Other regions that may connect, sorted, none twice; null for an odd value, which is no news of any. */
const remoteRegions = z
  .unknown()
  .optional()
  .transform((value): readonly string[] | null => {
    const { success, data } = regionList.safeParse(value);
    return success ? [...new Set((data ?? []).flatMap((region) => region || []))].sort() : null;
  });

/** Each in Atlas' words, turned to what all clouds have in common: `name` is what the cloud calls the service. */
const services = {
  AWS: z
    .object({ ...service, endpointServiceName: nullish(shortText), supportedRemoteRegions: remoteRegions })
    .transform(({ endpointServiceName: name, supportedRemoteRegions, ...rest }) => {
      return { ...rest, name, isLegacy: false, remoteRegions: supportedRemoteRegions };
    }),
  AZURE: z
    .object({ ...service, privateLinkServiceName: nullish(shortText) })
    .transform(({ privateLinkServiceName: name, ...rest }) => ({
      ...rest,
      name,
      isLegacy: false,
      remoteRegions: undefined,
    })),
  GCP: z
    // Whether it is port-mapped concerns nothing else of the connection: an odd value is as good as none.
    .object({
      ...service,
      serviceAttachmentNames: nullish(someOf(shortText)),
      portMappingEnabled: z.unknown().optional(),
    })
    .transform(({ serviceAttachmentNames: names, portMappingEnabled, ...rest }) => {
      // A legacy service has many attachments, and none of them is its name.
      const name = names?.length === 1 ? (names[0] ?? null) : null;
      return { ...rest, name, isLegacy: portMappingEnabled === false, remoteRegions: undefined };
    }),
} as const satisfies Record<CloudProvider, z.ZodType>;

/** The field that lists the interface endpoints. A list that is left out must not read as "all of them are gone". */
const endpointFields = {
  AWS: 'interfaceEndpoints',
  AZURE: 'privateEndpoints',
  GCP: 'endpointGroupNames',
} as const satisfies Record<CloudProvider, string>;

const endpoint = {
  errorMessage: nullish(z.string()),
  // The flag is read for whether it is so: an odd value concerns nothing else of the interface endpoint.
  deleteRequested: z
    .unknown()
    .optional()
    .transform((value) => value === true),
};
/** A member that does not say its status, or its name, concerns no other. */
const address = nullish(shortText).catch(null);
const member = z.object({
  status: statusWord.catch(null),
  endpointName: nullish(shortText).catch(null),
  ipAddress: address,
});

/** AWS says `connectionStatus`, the others `status`. */
const endpoints = {
  AWS: z.object({ ...endpoint, connectionStatus: statusWord }).transform(({ connectionStatus: status, ...rest }) => ({
    ...rest,
    status,
    connectionName: null,
    addresses: [],
    members: null,
  })),
  AZURE: z
    .object({
      ...endpoint,
      status: statusWord,
      privateEndpointConnectionName: nullish(shortText),
      privateEndpointIPAddress: address,
    })
    .transform(({ privateEndpointConnectionName: connectionName, privateEndpointIPAddress: ip, ...rest }) => {
      return { ...rest, connectionName, addresses: ip ? [ip] : [], members: null };
    }),
  GCP: z
    .object({ ...endpoint, status: statusWord, endpoints: nullish(someOf(member)) })
    .transform(({ endpoints: members, ...rest }) => ({
      ...rest,
      connectionName: null,
      addresses: (members ?? []).flatMap(({ ipAddress }) => ipAddress ?? []),
      members: members ?? [],
    })),
} as const satisfies Record<CloudProvider, z.ZodType>;

const formats = {
  AWS: formatOf('AWS'),
  AZURE: formatOf('AZURE'),
  GCP: formatOf('GCP'),
} as const satisfies Record<CloudProvider, unknown>;

function formatOf(cloudProvider: CloudProvider) {
  const field = endpointFields[cloudProvider];
  const toEndpoint = (id: string) => ({ key: interfaceEndpointKey(id, cloudProvider), id, detail: null });
  const toFacts = (wire: z.output<(typeof services)[CloudProvider]>) =>
    ({
      cloudProvider,
      status: wire.status,
      region: wire.regionName ?? '',
      endpointServiceName: wire.name ?? '',
      errorMessage: toErrorMessage(wire.errorMessage),
      ...(wire.isLegacy ? { sunset: 'gcp_not_port_mapped' as const } : {}),
      ...(wire.remoteRegions === undefined ? {} : { remoteRegions: wire.remoteRegions }),
    }) satisfies ConnectionFacts;
  return {
    schema: z.union([services[cloudProvider]]).transform(toFacts),
    id: idIn('id'),
    endpoints: z
      .object({ [field]: nullish(someOf(identifier)) })
      .transform((element) => element[field]?.map(toEndpoint) ?? null),
  };
}

/** The list of one cloud; interface endpoints are known by their ids until they are asked for. */
export function parseServices(answer: unknown, cloudProvider: CloudProvider): Promise<readonly ConnectionReading[]> {
  return parseConnections(answer, formats[cloudProvider]);
}

/** What one interface endpoint says of itself. */
export function parseInterfaceEndpoint(answer: unknown, cloudProvider: CloudProvider): DetailReading {
  const element = parseOne(answer, endpoints[cloudProvider], 'The interface endpoint');
  const named = (element.members ?? []).flatMap(({ endpointName: name, status }) => (name ? [{ name, status }] : []));
  const names = named.map(({ name }) => name);
  const failed = named.flatMap(({ name, status }) => (status === 'FAILED' ? [name] : []));
  return {
    status: element.status,
    errorMessage: toErrorMessage(element.errorMessage),
    connectionName: element.connectionName ?? '',
    members: element.members && countBy(element.members.map(({ status }) => status ?? OTHER)),
    ...(names.length > 0 ? { memberNames: names.sort() } : {}),
    ...(element.addresses.length > 0 ? { addresses: element.addresses.toSorted() } : {}),
    ...(failed.length > 0 ? { failedMembers: failed.sort() } : {}),
    ...(element.deleteRequested ? { deleteRequested: true } : {}),
  };
}

function countBy(words: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
