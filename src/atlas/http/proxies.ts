/** Which proxies the environment names. Pure. */
import { AtlasError, type ProxyPeer } from '../error.ts';

export interface Proxies {
  /** null for none. */
  readonly url: string | null;
  /** The name of the variable that the address is from; null for none. */
  readonly variable: string | null;
  /** Hosts that are reached without it, as NO_PROXY has them. */
  readonly except: string;
}

/**
 * `HTTPS_PROXY`, else `HTTP_PROXY`, and `NO_PROXY`; the lower-case name wins. An address without a scheme is an http
 * proxy's. Throws AtlasError for what is no proxy's address; its text, which may hold a password, is not told.
 */
export function proxiesOf(env: Readonly<Record<string, string | undefined>>): Proxies {
  const set = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || null;
  const name = ['HTTPS_PROXY', 'HTTP_PROXY'].find((variable) => set(variable) !== null);
  const except = set('NO_PROXY') ?? '';
  if (name === undefined) return { url: null, variable: null, except };
  const text = set(name) ?? '';
  const url = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(url) || !/^(?:https?|socks5?):$/.test(new URL(url).protocol)) {
    throw new AtlasError({
      reason: 'network',
      detail: `${name} is not the address of a proxy`,
      remedy: `Write ${name} as http://host:port, or http://user:password@host:port with special characters percent-encoded`,
    });
  }
  return { url, variable: name, except };
}

/** Where the proxy of the environment is, for errors that name it; null without one, or where its address is none. */
export function proxyPeer(env: Readonly<Record<string, string | undefined>>): ProxyPeer | null {
  try {
    const { url, variable } = proxiesOf(env);
    if (url === null || variable === null) return null;
    const { hostname, port, protocol } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    return { variable, host, port: port === '' ? (usualPorts[protocol] ?? null) : Number(port) };
  } catch {
    return null;
  }
}

const usualPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'socks:': 1080, 'socks5:': 1080 };
