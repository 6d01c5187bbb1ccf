/** One request to the API: deadline, short retries, size; its answer as JSON, or an AtlasError. */
import pRetry from 'p-retry';
import type { Response } from 'undici';
import type { Clock } from '../domain/change.ts';
import { AtlasError, reasonFor, toAtlasError } from './error.ts';
import type { Limits } from './limits.ts';
import { budgetOf, retryAfterMs } from './rate-limit.ts';
import { retryDelayMs, worthRetrying } from './retry.ts';
import type { Send } from './transport.ts';

export interface Get {
  readonly operation: string;
  /** Path and query after the base URL, encoded. */
  readonly path: string;
  readonly accept: string;
  /** Which bucket of the credential it is taken from. */
  readonly bucket: string;
}

export interface ClientOptions {
  readonly baseUrl: () => string;
  readonly timeoutMs: () => number;
  readonly retries: () => number;
  readonly userAgent: string;
  readonly clock: Clock;
}

/** A project with 30,000 connections answers with 8 MB. */
const largestAnswer = 16 * 1024 * 1024;

/**
 * Sends a GET on a lane and parses the answer. Retries what is worth it for at most two seconds. Throws AtlasError;
 * after a refusal the bucket of `limits` says how long to stay away.
 */
export async function getJson(
  get: Get,
  send: Send,
  limits: Limits,
  signal: AbortSignal,
  options: ClientOptions,
): Promise<unknown> {
  let spentMs = 0;
  const once = async () => {
    try {
      return await request(get, send, limits, signal, options);
    } catch (thrown) {
      signal.throwIfAborted();
      throw toAtlasError(thrown);
    }
  };
  const retrying = pRetry(once, {
    retries: options.retries(),
    minTimeout: 0,
    maxTimeout: 0,
    signal,
    shouldRetry: ({ error, attemptNumber }) =>
      error instanceof AtlasError && worthRetrying(error) && retryDelayMs(attemptNumber, error, spentMs) !== null,
    async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
      if (!(error instanceof AtlasError) || retriesLeft === 0 || !worthRetrying(error)) return;
      const delay = retryDelayMs(attemptNumber, error, spentMs);
      if (delay === null) return;
      spentMs += delay;
      await sleep(delay, signal);
    },
  });
  try {
    return await retrying;
  } catch (thrown) {
    const error = signal.aborted ? toAtlasError(signal.reason) : toAtlasError(thrown);
    if (error.reason === 'rate_limited' && !error.ofCredential) limits.refused(get.bucket, error.retryAfterMs);
    throw error;
  }
}

async function request(
  get: Get,
  send: Send,
  limits: Limits,
  signal: AbortSignal,
  options: ClientOptions,
): Promise<unknown> {
  const { operation, path, accept, bucket } = get;
  const answer = await send({
    operation,
    url: `${options.baseUrl()}${path}`,
    method: 'GET',
    // Never br: the decoder has had remote flaws, and these answers are small.
    headers: { Accept: accept, 'Accept-Encoding': 'gzip, deflate', 'User-Agent': options.userAgent },
    signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs())]),
  });
  const body = await readBody(answer);
  if (answer.status !== 429) limits.told(bucket, budgetOf(answer.headers));
  if (answer.status !== 200) throw statusError(answer, body, options.clock);
  return parseJson(body);
}

/** The decoded body; more than the largest is an `invalid_response`, however small it was on the wire. */
async function readBody(answer: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > largestAnswer) {
      throw new AtlasError({ reason: 'invalid_response', detail: `The answer is larger than ${largestAnswer} bytes` });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    const detail = body.length === 0 ? 'The answer is empty' : 'The answer is not JSON';
    throw new AtlasError({ reason: 'invalid_response', detail }, { cause });
  }
}

function statusError({ status, headers }: Response, body: Uint8Array, clock: Clock): AtlasError {
  const { errorCode, parameters } = apiError(body);
  const reason = status >= 300 && status < 400 ? 'invalid_response' : reasonFor(status, errorCode);
  const address = reason === 'ip_access_list' ? addressIn(parameters) : null;
  return new AtlasError({
    reason,
    detail: `Atlas answered ${status}${errorCode === null ? '' : ` ${errorCode}`}`,
    ...(address !== null && {
      remedy: `Put ${address} on the API access list of the key (not on the project's IP access list)`,
    }),
    status,
    errorCode,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.wall()),
  });
}

/** What Atlas' error bodies hold; a proxy's HTML holds nothing. */
function apiError(body: Uint8Array): { readonly errorCode: string | null; readonly parameters: readonly unknown[] } {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body.subarray(0, 64 * 1024)));
    if (typeof parsed !== 'object' || parsed === null) return { errorCode: null, parameters: [] };
    const code = 'errorCode' in parsed ? parsed.errorCode : null;
    const parameters = 'parameters' in parsed && Array.isArray(parsed.parameters) ? parsed.parameters : [];
    return { errorCode: typeof code === 'string' && /^\w{1,100}$/.test(code) ? code : null, parameters };
  } catch {
    return { errorCode: null, parameters: [] };
  }
}

function addressIn([first]: readonly unknown[]): string | null {
  return typeof first === 'string' && /^[\da-fA-F.:/]{2,50}$/.test(first) ? first : null;
}

export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}
