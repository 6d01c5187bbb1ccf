import { beforeEach, expect, test } from 'vitest';
import { createTokenOffice, type TokenOffice } from '../../../src/simulator/access/tokens.ts';

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const grant = 'grant_type=client_credentials';
let now: number;
let office: TokenOffice;
beforeEach(() => {
  now = 0;
  office = createTokenOffice({ clients: new Map([['id', 'secret']]), lifeMs: () => 10_000, now: () => now });
});
const issue = () => office.issue(basic('id', 'secret'), grant);
const tokenOf = (body: string | Buffer) => `Bearer ${JSON.parse(String(body)).access_token}`;

test('a token names its client until its life ends or it is revoked', () => {
  const [first, second] = [tokenOf(issue().body), tokenOf(issue().body)];
  expect([office.clientOf(first), office.clientOf(second), office.clientOf('Bearer other')]).toEqual([
    'id',
    'id',
    null,
  ]);
  office.revoke(basic('id', 'secret'), `token=${first.slice(7)}`);
  expect([office.clientOf(first), office.clientOf(second)]).toEqual([null, 'id']);
  now = 10_000;
  expect([office.clientOf(second), office.live()]).toEqual([null, 0]);
});

test.each([
  ['a wrong secret', () => office.issue(basic('id', 'wrong'), grant), 401, 'invalid_client'],
  ['another grant', () => office.issue(basic('id', 'secret'), 'grant_type=password'), 400, 'unsupported_grant_type'],
])('%s is refused in the form of OAuth', (_name, ask, status, error) => {
  const reply = ask();
  expect([reply.status, JSON.parse(String(reply.body)).error]).toEqual([status, error]);
});

test('more than fifty tokens in a minute are refused, and the next minute gives more', () => {
  expect(Array.from({ length: 51 }, () => issue().status).slice(-2)).toEqual([200, 429]);
  now = 60_000;
  expect(issue().status).toBe(200);
});
