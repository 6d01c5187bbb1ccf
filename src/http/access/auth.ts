import type { IncomingMessage } from 'node:http';
import { verify } from '@node-rs/bcrypt';
import type { WebSettings } from '../../domain/protection.ts';
import type { PlainAnswer } from '../plain-answer.ts';
import { showsCertificate } from './client-certificate.ts';
import { createPasswords, type Passwords } from './passwords.ts';

/** The answer to a request that may not have a path; null for one that may. */
export type Admit = (incoming: IncomingMessage, path: string) => Promise<PlainAnswer | null>;

/** Lets in requests with the certificate and the password that `settings` ask for. Settings may change at any time. */
export function createAdmit(
  settings: () => WebSettings,
  passwords: Passwords = createPasswords({ users: () => settings().users, verify }),
): Admit {
  return async (incoming, path) => {
    const { tls, users, openPaths } = settings();
    if (openPaths.includes(path)) return null;
    if (tls && !showsCertificate(incoming.socket, tls)) return needsCertificate;
    if (users.size === 0) return null;
    const given = credentialsOf(incoming.headers.authorization);
    if (!given) return needsPassword;
    const { socket } = incoming;
    const remote = remoteOf(socket.remoteAddress);
    const verdict = await passwords.check(given.user, given.password, remote, () => socket.destroyed);
    if (verdict === 'right') return null;
    return verdict === 'wrong' ? needsPassword : tooManyPasswords;
  };
}

const needsCertificate: PlainAnswer = {
  status: 403,
  text: 'This needs a client certificate that is trusted here\n',
};
const needsPassword: PlainAnswer = {
  status: 401,
  text: 'This needs a user name and a password\n',
  headers: { 'WWW-Authenticate': 'Basic realm="atlas-private-endpoint-exporter", charset="UTF-8"' },
};
const tooManyPasswords: PlainAnswer = {
  status: 429,
  text: 'Too many passwords wait for their check: try again in a few seconds\n',
  headers: { 'Retry-After': '3' },
};

function credentialsOf(header: string | undefined): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who asks: an IPv4 address, or the /64 network of an IPv6 one, because one machine has a whole network of those. */
export function remoteOf(address: string | undefined): string {
  const [bare = ''] = (address ?? '').split('%', 1);
  const text = bare.replace(/^::ffff:(?=\d+\.)/, '');
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
