/** Private endpoints of Data Federation and Online Archive. Keys that are not set are left out. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { Connection } from '../../domain/snapshot.ts';
import { cloudProvider, identifier, nullish, statusWord } from './wire.ts';

/** AWS when the provider is left out. Azure changes the case of its resource paths, so theirs are lower-cased. */
export const dataFederationEndpoint = z
  .object({
    endpointId: identifier,
    provider: nullish(cloudProvider),
    status: statusWord,
    region: nullish(z.string()),
    errorMessage: nullish(z.string()),
  })
  .transform(({ endpointId, provider, status, region, errorMessage }): Connection => {
    const cloud = provider ?? 'AWS';
    return {
      id: cloud === 'AZURE' ? endpointId.toLowerCase() : endpointId,
      cloudProvider: cloud,
      status,
      region: region ?? '',
      endpointServiceName: '',
      errorMessage: toErrorMessage(errorMessage),
      interfaceEndpoints: [],
    };
  });
