import type { HttpBindings } from '@hono/node-server';
import { verify } from '@node-rs/bcrypt';
import type { Context, MiddlewareHandler } from 'hono';
import { showsCertificate } from './client-certificate.ts';
import { createPasswords, type Passwords } from './passwords.ts';
import type { WebSettings } from './web-settings.ts';

/** Lets in who has the certificate and knows the password that `settings` asks for. They may change at any time. */
export function createAuth(
  settings: () => WebSettings,
  passwords: Passwords = createPasswords({ users: () => settings().users, verify }),
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const { tls, users, openPaths } = settings();
    if (openPaths.includes(c.req.path)) return next();
    if (tls && !showsCertificate(c.env.incoming.socket, tls)) {
      return c.text('This needs a client certificate that is trusted here\n', 403);
    }
    if (users.size === 0) return next();
    const given = credentialsOf(c.req.header('Authorization'));
    if (!given) return askForPassword(c);
    const verdict = await passwords.check(given.user, given.password, remoteOf(c.env.incoming.socket.remoteAddress));
    if (verdict === 'right') return next();
    if (verdict === 'wrong') return askForPassword(c);
    c.header('Retry-After', '1');
    return c.text('Too many passwords to look at: try again in a second\n', 429);
  };
}

function askForPassword(c: Context): Response {
  c.header('WWW-Authenticate', 'Basic realm="atlas-private-endpoint-exporter", charset="UTF-8"');
  return c.text('This needs a user name and a password\n', 401);
}

function credentialsOf(header: string | undefined): { readonly user: string; readonly password: string } | null {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** Who asks: an IPv4 address, or the network of an IPv6 one, because a whole network of those is one machine's. */
export function remoteOf(address: string | undefined): string {
  const text = (address ?? '').replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  if (!text.includes(':')) return text;
  const [head = '', tail] = text.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array.from({ length: zeros }, () => '0'), ...after].slice(0, 4).join(':');
}
