/** Which errors are worth another try within the same poll. Pure. */
import type { AtlasError } from './error.ts';

/** All waits of one request together, while it holds its lane. */
export const longestRetryMs = 2_000;
const firstDelayMs = 200;

/** Whether the same request may well succeed in a moment. A bad answer would only come again. */
export function worthRetrying({ reason, retryAfterMs }: AtlasError): boolean {
  if (reason === 'rate_limited') return retryAfterMs !== null && retryAfterMs > 0 && retryAfterMs < longestRetryMs;
  return reason === 'network' || reason === 'server_error';
}

/** How long to wait before the nth retry, so that all of them together stay within the longest; null when it is too long. */
export function retryDelayMs(retry: number, { retryAfterMs }: AtlasError, spentMs: number): number | null {
  const delay = retryAfterMs !== null && retryAfterMs > 0 ? retryAfterMs : firstDelayMs * 2 ** (retry - 1);
  return spentMs + delay > longestRetryMs ? null : delay;
}
