/** Where a request goes: the path that it asks for, and the prefix of our own routes. */
import { withoutBeginning, withoutEnd } from '../domain/without-ends.ts';

/** A request target, read as a URL. */
export interface Target {
  /** The path, decoded: what routes and open paths are compared with. */
  readonly path: string;
  /** The path as a router takes it, and the query. */
  readonly route: string;
}

/** Reads the target of a request line, in origin form (`/metrics?a=b`) or absolute form. null when it is neither. */
export function parseTarget(text: string): Target | null {
  const absolute = /^https?:\/\//i.test(text);
  if (!absolute && !text.startsWith('/')) return null;
  const url = URL.parse(absolute ? text : `http://exporter${text}`);
  return url && { path: decoded(url.pathname), route: `${url.pathname}${url.search}` };
}

/** Decodes escapes where they are whole; a path with a broken escape stays as it is, and is not found. */
function decoded(path: string): string {
  try {
    return path.includes('%') ? decodeURI(path) : path;
  } catch {
    return path;
  }
}

/**
 * Takes the prefix of our routes away. null when the target lies outside the prefix. `prefix` is '' or a path without a
 * slash at its end, such as `/exporter`.
 */
export function withoutPrefix({ path, route }: Target, prefix: string): Target | null {
  if (!path.startsWith(`${prefix}/`) || !route.startsWith(`${prefix}/`)) return null;
  return { path: path.slice(prefix.length), route: route.slice(prefix.length) };
}

/**
 * Checks `--web.route-prefix`, and gives it as `withoutPrefix` wants it: '' for `/`. Throws an Error whose message says
 * what is wrong and what to write.
 */
export function parseRoutePrefix(text: string): string {
  const prefix = `/${withoutBeginning(withoutEnd(text, '/'), '/')}`;
  if (prefix === '/') return '';
  if (!/^(?:\/[\w.~-]+)+$/.test(prefix) || /\/\.\.?(?:\/|$)/.test(prefix)) {
    throw new Error(
      `Bad route prefix ${JSON.stringify(text)}: write it like "/exporter", with letters, digits, "-", "_" and "."`,
    );
  }
  return prefix;
}

/** Checks `--web.external-url`. Throws an Error whose message says what is wrong and what to write. */
export function parseExternalUrl(text: string): URL {
  const bad = (why: string) => new Error(`Bad external URL ${JSON.stringify(text)}: ${why}`);
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw bad('write it like "https://monitoring.example.com/exporter/"');
  if (url.username !== '' || url.password !== '') throw bad('a user name and a password do not belong here');
  if (url.search !== '' || url.hash !== '') throw bad('leave out "?" and "#", and everything after them');
  return url;
}
