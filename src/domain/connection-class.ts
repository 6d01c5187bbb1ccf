/** What the status of a connection or interface endpoint means, with everything else that the poll told of it. */
import type { Connection, InterfaceEndpoint } from './snapshot.ts';
import { type Api, connectionClass, interfaceEndpointClass, type Kind, type StatusClass } from './status.ts';

/** `status`: its present one, or one that it had. A connection that cannot be read is `unknown`. */
export function classOfConnection(
  kind: Kind,
  api: Api,
  { cloudProvider, interfaceEndpoints, unreadable, ...connection }: Connection,
  status: string | null = unreadable === undefined ? connection.status : null,
): StatusClass {
  if (status === null) return 'unknown';
  // An interface endpoint that cannot be read counts by what was last known of it: its trouble is not its connection's.
  const isReady = ({ detail }: InterfaceEndpoint) =>
    detail !== null && interfaceEndpointClass(kind, cloudProvider, detail.status) === 'ready';
  const ready = api === 'v2' && status === 'WAITING_FOR_USER' ? interfaceEndpoints.filter(isReady).length : 0;
  return connectionClass(kind, api, status, interfaceEndpoints.length, ready);
}

/** An interface endpoint that cannot be read, or is known by its id only, is `unknown`. */
export function classOfInterfaceEndpoint(
  kind: Kind,
  cloudProvider: string,
  { detail, unreadable }: InterfaceEndpoint,
): StatusClass {
  if (!detail || unreadable !== undefined) return 'unknown';
  return interfaceEndpointClass(kind, cloudProvider, detail.status);
}

/** Whether a connection or one of its interface endpoints failed, has a message, or cannot be read. */
export function isInTrouble(kind: Kind, api: Api, connection: Connection): boolean {
  const { cloudProvider, errorMessage, unreadable, interfaceEndpoints } = connection;
  return (
    unreadable !== undefined ||
    errorMessage !== null ||
    classOfConnection(kind, api, connection) === 'failed' ||
    interfaceEndpoints.some(
      (endpoint) =>
        endpoint.unreadable !== undefined ||
        (endpoint.detail?.errorMessage ?? null) !== null ||
        classOfInterfaceEndpoint(kind, cloudProvider, endpoint) === 'failed',
    )
  );
}
