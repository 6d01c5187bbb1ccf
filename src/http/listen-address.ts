/** Where to listen: `null` is every address of the machine, IPv6 and IPv4. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number;
}

/**
 * Reads `:27900`, `127.0.0.1:27900`, `localhost:27900` or `[::1]:27900`. Port 0 lets the system choose one.
 * Throws an Error whose message says to a person what is wrong.
 */
export function parseListenAddress(text: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([\w.-]*)):(\d{1,5})$/.exec(text.trim());
  if (!match) throw new Error(`Bad listen address ${JSON.stringify(text)}: ${hint(text.trim())}`);
  const [, ipv6, name, digits] = match;
  const port = Number(digits);
  if (port > 65_535) throw new Error(`Bad listen address ${JSON.stringify(text)}: a port is at most 65535`);
  return { host: ipv6 ?? (name || null), port };
}

function hint(text: string): string {
  if (/^\d{1,5}$/.test(text)) return `write ":${text}" to listen on every address of the machine`;
  if (text.split(':').length > 2 && !text.startsWith('['))
    return 'an IPv6 address stands in brackets, as in "[::1]:27900"';
  return 'write "HOST:PORT", ":PORT" or "[IPv6]:PORT"';
}

/** As a person writes it in a URL. */
export function formatAddress({ host, port }: ListenAddress): string {
  return `${host?.includes(':') ? `[${host}]` : (host ?? '')}:${port}`;
}

/** The server cannot listen. The message says to a person what is wrong and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** What a person is told of the system's error. */
export function toListenError(
  error: NodeJS.ErrnoException,
  address: ListenAddress,
  flag = '--web.listen-address',
): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `another process listens there: stop it, or choose another address with ${flag}`,
    EACCES: `not allowed: choose a port above 1023 with ${flag}`,
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'there is no such host name',
    EAI_AGAIN: 'the host name cannot be looked up now',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new ListenError(`Cannot listen on "${formatAddress(address)}": ${reason}`, { cause: error });
}
