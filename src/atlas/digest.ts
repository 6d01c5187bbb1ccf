/**
 * HTTP Digest (RFC 7616). digest-fetch keeps a session and is not safe for two requests at once, so each lane has a
 * client of its own and sends one request after the other: one challenge a nonce, not one a request.
 */
import { DigestClient } from 'digest-fetch';
import { Response } from 'undici';
import type { Request, Send } from './transport.ts';

const algorithms = ['SHA-512-256', 'SHA-256', 'MD5'] as const;
type Algorithm = (typeof algorithms)[number];

interface Challenge {
  readonly algorithm: Algorithm;
  readonly header: string;
}

/**
 * Sends as one user. A 401 that comes back is final: the key is wrong, or the body says more. The `signal` of a request
 * covers the challenge too.
 */
export function createDigestSend(user: string, password: string, send: Send): Send {
  let session = createSession(user, password, 'MD5', send);
  return async (request) => {
    const answer = await session.send(request);
    const wanted = session.wanted();
    if (answer.status !== 401 || wanted === null || wanted === session.algorithm) return answer;
    // Not negotiated by digest-fetch: a client for the server's algorithm takes over for good.
    session = createSession(user, password, wanted, send);
    return session.send(request);
  };
}

function createSession(user: string, password: string, algorithm: Algorithm, send: Send) {
  let current: Request | null = null;
  let wanted: Algorithm | null = null;

  /** What digest-fetch calls: once without an answer to a challenge or with the last one, and once more after a 401. */
  const exchange = async (_url: string, { headers }: { headers: Record<string, string> }): Promise<Response> => {
    if (current === null) throw new Error('A lane sends one request at a time');
    const answer = await send({ ...current, headers: { ...headers } });
    if (answer.status !== 401) return answer;
    // Read to the end: an undrained body keeps its socket, and the next request waits for ever.
    const body = await answer.arrayBuffer();
    const challenge = bestChallenge(answer.headers.get('www-authenticate') ?? '');
    wanted = challenge?.algorithm ?? null;
    const bare = new Headers([...answer.headers].filter(([name]) => name !== 'www-authenticate'));
    // A challenge that this client must not answer (Basic, another algorithm) is kept from it.
    if (challenge?.algorithm === algorithm) bare.set('www-authenticate', challenge.header);
    return new Response(body, { status: 401, headers: [...bare] });
  };
  class Session extends DigestClient {
    override async getClient() {
      return exchange;
    }
    /** nc counts the requests of one nonce: with a new nonce it begins anew. */
    override parseAuth(header: string | null) {
      this.digest.nc = 0;
      super.parseAuth(header);
    }
  }
  const client = new Session(user, password, { algorithm });
  writeCountInHexadecimal(client.digest);

  return {
    algorithm,
    wanted: () => wanted,
    async send(request: Request): Promise<Response> {
      current = request;
      try {
        return await client.fetch(request.url, { method: request.method, headers: { ...request.headers } });
      } finally {
        current = null;
      }
    },
  };
}

/** nc is hexadecimal; digest-fetch joins the number into its text as it is, so the number says itself in hexadecimal. */
function writeCountInHexadecimal(digest: { nc: unknown }): void {
  let count = 0;
  Object.defineProperty(digest, 'nc', {
    get: () => ({ [Symbol.toPrimitive]: (hint: string) => (hint === 'number' ? count : count.toString(16)) }),
    set: (next: number) => {
      count = next;
    },
  });
}

/**
 * The strongest challenge that can be answered, written anew: digest-fetch's parser is not anchored and would take
 * `cnonce=` for `nonce=`. null when there is no Digest challenge of a known algorithm with qop auth or none.
 */
function bestChallenge(header: string): Challenge | null {
  const challenges = header.split(/,\s*(?=[\w-]+\s+[\w-]+=)/).filter((text) => /^Digest\s/i.test(text));
  const known = challenges.flatMap((text) => {
    const fields = new Map(
      [...text.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name = '', quoted, token]) => [
        name.toLowerCase(),
        quoted ?? token ?? '',
      ]),
    );
    const algorithm = algorithms.find((name) => name === (fields.get('algorithm') ?? 'MD5').toUpperCase());
    const nonce = fields.get('nonce');
    return algorithm && nonce ? [{ algorithm, header: writeChallenge(fields, nonce) }] : [];
  });
  return known.sort((a, b) => algorithms.indexOf(a.algorithm) - algorithms.indexOf(b.algorithm))[0] ?? null;
}

function writeChallenge(fields: ReadonlyMap<string, string>, nonce: string): string {
  const opaque = fields.get('opaque');
  const parts = [
    `nonce="${nonce}"`,
    `realm="${fields.get('realm') ?? ''}"`,
    ...(fields
      .get('qop')
      ?.split(/\s*,\s*/)
      .includes('auth')
      ? ['qop="auth"']
      : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${parts.join(', ')}`;
}
