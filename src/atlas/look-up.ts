/** One look-up: behind all polls in the queue for a lane, and never of the last fifth of a rate limit. */
import type { Learned, LookupQuestion } from '../domain/lookup.ts';
import { AtlasError } from './error.ts';
import type { Get } from './http/client.ts';
import { type Lookup, type LookupName, lookups } from './lists/lookups.ts';
import { type Visit, type VisitOptions, type VisitParts, visitAtlas } from './visit.ts';

const lowLimit = { reason: 'rate_limited', detail: 'What is left of the rate limit is left to the polls' } as const;

/** null when less than a fifth of a rate limit is left. Throws AtlasError, or the reason of the signal. */
export async function lookUp(
  { lookup, subject, projectId, orgId, since = 0 }: LookupQuestion<LookupName> & { readonly orgId: string },
  options: Pick<VisitOptions, 'signal' | 'onLimited'>,
  parts: VisitParts,
): Promise<Learned | null> {
  const { fetch, deadlineMs }: Lookup = lookups[lookup];
  const { credential, clock } = parts;
  const about = { subject, projectId, orgId, user: credential.user(), now: clock.wall(), since };
  const enterLane = (until: AbortSignal) => credential.enterLane(until, { behind: true });
  let isLow = false;
  const ask = (request: Get, visit: Visit) => {
    isLow = credential.limits.isLow(request.bucket);
    return isLow ? Promise.reject(new AtlasError(lowLimit)) : visit.get(request);
  };
  const read = (visit: Visit) => fetch({ ...about, get: (request) => ask(request, visit) });
  try {
    const how = { ...options, deadlineMs: () => deadlineMs };
    return await visitAtlas(read, how, { ...parts, credential: { ...credential, enterLane } });
  } catch (thrown) {
    if (isLow) return null;
    throw thrown;
  }
}
