/** Private Link connections of Stream Processing. Keys that are not set are left out. */
import { z } from 'zod';
import { toErrorMessage } from '../../domain/error-message.ts';
import { type ConnectionFacts, cloudWord, firstHint, hint, idIn, nullish, shortText, statusWord } from './wire.ts';

/** A connection that was made this moment has no `state` yet. */
const schema = z
  .object({
    provider: cloudWord,
    state: statusWord,
    region: nullish(shortText),
    serviceEndpointId: nullish(shortText),
    arn: hint,
    dnsDomain: hint,
    gcpServiceAttachmentUris: firstHint,
    azureResourceIds: firstHint,
    vendor: hint,
    errorMessage: nullish(z.string()),
  })
  .transform(
    ({ provider, state, region, errorMessage, vendor, ...target }): ConnectionFacts => ({
      cloudProvider: provider,
      status: state,
      region: region ?? '',
      endpointServiceName: targetOf(target),
      errorMessage: toErrorMessage(errorMessage),
      ...(vendor !== null && { vendor }),
    }),
  );

export const streamsConnection = { schema, id: idIn('_id') } as const;

type Target = 'serviceEndpointId' | 'arn' | 'dnsDomain' | 'gcpServiceAttachmentUris' | 'azureResourceIds';

/** What the connection goes to: each sort of it has a field of its own. */
function targetOf(told: Readonly<Record<Target, string | null>>): string {
  return (
    told.serviceEndpointId || told.arn || told.dnsDomain || told.gcpServiceAttachmentUris || told.azureResourceIds || ''
  );
}
