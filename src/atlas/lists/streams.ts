/** Private Link connections of Stream Processing. Keys that are not set are left out. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type ConnectionFacts, cloudWord, idIn, nullish, shortText, statusWord } from './wire.ts';

/** A connection that was made this moment has no `state` yet. */
const schema = z
  .object({
    provider: cloudWord,
    state: statusWord,
    region: nullish(shortText),
    serviceEndpointId: nullish(shortText),
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ provider, state, region, serviceEndpointId, errorMessage }): ConnectionFacts => ({
      cloudProvider: provider,
      status: state,
      region: region ?? '',
      endpointServiceName: serviceEndpointId ?? '',
      errorMessage: toErrorMessage(errorMessage),
    }),
  );

export const streamsConnection = { schema, id: idIn('_id') } as const;
