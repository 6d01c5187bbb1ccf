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
