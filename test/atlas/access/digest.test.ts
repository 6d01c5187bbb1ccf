import { hash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { bestChallenge } from '../../../src/atlas/access/challenge.ts';
import { createDigestSend } from '../../../src/atlas/access/digest.ts';
import type { AtlasAnswer, AtlasRequest, Send } from '../../../src/atlas/http/transport.ts';

describe('a challenge', () => {
  const recorded =
    'Digest realm="MMS Public API", domain="", nonce="q7Zt+1vBhR/0mXw3KdYp8sLfUe5NcAo2", algorithm=MD5, qop="auth", stale=false';
  test.each([
    [recorded, 'MD5', 'Digest nonce="q7Zt+1vBhR/0mXw3KdYp8sLfUe5NcAo2", realm="MMS Public API", qop="auth"'],
    ['Digest nonce=abc', 'MD5', 'Digest nonce="abc", realm=""'],
    [
      'digest qop="auth-int,auth",nonce="n,1", opaque="o"',
      'MD5',
      'Digest nonce="n,1", realm="", qop="auth", opaque="o"',
    ],
    ['Digest cnonce="no", nonce="yes"', 'MD5', 'Digest nonce="yes", realm=""'],
    ['Digest nonce="1", algorithm=MD5, Digest nonce="2", algorithm=SHA-256', 'SHA-256', 'Digest nonce="2", realm=""'],
    ['Basic realm="x", Digest nonce="1", algorithm="sha-512-256"', 'SHA-512-256', 'Digest nonce="1", realm=""'],
  ])('%s', (given, algorithm, header) => {
    expect(bestChallenge(given)).toEqual({ algorithm, header });
  });

  test.each([
    '',
    'Basic realm="x"',
    'Bearer realm="Digest nonce=1"',
    'Digest realm="x"',
    'Digest nonce="1", algorithm=MD5-sess',
    'Digest nonce="1", algorithm=SHA-1',
    'Digest nonce="1", qop="auth-int"',
  ])('that is not answered: %j', (given) => {
    expect(bestChallenge(given)).toBeNull();
  });
});

const hashes = { MD5: 'md5', 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256' } as const;
type Algorithm = keyof typeof hashes;

interface Server {
  readonly send: Send;
  /** The parts of each Authorization header that came, null where none did. */
  readonly seen: (Readonly<Record<string, string>> | null)[];
  /** Ends the nonce. */
  renew(): void;
}

/** A server by the letter of RFC 7616, with one nonce at a time. */
function server(algorithm: Algorithm, { stale = true, password = 'secret' } = {}): Server {
  const digest = (text: string) => hash(hashes[algorithm], text);
  const seen: Server['seen'] = [];
  let nonce = 'nonce-1';
  const answer = (status: number, challenge = ''): AtlasAnswer => ({
    status,
    headers: new Headers(challenge === '' ? {} : { 'www-authenticate': challenge }),
    body: Buffer.from(''),
  });
  const challenge = (flag: string) =>
    answer(401, `Digest realm="r", nonce="${nonce}", algorithm=${algorithm}, qop="auth", opaque="o"${flag}`);
  return {
    seen,
    renew() {
      nonce = `${nonce}+`;
    },
    async send({ headers, method, url }: AtlasRequest) {
      const text = headers['Authorization'];
      const parts = text && Object.fromEntries([...text.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, k, v]) => [k, v]));
      seen.push(parts || null);
      if (!parts) return challenge('');
      if (parts.nonce !== nonce) return challenge(stale ? ', stale=true' : '');
      const a1 = digest(`${parts.username}:r:${password}`);
      const a2 = digest(`${method}:${new URL(url).pathname}${new URL(url).search}`);
      const wanted = digest(`${a1}:${nonce}:${parts.nc}:${parts.cnonce}:auth:${a2}`);
      return wanted === parts.response && parts.opaque === 'o' ? answer(200) : challenge('');
    },
  };
}

const request: AtlasRequest = {
  operation: 'x',
  url: 'https://atlas.test/api/a%2Fb?pageNum=1&x=%20',
  method: 'GET',
  headers: { Accept: 'application/json' },
  signal: new AbortController().signal,
};
const statusOf = async (send: Send) => (await send(request)).status;

describe.each(Object.keys(hashes) as Algorithm[])('digest by %s', (algorithm) => {
  test('one challenge, then a count in hexadecimal that only grows', async () => {
    const { send, seen } = server(algorithm);
    const mine = createDigestSend('user', 'secret', send);
    for (let n = 0; n < 20; n++) expect(await statusOf(mine)).toBe(200);
    expect(seen.filter((parts) => parts === null)).toHaveLength(1);
    expect(seen.slice(1).map((parts) => parts?.['nc'])).toEqual(
      Array.from({ length: 20 }, (_, n) => (n + 1).toString(16).padStart(8, '0')),
    );
  });

  test('a wrong key is exactly two requests', async () => {
    const { send, seen } = server(algorithm);
    expect(await statusOf(createDigestSend('user', 'wrong', send))).toBe(401);
    expect(seen).toHaveLength(2);
  });

  test.each([true, false])('a nonce that ends is renewed in silence, said to be stale or not (%s)', async (stale) => {
    const { send, seen, renew } = server(algorithm, { stale });
    const mine = createDigestSend('user', 'secret', send);
    await statusOf(mine);
    renew();
    expect(await statusOf(mine)).toBe(200);
    expect(seen.map((parts) => parts?.['nc'])).toEqual([undefined, '00000001', '00000002', '00000001']);
  });
});

test('a request that broke is not counted twice', async () => {
  const { send, seen } = server('MD5');
  let broken = false;
  const mine = createDigestSend('user', 'secret', async (one) => {
    const answer = await send(one);
    if (broken) throw new Error('reset');
    return answer;
  });
  await statusOf(mine);
  broken = true;
  await expect(mine(request)).rejects.toThrow('reset');
  broken = false;
  expect(await statusOf(mine)).toBe(200);
  expect(seen.map((parts) => parts?.['nc'])).toEqual([undefined, '00000001', '00000002', '00000003']);
});

test.each(['Basic realm="x"', 'Bearer', 'Digest nonce="1", algorithm=MD5-sess'])(
  '%s is never answered',
  async (asks) => {
    const sent: Readonly<Record<string, string>>[] = [];
    const mine = createDigestSend('user', 'marked-secret', async ({ headers }) => {
      sent.push(headers);
      return { status: 401, headers: new Headers({ 'www-authenticate': asks }), body: Buffer.from('') };
    });
    expect(await statusOf(mine)).toBe(401);
    expect(sent).toEqual([{ Accept: 'application/json' }]);
  },
);

test('the headers of the caller stay as they are', async () => {
  const { send } = server('MD5');
  await createDigestSend('user', 'secret', send)(request);
  expect(request.headers).toEqual({ Accept: 'application/json' });
});

test.each(['us"er', 'us\\er', 'us\r\ner', 'usér', ''])(
  'a user that no header can carry is refused: %j',
  async (user) => {
    const { send, seen } = server('MD5');
    await expect(createDigestSend(user, 'secret', send)(request)).rejects.toMatchObject({ reason: 'unauthorized' });
    expect(seen).toEqual([]);
  },
);
