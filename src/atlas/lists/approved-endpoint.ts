/** Private endpoints that the customer approves in the cloud console: of encryption at rest, and of backups. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type ConnectionFacts, cloudWord, hint, idIn, nullish, shortText, statusWord } from './wire.ts';

const schema = z
  .object({
    cloudProvider: cloudWord,
    status: statusWord,
    regionName: nullish(shortText),
    vpcRegionName: hint,
    privateEndpointConnectionName: hint,
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ cloudProvider, status, regionName, vpcRegionName, errorMessage, ...wire }): ConnectionFacts => ({
      cloudProvider,
      status,
      // Of a backup `regionName` is where its bucket is.
      region: vpcRegionName ?? regionName ?? '',
      endpointServiceName: '',
      errorMessage: toErrorMessage(errorMessage),
      ...(wire.privateEndpointConnectionName !== null && { connectionName: wire.privateEndpointConnectionName }),
    }),
  );

/** An error may be told in a status that is not FAILED. */
export const approvedEndpoint = { schema, id: idIn('id') } as const;
