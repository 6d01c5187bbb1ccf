/**
 * Managed private connection strings: Atlas' preview, a resource of its own for each cluster. Its form may still change, so
 * what is not needed is not looked at. Keys that are not set are left out.
 * https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/#tag/Clusters
 */
import { z } from 'zod';
import type { Cluster, PrivateConnectionString, StringEndpoint } from '../../domain/cluster.ts';
import { toErrorMessage } from '../../domain/error-message.ts';
import { byKey } from '../../domain/keys.ts';
import type { ConnectionReading, InterfaceEndpointReading } from '../../domain/reading.ts';
import { interfaceEndpointKey } from '../../domain/snapshot.ts';
import { isAzurePath, toPrivateString, uri } from './clusters.ts';
import { type ConnectionFacts, hint, identifier, idIn, nullish, parseConnections, someOf, statusWord } from './wire.ts';

const schema = z.object({ name: hint, status: statusWord, errorMessage: nullish(z.string()) }).transform(
  ({ name, status, errorMessage }): ConnectionFacts => ({
    // A string may go through endpoints of several clouds.
    cloudProvider: '',
    status,
    region: '',
    endpointServiceName: '',
    errorMessage: toErrorMessage(errorMessage),
    ...(name !== null && { connectionName: name }),
  }),
);

/** The endpoints that a string covers, known by their ids alone. */
const endpoints = z
  .object({ privateEndpointIds: nullish(someOf(identifier)) })
  .transform(({ privateEndpointIds: ids }): readonly InterfaceEndpointReading[] | null => {
    const read = ids?.map((id) => ({
      key: interfaceEndpointKey(id, isAzurePath(id) ? 'AZURE' : ''),
      id,
      detail: null,
    }));
    return read ? [...byKey(read, ({ key }) => key).values()] : null;
  });

const anyId = z.object({ connectionStringId: z.string() });
/** What tells records apart; one without an id is told by all that it says. */
export function managedId(element: unknown): string {
  return anyId.safeParse(element).data?.connectionStringId ?? JSON.stringify(element);
}

const format = { schema, id: idIn('connectionStringId'), endpoints };
const underDeletion = z.object({ deleteRequested: z.literal(true) });

const record = z.object({
  status: statusWord,
  errorMessage: nullish(z.string()),
  privateEndpointIds: nullish(someOf(identifier)),
  connectionString: uri,
  srvConnectionString: uri,
});
const nothingTold = 'Atlas does not say why';

/** What the records of a cluster mean for it. One that cannot be read means nothing. */
export function toManaged(elements: readonly unknown[]): Pick<Cluster, 'strings' | 'managed'> {
  const read = notUnderDeletion(elements).flatMap((element) => record.safeParse(element).data ?? []);
  const strings = read.flatMap(
    ({ status, privateEndpointIds, connectionString, srvConnectionString }): readonly PrivateConnectionString[] => {
      const isTold = connectionString !== null || srvConnectionString !== null;
      return status === 'AVAILABLE' && isTold
        ? [toPrivateString('', connectionString, toEndpoints(privateEndpointIds))]
        : [];
    },
  );
  const failed = read
    .filter(({ status }) => status === 'FAILED')
    .map(({ errorMessage }) => toErrorMessage(errorMessage));
  const pending = read.filter(({ status }) => status === 'PENDING').length;
  const isNews = pending + failed.length > 0;
  return {
    strings,
    ...(isNews && { managed: { pending, failed: failed.length > 0 ? (failed[0] ?? nothingTold) : null } }),
  };
}

function toEndpoints(ids: readonly string[] | null): readonly StringEndpoint[] {
  return (ids ?? []).map((id) => {
    const cloudProvider = isAzurePath(id) ? 'AZURE' : id.startsWith('vpce-') ? 'AWS' : '';
    return { key: interfaceEndpointKey(id, cloudProvider), id, cloudProvider, region: '' };
  });
}

/** A record without an id tells nobody which one goes. */
function isNamed(element: unknown): boolean {
  return !isUnderDeletion(element) || anyId.safeParse(element).success;
}

function isUnderDeletion(element: unknown): boolean {
  return underDeletion.safeParse(element).success;
}

function notUnderDeletion(elements: readonly unknown[]): readonly unknown[] {
  return elements.filter((element) => !isUnderDeletion(element));
}

/**
 * The records of one cluster. One under deletion is leaving, and so are all of a cluster that is being deleted. Throws an
 * `invalid_response` where an id cannot be read.
 */
export async function parseManagedStrings(
  elements: readonly unknown[],
  cluster: Pick<Cluster, 'name' | 'state'>,
): Promise<readonly ConnectionReading[]> {
  const named = elements.filter(isNamed);
  const read = await parseConnections(named, format);
  return read.map((connection, index) => ({
    ...connection,
    endpointServiceName: cluster.name,
    ...((cluster.state === 'DELETING' || isUnderDeletion(named[index])) && { leaving: true as const }),
  }));
}
