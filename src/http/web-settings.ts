import type { SecureContextOptions } from 'node:tls';

/** How our own web side is protected: what the file of `--web.config.file` says. */
export interface WebSettings {
  readonly tls: TlsSettings | null;
  /** Set on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** bcrypt hashes by user name; empty when no password is asked for. */
  readonly users: ReadonlyMap<string, string>;
  /** Answered without a password and without a client certificate. */
  readonly openPaths: readonly string[];
}

export interface TlsSettings {
  readonly context: SecureContextOptions;
  readonly clientAuth: 'none' | 'request' | 'require' | 'verifyIfGiven' | 'requireAndVerify';
  /** Of which a verified client certificate must have one; null when any will do. */
  readonly allowedSans: readonly string[] | null;
}

/** Everybody may come in, unencrypted. */
export const openDoor: WebSettings = { tls: null, headers: {}, users: new Map(), openPaths: [] };

/** What of `next` only another start can bring, in words; null when nothing. */
export function tlsNeedsRestart(before: WebSettings, next: WebSettings): string | null {
  if ((before.tls === null) !== (next.tls === null)) return 'To turn TLS on or off, restart';
  const asks = ({ tls }: WebSettings) => tls !== null && tls.clientAuth !== 'none';
  if (asks(before) !== asks(next)) return 'To begin or stop asking for client certificates, restart';
  return null;
}
