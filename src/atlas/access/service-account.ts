/** OAuth 2.0 client credentials (RFC 6749): requests with a token that all polls of the service account share. */

import {
  type AuthorizationServer,
  allowInsecureRequests,
  type ClientAuth,
  clientCredentialsGrantRequest,
  customFetch,
  processClientCredentialsResponse,
  revocationRequest,
} from 'oauth4webapi';
import type { Clock } from '../../domain/time.ts';
import { AtlasError, reasonFor } from '../error.ts';
import { parseApiError, parseOauthError, senderOf } from '../http/body.ts';
import { withDeadline } from '../http/deadline.ts';
import { acceptedEncoding } from '../http/encoding.ts';
import type { AtlasAnswer, Send } from '../http/transport.ts';
import { pairRemedy, type Who } from '../remedy.ts';
import { retryAfterMs } from './rate-limit.ts';
import { createTokenKeeper, type Grant } from './token.ts';

export interface ServiceAccount {
  readonly send: Send;
  /** The secret is another one now; the token stays, because it is the client's. */
  secretChanged(): void;
  /** When the token ends, wall ms; null without one. */
  expiresAt(): number | null;
  /** Gives the token back, best effort. */
  revoke(signal: AbortSignal): Promise<void>;
}

export interface ServiceAccountOptions {
  readonly clientId: string;
  /** Read again at each use. */
  readonly clientSecret: () => string;
  readonly who: Who;
  readonly baseUrl: string;
  readonly userAgent: string;
  readonly timeoutMs: () => number;
  readonly send: Send;
  readonly clock: Clock;
}

export function createServiceAccount(options: ServiceAccountOptions): ServiceAccount {
  const { clientId, send, clock } = options;
  const tokens = createTokenKeeper(() => requestToken(options), clock);

  return {
    async send(request) {
      const withToken = (text: string) =>
        send({ ...request, headers: { ...request.headers, Authorization: `Bearer ${text}` } });
      const text = await tokens.current(request.signal);
      const answer = await withToken(text);
      if (answer.status !== 401) return answer;
      // Another 401 says that a role is missing, or is not Atlas': another token would fare no better.
      if (!isTokenRefused(answer)) return answer;
      // The token was revoked or ended early: with another one, once.
      tokens.refused(text);
      return withToken(await tokens.current(request.signal));
    },
    secretChanged: tokens.forgetRefusal,
    expiresAt: tokens.expiresAt,
    async revoke(signal) {
      const text = tokens.take();
      if (text === null) return;
      const how = oauthOptions(options, 'revoke', signal);
      await revocationRequest(serverOf(options), { client_id: clientId }, plainBasic(options), text, how);
    },
  };
}

function isTokenRefused({ headers, body }: AtlasAnswer): boolean {
  const { errorCode } = parseApiError(body);
  if (errorCode !== null) return errorCode === 'UNEXPECTED_ERROR';
  return /^Bearer\b/i.test(headers.get('www-authenticate') ?? '');
}

async function requestToken(options: ServiceAccountOptions): Promise<Grant> {
  const { clientId, timeoutMs } = options;
  const server = serverOf(options);
  const client = { client_id: clientId };
  // No poll's own deadline: others wait for the same token.
  using deadline = withDeadline(new AbortController().signal, timeoutMs(), 'The token endpoint did not answer in time');
  const how = oauthOptions(options, 'token', deadline.signal);
  const answer = await clientCredentialsGrantRequest(server, client, plainBasic(options), {}, how);
  if (!answer.ok) throw await refusalOf(answer, options);
  // The error leaves out its cause, which may hold the token.
  const given = await processClientCredentialsResponse(server, client, answer).catch(() => {
    throw badGrant('gave no token, or not as OAuth 2.0 documents');
  });
  return checkedGrant(given.access_token, given.expires_in ?? 3600);
}

/** Atlas' own grants have less than 2 KB. */
const largestGrant = 64 * 1024;
/** A request with a longer header is refused by most servers. */
const longestToken = 8_192;
/** In seconds. Atlas' tokens live for an hour; a month is beyond what any of its clients is given. */
const longestLife = 30 * 24 * 3600;

/** Throws an `invalid_response` for a grant that could not be used, so that another is asked for soon. */
function checkedGrant(text: string, life: number): Grant {
  // The characters of a bearer token (RFC 6750, 2.1): no header can carry others.
  if (!/^[\w.~+/-]+={0,2}$/.test(text)) throw badGrant('gave a token with characters that no token has');
  if (text.length > longestToken) throw badGrant(`gave a token of ${text.length} characters`);
  if (!(life >= 1 && life <= longestLife)) throw badGrant(`gave a token for ${life} s`);
  return { text, lifeMs: life * 1000 };
}

function badGrant(what: string): AtlasError {
  const remedy = 'Check atlas.baseUrl and what is between this machine and Atlas; another token is asked for soon';
  return new AtlasError({
    reason: 'invalid_response',
    detail: `The token endpoint ${what}`,
    remedy,
    ofCredential: true,
  });
}

async function refusalOf(answer: Response, { clock, who }: ServiceAccountOptions): Promise<AtlasError> {
  const { status, headers } = answer;
  const body = new Uint8Array(await answer.arrayBuffer());
  const { errorCode } = parseApiError(body);
  const oauthError = parseOauthError(body);
  const common = {
    status,
    errorCode,
    retryAfterMs: retryAfterMs(headers.get('retry-after'), clock.wall()),
    ofCredential: true,
  } as const;
  if (status === 403 && /token limit/i.test(oauthError?.description ?? '')) {
    return new AtlasError({
      ...common,
      reason: 'rate_limited',
      detail: 'The service account has too many live access tokens',
      remedy: 'Wait until old tokens end (an hour), or give this exporter a service account of its own',
    });
  }
  if (oauthError !== null && (status === 400 || status === 401)) {
    const detail = `The token endpoint does not accept the client id and secret (${status} ${oauthError.error})`;
    return new AtlasError({ ...common, reason: 'unauthorized', detail, remedy: pairRemedy(who) });
  }
  const reason = reasonFor({ status, errorCode: errorCode ?? oauthError?.error ?? null, isChallenge: false });
  const code = errorCode ?? oauthError?.error ?? `(${senderOf(headers)})`;
  return new AtlasError({
    ...common,
    reason,
    detail: `The token endpoint answered ${status} ${code}`,
    ...(reason === 'rate_limited' && {
      remedy:
        'Atlas gives few tokens a minute to one address: wait, and see which other tools use this service account',
    }),
  });
}

function serverOf({ baseUrl }: ServiceAccountOptions): AuthorizationServer {
  return {
    issuer: baseUrl,
    token_endpoint: `${baseUrl}/api/oauth/token`,
    revocation_endpoint: `${baseUrl}/api/oauth/revoke`,
  };
}

/** Atlas documents plain base64 of `id:secret`; the library would percent-encode `_` and `-` first. */
function plainBasic({ clientId, clientSecret }: ServiceAccountOptions): ClientAuth {
  return (_server, _client, _body, headers) => {
    headers.set('authorization', `Basic ${Buffer.from(`${clientId}:${clientSecret()}`).toString('base64')}`);
  };
}

function oauthOptions({ send, userAgent }: ServiceAccountOptions, operation: string, signal: AbortSignal) {
  return {
    // http is only ever to loopback: the config sees to that.
    [allowInsecureRequests]: true,
    headers: { 'User-Agent': userAgent, 'Accept-Encoding': acceptedEncoding },
    async [customFetch](url: string, init: { headers: Record<string, string>; body: unknown }) {
      const { headers, body } = init;
      const answer = await send({
        operation,
        url,
        method: 'POST',
        headers,
        body: String(body),
        mostBytes: largestGrant,
        signal,
      });
      const carried = ['content-type', 'retry-after', 'server'].flatMap((name) => {
        const value = answer.headers.get(name);
        return value === null ? [] : [[name, value] as [string, string]];
      });
      const mayHaveBody = ![204, 205, 304].includes(answer.status);
      return new Response(mayHaveBody ? Buffer.from(answer.body) : null, { status: answer.status, headers: carried });
    },
  };
}
