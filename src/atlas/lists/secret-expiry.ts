/** When the secret of a service account ends: the account is read by its organization, or by one of its projects. */
import { z } from 'zod';
import { AtlasError } from '../error.ts';
import type { LookupCall } from './lookup-call.ts';
import { nullish, parseOne, segment } from './wire.ts';

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const account = z.object({
  secrets: z.array(z.object({ expiresAt: moment, lastUsedAt: nullish(moment) })).max(1_000),
});
const dayMs = 24 * 60 * 60 * 1000;

/** Wall ms; null when the account has no secret. Throws AtlasError. */
export async function readSecretExpiry(call: LookupCall): Promise<number | null> {
  const { orgId, projectId } = call;
  if (orgId === '') return ofPlace(call, 'groups', projectId);
  try {
    return await ofPlace(call, 'orgs', orgId);
  } catch (thrown) {
    // An account that has roles in projects alone may be read there.
    if (!(thrown instanceof AtlasError) || (thrown.reason !== 'forbidden' && thrown.reason !== 'not_supported'))
      throw thrown;
    return await ofPlace(call, 'groups', projectId);
  }
}

async function ofPlace({ get, user, now }: LookupCall, place: 'orgs' | 'groups', id: string): Promise<number | null> {
  const isProject = place === 'groups';
  const answer = await get({
    operation: 'get_service_account',
    path: `/api/atlas/v2/${place}/${segment(id)}/serviceAccounts/${segment(user)}`,
    accept: 'application/vnd.atlas.2024-08-05+json',
    bucket: `v2 serviceAccounts ${id}`,
    role: isProject ? 'Project Read Only' : 'Organization Read Only',
    place: `${isProject ? 'project' : 'organization'} ${id}`,
    missing: {
      reason: 'not_supported',
      remedy:
        'Give the service account the role Organization Read Only if the end of its secret is to be known; nothing else needs it',
    },
  });
  return endOf(parseOne(answer, account, 'The service account').secrets, now);
}

/** Which of several secrets is ours is not told: one that was used within a day, and of these the one that ends last. */
function endOf(secrets: z.output<typeof account>['secrets'], now: number): number | null {
  const used = secrets.filter(({ lastUsedAt }) => lastUsedAt !== null && now - lastUsedAt <= dayMs);
  const ends = (used.length > 0 ? used : secrets).map(({ expiresAt }) => expiresAt);
  return ends.length === 0 ? null : Math.max(...ends);
}
