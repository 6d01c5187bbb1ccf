/** Private endpoints that the customer approves in the cloud console: of encryption at rest, and of backups. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { Connection } from '../../domain/snapshot.ts';
import { cloudProvider, identifier, nullish, statusWord } from './wire.ts';

/** An error may be told in a status that is not FAILED. */
export const approvedEndpoint = z
  .object({
    id: identifier,
    cloudProvider,
    status: statusWord,
    regionName: nullish(z.string()),
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ id, cloudProvider: cloud, status, regionName, errorMessage }): Connection => ({
      id,
      cloudProvider: cloud,
      status,
      region: regionName ?? '',
      endpointServiceName: '',
      errorMessage: toErrorMessage(errorMessage),
      interfaceEndpoints: [],
    }),
  );
