/** OAuth 2.0 client credentials: one token for any number of polls, refreshed before it ends, revoked at the end. */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type ClientAuth,
  clientCredentialsGrantRequest,
  customFetch,
  processClientCredentialsResponse,
  ResponseBodyError,
  revocationRequest,
} from 'oauth4webapi';
import type { Clock } from '../domain/change.ts';
import { AtlasError, reasonFor, toAtlasError } from './error.ts';
import { backoffMs, retryAfterMs } from './rate-limit.ts';
import type { Request, Send } from './transport.ts';

export interface ServiceAccount {
  readonly send: Send;
  /** When the token ends, wall ms; null without one. */
  expiresAt(): number | null;
  /** Gives the token back, best effort. */
  revoke(signal: AbortSignal): Promise<void>;
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
  readonly renewAt: number;
}

export interface ServiceAccountOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly baseUrl: () => string;
  readonly userAgent: string;
  readonly timeoutMs: () => number;
  readonly send: Send;
  readonly clock: Clock;
}

export function createServiceAccount(options: ServiceAccountOptions): ServiceAccount {
  const { clientId, send, clock } = options;
  let token: Token | null = null;
  let renewing: Promise<Token> | null = null;
  let refusal: { readonly error: AtlasError; readonly until: number; readonly count: number } | null = null;

  /** A token endpoint that refused is left alone for a while: every poll in that time fails with what it said. */
  const renew = async (): Promise<Token> => {
    if (refusal && clock.monotonic() < refusal.until) throw refusal.error;
    try {
      const renewed = await requestToken(options);
      refusal = null;
      return renewed;
    } catch (thrown) {
      const error = toAtlasError(thrown);
      if (error.reason === 'rate_limited') {
        const count = (refusal?.count ?? 0) + 1;
        refusal = { error, count, until: clock.monotonic() + backoffMs(count, error.retryAfterMs) };
      }
      throw error;
    }
  };

  const current = async (): Promise<string> => {
    if (token && clock.monotonic() < token.renewAt) return token.text;
    renewing ??= renew().finally(() => {
      renewing = null;
    });
    token = await renewing;
    return token.text;
  };
  const withToken = (request: Request, text: string) =>
    send({ ...request, headers: { ...request.headers, Authorization: `Bearer ${text}` } });

  return {
    async send(request) {
      const text = await current();
      const answer = await withToken(request, text);
      if (answer.status !== 401 || token?.text !== text) return answer;
      const body = await answer.clone().text();
      if (/"errorCode"\s*:\s*"(?!UNEXPECTED_ERROR)/.test(body)) return answer;
      // Revoked or ended early: a new token, once.
      token = null;
      await answer.body?.cancel();
      return withToken(request, await current());
    },
    expiresAt: () => token?.expiresAt ?? null,
    async revoke(signal) {
      if (!token) return;
      const { text } = token;
      token = null;
      const how = { ...oauthOptions(options, 'revoke'), signal };
      const answer = await revocationRequest(
        serverOf(options),
        { client_id: clientId },
        plainBasic(options),
        text,
        how,
      );
      await answer.body?.cancel();
    },
  };
}

async function requestToken(options: ServiceAccountOptions): Promise<Token> {
  const { clientId, clock, timeoutMs } = options;
  const server = serverOf(options);
  const client = { client_id: clientId };
  const how = { ...oauthOptions(options, 'token'), signal: AbortSignal.timeout(timeoutMs()) };
  const answer = await clientCredentialsGrantRequest(server, client, plainBasic(options), {}, how);
  if (!answer.ok) throw await tokenError(answer, clock);
  try {
    const { access_token, expires_in = 3600 } = await processClientCredentialsResponse(server, client, answer);
    const lifeMs = expires_in * 1000;
    return {
      text: access_token,
      expiresAt: clock.wall() + lifeMs,
      renewAt: clock.monotonic() + (lifeMs * 2) / 3,
    };
  } catch (cause) {
    const detail =
      cause instanceof ResponseBodyError
        ? `The token endpoint refused: ${cause.error}`
        : 'The token endpoint gave no token';
    throw new AtlasError({ reason: 'invalid_response', detail }, { cause });
  }
}

async function tokenError(answer: Response, clock: Clock): Promise<AtlasError> {
  const text = (await answer.text()).slice(0, 10_000);
  const status = answer.status;
  if (status === 403 && /token limit/i.test(text)) {
    return new AtlasError({
      reason: 'rate_limited',
      detail: 'The service account has too many live access tokens',
      remedy: 'Wait until old tokens end (an hour), or give this exporter a service account of its own',
      status,
      ofCredential: true,
    });
  }
  if (status === 400 || status === 401) {
    return new AtlasError({
      reason: 'unauthorized',
      detail: 'The token endpoint does not accept the client id and secret',
      remedy: 'Check the client id and secret of the service account; a secret ends after the time set in Atlas',
      status,
    });
  }
  const errorCode = /"errorCode"\s*:\s*"(\w+)"/.exec(text)?.[1] ?? null;
  return new AtlasError({
    reason: reasonFor(status, errorCode),
    detail: `The token endpoint answered ${status}${errorCode ? ` ${errorCode}` : ''}`,
    status,
    errorCode,
    ofCredential: true,
    retryAfterMs: retryAfterMs(answer.headers.get('retry-after'), clock.wall()),
  });
}

function serverOf({ baseUrl }: ServiceAccountOptions): AuthorizationServer {
  const issuer = baseUrl();
  return { issuer, token_endpoint: `${issuer}/api/oauth/token`, revocation_endpoint: `${issuer}/api/oauth/revoke` };
}

/** Atlas documents plain base64 of `id:secret`; the library would percent-encode `_` and `-` first. */
function plainBasic({ clientId, clientSecret }: ServiceAccountOptions): ClientAuth {
  return (_server, _client, _body, headers) => {
    headers.set('authorization', `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`);
  };
}

function oauthOptions({ send, userAgent }: ServiceAccountOptions, operation: string) {
  return {
    // http is only ever to loopback: the config sees to that.
    [allowInsecureRequests]: true,
    headers: { 'User-Agent': userAgent },
    async [customFetch](
      url: string,
      init: { method: string; headers: Record<string, string>; body: unknown; signal?: AbortSignal },
    ) {
      const answer = await send({
        operation,
        url,
        method: 'POST',
        headers: init.headers,
        body: String(init.body),
        signal: init.signal ?? AbortSignal.timeout(10_000),
      });
      const { status, headers } = answer;
      const empty = status === 204 || status === 304;
      return new Response(empty ? null : await answer.arrayBuffer(), { status, headers: [...headers] });
    },
  };
}
