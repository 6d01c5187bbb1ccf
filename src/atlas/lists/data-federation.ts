/** Private endpoints of Data Federation and Online Archive. Keys that are not set are left out, `status` of older ones too. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type ConnectionFacts, cloudWord, hint, idIn, nullish, shortText, statusWord } from './wire.ts';

/** AWS when the provider is left out. */
const schema = z
  .object({
    provider: nullish(cloudWord),
    status: statusWord,
    region: nullish(shortText),
    customerEndpointDNSName: hint,
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ provider, status, region, customerEndpointDNSName, errorMessage }): ConnectionFacts => ({
      cloudProvider: provider ?? 'AWS',
      status,
      region: region ?? '',
      endpointServiceName: customerEndpointDNSName ?? '',
      errorMessage: toErrorMessage(errorMessage),
    }),
  );

/** Ids of Azure are resource paths. Azure changes their case, so they are lower-cased. */
export const dataFederationEndpoint = {
  schema,
  id: idIn('endpointId'),
  toId: (id: string) => (/^\/subscriptions\//i.test(id) ? id.toLowerCase() : id),
} as const;
