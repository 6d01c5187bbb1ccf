/**
 * The deprecated API: `GET /api/atlas/v1.0/groups/{GROUP-ID}/privateEndpoint`, a bare array of AWS connections with five
 * fields. https://www.mongodb.com/docs/atlas/reference/api/private-endpoint-get-all/
 */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { ConnectionReading } from '../../domain/reading.ts';
import {
  type ConnectionFacts,
  identifier,
  idIn,
  nullish,
  parseConnections,
  shortText,
  someOf,
  statusWord,
} from './wire.ts';

const connection = z
  .object({ status: statusWord, endpointServiceName: nullish(shortText), errorMessage: nullish(z.string()) })
  .transform(
    ({ status, endpointServiceName, errorMessage }): ConnectionFacts => ({
      cloudProvider: 'AWS',
      status,
      region: atlasRegion(endpointServiceName),
      endpointServiceName: endpointServiceName ?? '',
      errorMessage: toErrorMessage(errorMessage),
    }),
  );

const endpoints = z
  .object({ interfaceEndpoints: nullish(someOf(identifier)) })
  .transform(({ interfaceEndpoints }) => interfaceEndpoints?.map((id) => ({ key: id, id, detail: null })) ?? null);

const format = { schema: connection, id: idIn('id'), endpoints };

/** Throws an `invalid_response` that names the first element whose id cannot be read. */
export function parseV1Connections(answer: unknown): Promise<readonly ConnectionReading[]> {
  return parseConnections(answer, format);
}

/** `com.amazonaws.vpce.us-east-1.vpce-svc-…` is in `US_EAST_1`. */
function atlasRegion(endpointServiceName: string | null): string {
  const region = /^com\.amazonaws\.vpce\.([a-z0-9-]+)\./.exec(endpointServiceName ?? '')?.[1];
  return region?.toUpperCase().replaceAll('-', '_') ?? '';
}
