/** Which host names the port answers to, and which pages of other sites it refuses. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { PlainAnswer } from '../plain-answer.ts';

/** A name or an IPv4 address, or an IPv6 address in brackets, which may have a zone; then a port. Empty is allowed. */
const hostHeader = /^(?<name>[\w.~-]*|\[[\da-f:.]+(?:%[\w.~%-]+)?\])(?::\d*)?$/i;

/**
 * What a request with this Host header is answered instead of what it asks for; null when nothing stands against it.
 * `onLoopback`: the port listens on loopback alone.
 *
 * A page of another site can point a name of its own at 127.0.0.1, and then read whatever answers there (DNS rebinding).
 * So a port on loopback answers to loopback names and to the host of `--web.external-url`. Addresses are no names, and
 * nobody can point them elsewhere.
 */
export function refuseHost(
  { rawHeaders, headers }: IncomingMessage,
  onLoopback: boolean,
  externalUrl: URL | null,
): PlainAnswer | null {
  const given = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (given > 1) return twoHosts;
  const host = headers.host ?? '';
  const name = hostHeader.exec(host)?.groups?.['name']?.toLowerCase();
  if (name === undefined) return noHost;
  if (!onLoopback || name === '' || name === externalUrl?.hostname || isLoopbackName(name)) return null;
  return name.startsWith('[') || isIP(name) !== 0 ? null : foreignHost;
}

const twoHosts: PlainAnswer = {
  status: 400,
  text: 'More than one Host header\n',
  headers: { Connection: 'close' },
};
const noHost: PlainAnswer = { status: 400, text: 'The Host header is no host\n', headers: { Connection: 'close' } };
const foreignHost: PlainAnswer = {
  status: 403,
  text: 'This port listens on loopback, and answers to no other host name: if a proxy passes one on, start with --web.external-url\n',
};

function isLoopbackName(name: string): boolean {
  return /^(?:.+\.)?localhost\.?$/.test(name);
}

/** Whether an address is the machine's own: nobody else can reach a port that listens there. */
export function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** The headers by which a browser says whose page sends a request. */
export interface Sender {
  readonly origin: string | undefined;
  readonly host: string | undefined;
  readonly fetchSite: string | undefined;
}

/**
 * Whether a browser sends a request for a page of another site. A page must do nothing here with the password that the
 * browser of its reader knows. Browsers send `Sec-Fetch-Site` over TLS and to loopback alone, and `Origin` with every POST.
 */
export function isForeign({ origin, host, fetchSite }: Sender, externalUrl: URL | null): boolean {
  if (!['none', 'same-origin', undefined].includes(fetchSite)) return true;
  if (origin === undefined) return false;
  const from = URL.parse(origin);
  if (!from) return true;
  // A proxy that ends TLS changes the scheme, so hosts and ports are compared alone.
  return from.host !== URL.parse(`${from.protocol}//${host}`)?.host && from.origin !== externalUrl?.origin;
}
