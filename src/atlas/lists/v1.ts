/**
 * The deprecated API: `GET /api/atlas/v1.0/groups/{GROUP-ID}/privateEndpoint`, a bare array of AWS connections with five
 * fields. https://www.mongodb.com/docs/atlas/reference/api/private-endpoint-get-all/
 */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { Connection } from '../../domain/snapshot.ts';
import { identifier, nullish, parseElements, statusWord } from './wire.ts';

const connection = z.object({
  id: identifier,
  status: statusWord,
  endpointServiceName: nullish(z.string()),
  errorMessage: nullish(z.string()),
  // Not null for none: a list that is left out must not read as "all of them are gone".
  interfaceEndpoints: z.array(identifier),
});

/** Throws an `invalid_response` that names the first element which is not what the API documents. */
export function parseV1Connections(answer: unknown): readonly Connection[] {
  return parseElements(answer, connection).map((element) => ({
    id: element.id,
    cloudProvider: 'AWS',
    status: element.status,
    region: atlasRegion(element.endpointServiceName),
    endpointServiceName: element.endpointServiceName ?? '',
    errorMessage: toErrorMessage(element.errorMessage),
    interfaceEndpoints: element.interfaceEndpoints.map((id) => ({ key: id, id, detail: null })),
  }));
}

/** `com.amazonaws.vpce.us-east-1.vpce-svc-…` is in `US_EAST_1`. */
function atlasRegion(endpointServiceName: string | null): string {
  const region = /^com\.amazonaws\.vpce\.([a-z0-9-]+)\./.exec(endpointServiceName ?? '')?.[1];
  return region?.toUpperCase().replaceAll('-', '_') ?? '';
}
