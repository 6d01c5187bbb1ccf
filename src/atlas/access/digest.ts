/**
 * HTTP Digest (RFC 7616). digest-fetch keeps a session and is not safe for two requests at once, so each lane has a
 * client of its own and sends one request after the other: one challenge a nonce, not one a request.
 */
import { DigestClient } from 'digest-fetch';
import { AtlasError } from '../error.ts';
import type { AtlasAnswer, AtlasRequest, Send } from '../http/transport.ts';
import { type Algorithm, bestChallenge, type Challenge } from './challenge.ts';

/**
 * Sends as one user. A 401 that comes back is final: the key is wrong, or the body says more. The `signal` of a request
 * covers the challenge too.
 */
export function createDigestSend(user: string, password: string, send: Send): Send {
  let session = createSession(user, password, 'MD5', send);
  return async (request) => {
    if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(user)) throw unsendable();
    const answer = await session.send(request);
    const wanted = session.asked();
    if (answer.status !== 401 || wanted === null || wanted.algorithm === session.algorithm) return answer;
    // The algorithm is not negotiated by digest-fetch: a client for the server's algorithm takes over for good, and answers at once.
    session = createSession(user, password, wanted.algorithm, send);
    session.answer(wanted);
    return session.send(request);
  };
}

function createSession(user: string, password: string, algorithm: Algorithm, send: Send) {
  let current: AtlasRequest | null = null;
  let last: AtlasAnswer | null = null;
  let asked: Challenge | null = null;
  /** The nonce is of this moment: a 401 to it is no matter of its age, but of the key. */
  let fresh = false;

  /** What digest-fetch calls: once without an answer to a challenge or with the last one, and once more after a 401. */
  const exchange = async (_url: string, { headers }: { headers: Record<string, string> }) => {
    if (current === null) throw new Error('A lane sends one request at a time');
    last = await send({ ...current, headers: { ...headers } });
    if (last.status !== 401) return { status: last.status };
    asked = bestChallenge(last.headers.get('www-authenticate') ?? '');
    // A challenge that this client must not answer (Basic, another algorithm) is kept from it.
    const mine = asked?.algorithm === algorithm && !fresh ? asked.header : null;
    return { status: 401, headers: { get: () => mine } };
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
    /** What the last 401 asked for; null for nothing that can be answered. */
    asked: () => asked,
    /** Takes up a challenge that another client got. */
    answer({ header }: Challenge) {
      client.parseAuth(header);
      fresh = true;
    },
    async send(request: AtlasRequest): Promise<AtlasAnswer> {
      current = request;
      last = null;
      try {
        await client.fetch(request.url, { method: request.method, headers: { ...request.headers } });
      } catch (thrown) {
        // The server may have counted it: the same nc once more would look like a replay.
        client.digest.nc++;
        throw thrown;
      } finally {
        current = null;
        fresh = false;
      }
      return last ?? Promise.reject(new Error('digest-fetch sent nothing'));
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

function unsendable(): AtlasError {
  return new AtlasError({
    reason: 'unauthorized',
    detail: 'The public key has a character that no key has',
    remedy: 'Copy the public key again: it is a short word of letters, and stands beside the private key',
  });
}
