/** How the port is protected: what a web config file says, and what the server does. */
import type { SecureContextOptions } from 'node:tls';

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
  /** Subject alternative names: a verified client certificate must have one of them. null when any will do. */
  readonly allowedSans: readonly string[] | null;
}
