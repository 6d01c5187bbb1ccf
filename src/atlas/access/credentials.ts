/** The credentials of a config, by name; a reload keeps what it can of them. */
import type { CredentialState } from '../../domain/credential.ts';
import type { Clock } from '../../domain/time.ts';
import type { Send } from '../http/transport.ts';
import { type Credential, type CredentialOptions, createCredential } from './credential.ts';

export interface CredentialSettings {
  readonly baseUrl: string;
  /** Requests in flight for each credential. */
  readonly concurrency: number;
  readonly credentials: readonly CredentialOptions[];
}

export interface Credentials {
  find(name: string): Credential | undefined;
  states(): readonly CredentialState[];
  /** Replaces the credentials. One of the same name and type stays, unless the server is another one. */
  arrange(settings: CredentialSettings): void;
  /** Gives their tokens back, best effort. */
  close(signal: AbortSignal): Promise<void>;
}

export interface CredentialsParts {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly timeoutMs: () => number;
  readonly send: Send;
}

export function createCredentials(parts: CredentialsParts): Credentials {
  let baseUrl: string | null = null;
  let credentials = new Map<string, Credential>();

  return {
    find: (name) => credentials.get(name),
    states: () => [...credentials.values()].map((credential) => credential.state()),
    arrange({ baseUrl: server, concurrency, ...next }) {
      const before = credentials;
      // Nonces and tokens are one server's, and no other server is told them.
      const mayStay = baseUrl === server;
      baseUrl = server;
      credentials = new Map(
        next.credentials.map((options) => {
          const same = before.get(options.name);
          if (!mayStay || same?.who.type !== options.type) {
            return [options.name, createCredential({ ...parts, baseUrl: server, concurrency, options })];
          }
          same.reconfigure(options, concurrency);
          return [options.name, same];
        }),
      );
      const kept = new Set(credentials.values());
      const left = [...before.values()].filter((credential) => !kept.has(credential));
      void Promise.all(left.map((credential) => credential.close(AbortSignal.timeout(parts.timeoutMs()))));
    },
    async close(signal) {
      await Promise.all([...credentials.values()].map((credential) => credential.close(signal)));
    },
  };
}
