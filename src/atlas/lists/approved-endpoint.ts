/** Private endpoints that the customer approves in the cloud console: of encryption at rest, and of backups. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type ConnectionFacts, cloudWord, idIn, nullish, shortText, statusWord } from './wire.ts';

const schema = z
  .object({
    cloudProvider: cloudWord,
    status: statusWord,
    regionName: nullish(shortText),
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ cloudProvider, status, regionName, errorMessage }): ConnectionFacts => ({
      cloudProvider,
      status,
      region: regionName ?? '',
      endpointServiceName: '',
      errorMessage: toErrorMessage(errorMessage),
    }),
  );

/** An error may be told in a status that is not FAILED. */
export const approvedEndpoint = { schema, id: idIn('id') } as const;
