/** One request to the API: deadline, short retries, limits; its answer as JSON, or an AtlasError. */

import pRetry from 'p-retry';
import type { Failure } from '../../domain/failure.ts';
import type { Clock } from '../../domain/time.ts';
import type { Limits } from '../access/limits.ts';
import { budgetOf, retryAfterMs, retryDelayMs } from '../access/rate-limit.ts';
import { AtlasError, type AtlasErrorParts, reasonFor, toAtlasError } from '../error.ts';
import { type Asked, failureRemedy, type Who } from '../remedy.ts';
import { parseApiError, parseJson, senderOf } from './body.ts';
import { type Patience, type Pause, withDeadline } from './deadline.ts';
import { acceptedEncoding } from './encoding.ts';
import type { AtlasAnswer, Send } from './transport.ts';

export interface Get extends Asked {
  readonly operation: string;
  /** Path and query after the base URL, encoded. */
  readonly path: string;
  readonly accept: string;
  /** Which bucket of the credential it is taken from. */
  readonly bucket: string;
  /** What a 404, or one of `statuses`, means that does not name the project; what it is elsewhere when left out. */
  readonly missing?: Pick<Failure, 'reason' | 'remedy'> & { readonly statuses?: readonly number[] };
  /** Hears how many bytes of an answer came, decoded, before they are parsed. What it throws fails the request. */
  readonly received?: (bytes: number) => void;
  /** What to do about a 404 or 410 of a resource that is known to end, also where it is not Atlas that answers. */
  readonly goneRemedy?: string;
}

/** What a request is sent by, and what its visit may still spend. */
export interface Stay {
  readonly who: Who;
  readonly send: Send;
  readonly limits: Limits;
  /** How long a bucket that runs low may be spared, in ms. */
  readonly mostSparingMs: () => number;
  readonly patience: Patience;
  readonly signal: AbortSignal;
}

export interface ClientOptions {
  readonly baseUrl: () => string;
  readonly timeoutMs: () => number;
  /** For each request. */
  readonly retries: () => number;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly pause: Pause;
}

/**
 * Sends a GET and parses the answer. Retries what is worth it while the patience of the stay lasts. Throws AtlasError;
 * `rate_limited` when the bucket must be left alone for longer than that: its limits tell for how long.
 */
export async function getJson(get: Get, stay: Stay, options: ClientOptions): Promise<unknown> {
  const { limits, patience, signal } = stay;
  await spare(get.bucket, stay, options.pause);
  const delayOf = (error: unknown, retry: number) =>
    error instanceof AtlasError && !error.ofCredential ? retryDelayMs(retry, error) : null;
  try {
    return await pRetry(() => exchange(get, stay, options), {
      retries: options.retries(),
      minTimeout: 0,
      signal,
      async shouldRetry({ error, attemptNumber, retriesLeft }) {
        const delay = delayOf(error, attemptNumber);
        if (delay === null || retriesLeft === 0 || !patience.take(delay)) return false;
        await options.pause(delay, signal);
        return true;
      },
    });
  } catch (thrown) {
    const error = toAtlasError(signal.aborted ? signal.reason : thrown);
    if (error.reason === 'rate_limited' && !error.ofCredential) limits.refused(get.bucket, error);
    throw error;
  }
}

/** A bucket that runs low or refused is left alone: shortly on the lane, and longer by whoever gives the lane back. */
async function spare(bucket: string, { limits, mostSparingMs, patience, signal }: Stay, pause: Pause): Promise<void> {
  const wait = limits.waitMs(bucket, mostSparingMs());
  if (wait === 0) return;
  if (!patience.take(wait)) throw limits.refusal(bucket) ?? lowBucket();
  await pause(wait, signal);
}

function lowBucket(): AtlasError {
  return new AtlasError({ reason: 'rate_limited', detail: 'Hardly anything of the rate limit is left' });
}

async function exchange(get: Get, { send, limits, signal, who }: Stay, options: ClientOptions): Promise<unknown> {
  const timeoutMs = options.timeoutMs();
  using deadline = withDeadline(signal, timeoutMs, `No whole answer within ${timeoutMs / 1000} s`);
  try {
    const answer = await send({
      operation: get.operation,
      url: `${options.baseUrl()}${get.path}`,
      method: 'GET',
      headers: { Accept: get.accept, 'Accept-Encoding': acceptedEncoding, 'User-Agent': options.userAgent },
      signal: deadline.signal,
    });
    limits.told(get.bucket, budgetOf(answer.headers));
    if (answer.status !== 200) throw statusError(answer, get, who, options.clock);
    get.received?.(answer.body.length);
    return await parseJson(answer, () => senderOf(answer.headers));
  } catch (thrown) {
    throw toAtlasError(thrown);
  }
}

function statusError(answer: AtlasAnswer, get: Get, who: Who, clock: Clock): AtlasError {
  const { status, headers, body } = answer;
  const { errorCode, parameters } = parseApiError(body);
  const common = { status, errorCode, retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.wall()) };
  const challenge = headers.get('www-authenticate') ?? '';
  const told = reasonFor({ status, errorCode, isChallenge: /^(?:Digest|Bearer)\b/i.test(challenge) });
  const gone = status === 404 || status === 410 ? get.goneRemedy : undefined;
  if (told === 'invalid_response' && errorCode === null) {
    return new AtlasError({ ...common, ...foreign(answer), ...(gone && { remedy: gone }) });
  }
  const isMissing = (get.missing?.statuses ?? [404]).includes(status);
  const missing = isMissing && (told === 'invalid_response' || told === 'not_supported') ? get.missing : undefined;
  const reason = missing?.reason ?? told;
  const address = reason === 'ip_access_list' ? addressIn(parameters) : null;
  const of = address === null ? '' : ` for ${address}`;
  return new AtlasError({
    ...common,
    reason,
    detail: `${`Atlas answered ${status} ${errorCode ?? ''}`.trimEnd()}${of}`,
    remedy: gone ?? missing?.remedy ?? failureRemedy(reason, { status, address }, who, get),
  });
}

/** An answer that Atlas does not give: a web filter, a login page or a proxy spoke in its place. */
function foreign({ status, headers }: AtlasAnswer): Omit<AtlasErrorParts, 'status'> {
  const scheme = /^(?:Basic|Negotiate|NTLM)\b/i.exec(headers.get('www-authenticate') ?? '')?.[0];
  const what = status >= 300 && status < 400 ? ' with a redirect' : scheme ? ` and wants a ${scheme} login` : '';
  return {
    reason: 'invalid_response',
    detail: `Answered ${status}${what}, not as Atlas does: ${senderOf(headers)}`,
    remedy:
      'Check atlas.baseUrl and what is between this machine and Atlas: a proxy, a web filter or a login page answered',
  };
}

function addressIn([first]: readonly unknown[]): string | null {
  return typeof first === 'string' && /^[\da-fA-F.:/]{2,50}$/.test(first) ? first : null;
}
