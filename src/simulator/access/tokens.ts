/** The token endpoint of service accounts: OAuth 2.0 client credentials with plain Basic. */
import { randomBytes } from 'node:crypto';
import { errorReply, type Reply } from '../errors.ts';

export interface TokenOffice {
  /** Answers `POST /api/oauth/token`. */
  issue(authorization: string | undefined, body: string): Reply;
  /** Answers `POST /api/oauth/revoke`. */
  revoke(authorization: string | undefined, body: string): Reply;
  /** The client of a bearer token; null when the token is not valid. */
  clientOf(authorization: string | undefined): string | null;
  live(): number;
  /** Ends every token now. */
  revokeAll(): void;
}

export interface TokenOptions {
  /** Client id to secret. */
  readonly clients: ReadonlyMap<string, string>;
  lifeMs(): number;
  now(): number;
}

const mostLive = 100;
const mostAMinute = 50;

export function createTokenOffice({ clients, lifeMs, now }: TokenOptions): TokenOffice {
  const tokens = new Map<string, { readonly client: string; readonly endsAt: number }>();
  let issued: number[] = [];

  const clientWith = (authorization: string | undefined): string | null => {
    const [, encoded = ''] = /^Basic ([\w+/=]+)$/i.exec(authorization ?? '') ?? [];
    const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
    return clients.has(id) && clients.get(id) === secret.join(':') ? id : null;
  };
  const prune = () => {
    for (const [token, { endsAt }] of tokens) if (now() >= endsAt) tokens.delete(token);
    issued = issued.filter((at) => now() - at < 60_000);
  };
  const json = (status: number, body: object): Reply => ({
    status,
    headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
    body: JSON.stringify(body),
  });

  return {
    issue(authorization, body) {
      prune();
      const client = clientWith(authorization);
      if (client === null)
        return json(401, { error: 'invalid_client', error_description: 'Client authentication failed.' });
      if (new URLSearchParams(body).get('grant_type') !== 'client_credentials') {
        return json(400, { error: 'unsupported_grant_type' });
      }
      if (issued.length >= mostAMinute) {
        const detail = `Resource /api/oauth/token is limited to ${mostAMinute} requests every 1 minutes.`;
        return errorReply(429, 'RATE_LIMITED', detail, ['/api/oauth/token', mostAMinute, 1]);
      }
      issued.push(now());
      if (tokens.size >= mostLive)
        return json(403, { error: 'access_denied', error_description: 'Access Token limit reached.' });
      const token = `eyJhbGciOiJub25lIn0.${randomBytes(24).toString('base64url')}.`;
      tokens.set(token, { client, endsAt: now() + lifeMs() });
      return json(200, { access_token: token, expires_in: Math.floor(lifeMs() / 1000), token_type: 'Bearer' });
    },
    revoke(authorization, body) {
      if (clientWith(authorization) === null) return json(401, { error: 'invalid_client' });
      tokens.delete(new URLSearchParams(body).get('token') ?? '');
      return json(200, {});
    },
    clientOf(authorization) {
      prune();
      const [, token = ''] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? [];
      return tokens.get(token)?.client ?? null;
    },
    live() {
      prune();
      return tokens.size;
    },
    revokeAll: () => tokens.clear(),
  };
}
