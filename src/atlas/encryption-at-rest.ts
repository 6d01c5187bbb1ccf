/** Private endpoints of encryption at rest with customer keys. */
import { z } from 'zod';
import { toErrorMessage } from '../domain/error-message.ts';
import type { Connection } from '../domain/snapshot.ts';
import { cloudProvider, identifier, nullish, statusWord } from './wire.ts';

/** An error may be told in a status that is not FAILED. */
export const encryptionAtRestEndpoint = z
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
