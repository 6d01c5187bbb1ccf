/** Private Link connections of Stream Processing. Keys that are not set are left out. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import type { Connection } from '../../domain/snapshot.ts';
import { OTHER } from '../../domain/status.ts';
import { cloudProvider, identifier, nullish, statusWord } from './wire.ts';

/** A connection that was made this moment has no `state` yet: nobody knows what it is in. */
export const streamsConnection = z
  .object({
    _id: identifier,
    provider: cloudProvider,
    state: nullish(statusWord),
    region: nullish(z.string()),
    serviceEndpointId: nullish(z.string()),
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ _id: id, provider, state, region, serviceEndpointId, errorMessage }): Connection => ({
      id,
      cloudProvider: provider,
      status: state ?? OTHER,
      region: region ?? '',
      endpointServiceName: serviceEndpointId ?? '',
      errorMessage: toErrorMessage(errorMessage),
      interfaceEndpoints: [],
    }),
  );
