/** Which errors are worth another try within the same poll, and when. Pure. */
import type { AtlasError } from './error.ts';

/** All that one stay on a lane sleeps, retries and pauses together. */
export const longestSleepMs = 2_000;
const firstDelayMs = 200;

/**
 * How long to wait before the nth retry, in ms; null when the same request would hardly fare better in a moment: a bad
 * answer would only come again, and what was waited for in vain would be waited for again.
 */
export function retryDelayMs(retry: number, { reason, retryAfterMs }: AtlasError): number | null {
  const asked = retryAfterMs !== null && retryAfterMs > 0 ? retryAfterMs : null;
  if (reason === 'rate_limited') return asked;
  if (reason !== 'network' && reason !== 'server_error') return null;
  return asked ?? firstDelayMs * 2 ** (retry - 1);
}
