/** HTTP Digest as Atlas asks for it: nonces that end, and a count that may only grow. */
import { hash, randomBytes } from 'node:crypto';
import type { Reply } from '../errors.ts';

export interface DigestGate {
  /** The user whom the header proves, or the challenge to answer with. */
  check(
    method: string,
    target: string,
    header: string | undefined,
  ): { readonly user: string } | { readonly challenge: Reply };
  /** Ends every nonce now: the next request is answered with `stale=true`. */
  forgetNonces(): void;
}

export interface DigestOptions {
  /** Public key to private key. */
  readonly keys: ReadonlyMap<string, string>;
  /** How long a nonce lives, in ms; read at each use. */
  nonceLifeMs(): number;
  now(): number;
}

const realm = 'MMS Public API';

export function createDigestGate({ keys, nonceLifeMs, now }: DigestOptions): DigestGate {
  const nonces = new Map<string, { readonly made: number; count: number }>();

  const challenge = (stale: boolean): { challenge: Reply } => {
    const nonce = randomBytes(24).toString('base64');
    if (nonces.size > 10_000) prune();
    nonces.set(nonce, { made: now(), count: 0 });
    const header = `Digest realm="${realm}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`;
    const headers = { 'Content-Type': 'application/json', Vary: 'Accept-Encoding', 'Www-Authenticate': header };
    return { challenge: { status: 401, headers, body: unauthorized } };
  };
  const prune = () => {
    for (const [nonce, { made }] of nonces) if (now() - made > nonceLifeMs()) nonces.delete(nonce);
  };

  return {
    check(method, target, header) {
      const fields = header === undefined ? null : parse(header);
      if (fields === null) return challenge(false);
      const { username = '', nonce = '', uri = '', nc = '', cnonce = '', qop = '', response = '' } = fields;
      const key = keys.get(username);
      if (key === undefined || uri !== target || fields['realm'] !== realm || qop !== 'auth') return challenge(false);
      const first = md5(`${username}:${realm}:${key}`);
      const wanted = md5(`${first}:${nonce}:${nc}:${cnonce}:${qop}:${md5(`${method}:${uri}`)}`);
      if (wanted !== response) return challenge(false);
      const known = nonces.get(nonce);
      const count = /^[0-9a-f]{8}$/.test(nc) ? Number.parseInt(nc, 16) : 0;
      if (!known || now() - known.made > nonceLifeMs() || count <= known.count) {
        nonces.delete(nonce);
        return challenge(true);
      }
      known.count = count;
      return { user: username };
    },
    forgetNonces: () => nonces.clear(),
  };
}

/** Pretty-printed, unlike Atlas' other errors. */
const unauthorized = `{
  "error" : 401,
  "reason" : "Unauthorized",
  "detail" : "You are not authorized for this resource.",
  "errorCode" : "UNEXPECTED_ERROR"
}`;

function parse(header: string): Readonly<Record<string, string>> | null {
  if (!/^Digest /i.test(header)) return null;
  const pairs = [...header.slice(7).matchAll(/(?<!\w)(\w+)=(?:"([^"]*)"|([^\s,]+))/g)];
  return Object.fromEntries(pairs.map(([, name = '', quoted, token]) => [name, quoted ?? token ?? '']));
}

function md5(text: string): string {
  return hash('md5', text);
}
