import { expect, test } from 'vitest';
import { atlasFor, how, type ObservedRequest, reasonOf } from '../../support/atlas.ts';
import { aSource } from '../../support/builders.ts';
import { type DigestServer, startApache, startLighttpd } from '../../support/servers.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const target = `api/atlas/v2/groups/${id}/privateEndpoint/AWS/endpointService`;
const source = aSource({ projectId: id });

const credential = ({ user, password }: DigestServer, secret = password) => ({
  credentials: [{ name: 'main', type: 'digest' as const, user: () => user, password: () => secret }],
  timeoutMs: 10_000,
});

const servers: readonly (readonly [string, () => Promise<DigestServer>, number])[] = [
  ['Apache, MD5', () => startApache(target, []), 20],
  ['Apache, MD5, nc checked', () => startApache(target, ['AuthDigestNcCheck On']), 20],
  // Each lane's nonce ends every second.
  ['Apache, MD5, a nonce that lives a second', () => startApache(target, ['AuthDigestNonceLifetime 1']), 600],
  ['lighttpd, SHA-256', () => startLighttpd(target), 40],
];

test.each(servers)(
  '%s: 1,500 requests at 20 in flight, no false 401, no leaked socket',
  async (_name, start, mostChallenges) => {
    await using server = await start();
    const seen: ObservedRequest[] = [];
    {
      await using atlas = atlasFor(server, credential(server), seen);
      const polls = Array.from({ length: 1500 }, () => reasonOf(atlas.fetchReading(source, how(60_000))));
      expect(new Set(await Promise.all(polls))).toEqual(new Set(['nothing']));
      // A lane that just gave its connection back may be handed a second one.
      expect(server.connections()).toBeLessThanOrEqual(40);
    }
    const challenges = seen.filter(({ operation }) => operation === 'digest_challenge').length;
    console.log(`${_name}: ${challenges} challenges for 1500 requests`);
    expect(seen.filter(({ code, operation }) => code === 401 && operation !== 'digest_challenge')).toEqual([]);
    expect(challenges).toBeLessThanOrEqual(mostChallenges);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.connections()).toBe(0);
  },
);

test.each(servers)('%s: a wrong key is exactly two requests', async (_name, start) => {
  await using server = await start();
  const seen: ObservedRequest[] = [];
  await using atlas = atlasFor(server, credential(server, 'wrong'), seen);
  const polls = await Promise.all(Array.from({ length: 50 }, () => reasonOf(atlas.fetchReading(source, how()))));
  expect(new Set(polls)).toEqual(new Set(['unauthorized']));
  // For another algorithm than MD5 the first answer is asked for once more.
  expect(seen.length).toBeLessThanOrEqual(_name.includes('SHA') ? 3 : 2);
});
