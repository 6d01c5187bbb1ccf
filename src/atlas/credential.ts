/** One credential: its lanes, its token or nonces, what its buckets hold, and the circuit that a wrong key opens. */
import PQueue from 'p-queue';
import type { Clock } from '../domain/change.ts';
import { createDigestSend } from './digest.ts';
import { AtlasError } from './error.ts';
import { createLimits, type Limits } from './limits.ts';
import { createServiceAccount, type ServiceAccount } from './service-account.ts';
import type { Send } from './transport.ts';

export interface CredentialOptions {
  readonly name: string;
  readonly type: 'digest' | 'serviceAccount';
  /** Public key or client id; read again at each use, because secrets rotate. */
  readonly user: () => string;
  /** Private key or client secret. */
  readonly password: () => string;
}

/** What metrics tell of a credential. Wall ms, null for none. */
export interface CredentialState {
  readonly name: string;
  readonly type: CredentialOptions['type'];
  readonly backoffUntil: number | null;
  readonly tokenExpiresAt: number | null;
  /** The lowest share of a bucket that was left within the last minute; null when no answer told. */
  readonly remainingRatio: number | null;
}

export interface Credential {
  readonly limits: Limits;
  /**
   * Waits for a lane and works on it: one request in flight. While the key is known to be wrong it fails at once with
   * `unauthorized`, but for one probe a minute.
   */
  onLane<T>(work: (send: Send) => Promise<T>, signal: AbortSignal): Promise<T>;
  state(): CredentialState;
  /** Takes over what a reload changed; tokens, nonces, budgets and the circuit stay. */
  reconfigure(options: CredentialOptions, concurrency: number): void;
  close(signal: AbortSignal): Promise<void>;
}

export interface CredentialParts {
  readonly options: CredentialOptions;
  readonly concurrency: number;
  readonly baseUrl: () => string;
  readonly timeoutMs: () => number;
  readonly userAgent: string;
  readonly send: Send;
  readonly clock: Clock;
}

const probeEveryMs = 60_000;

/** What is known of the present key: nothing (the first poll finds out, the others wait for it), right, or wrong. */
type Standing =
  | { readonly is: 'unknown' }
  | { readonly is: 'right' }
  | { readonly is: 'wrong'; readonly probeAt: number; readonly error: AtlasError };

export function createCredential(parts: CredentialParts): Credential {
  const { clock, send } = parts;
  let { options } = parts;
  const queue = new PQueue({ concurrency: parts.concurrency });
  const limits = createLimits(clock);
  let secrets = '';
  let standing: Standing = { is: 'unknown' };
  let probe: Promise<void> | null = null;
  let idle: Send[] = [];
  let account: ServiceAccount | null = null;

  /** A rotated secret is a new key: whatever was known of the old one is forgotten. */
  const readSecrets = (): { user: string; password: string } => {
    const [user, password] = [options.user(), options.password()];
    const read = JSON.stringify([user, password]);
    if (read !== secrets) {
      secrets = read;
      standing = { is: 'unknown' };
      idle = [];
      account = null;
    }
    return { user, password };
  };

  const takeLane = (user: string, password: string): Send => {
    if (options.type === 'digest') return idle.pop() ?? createDigestSend(user, password, send);
    account ??= createServiceAccount({ ...parts, clientId: user, clientSecret: password });
    return account.send;
  };

  const judge = (thrown: unknown, read: string) => {
    if (read !== secrets) return;
    if (thrown instanceof AtlasError && thrown.reason === 'unauthorized') {
      standing = { is: 'wrong', probeAt: clock.monotonic() + probeEveryMs, error: thrown };
    } else if (thrown === null || (thrown instanceof AtlasError && thrown.status !== null)) standing = { is: 'right' };
  };

  const useLane = async <T>(work: (send: Send) => Promise<T>): Promise<T> => {
    const { user, password } = readSecrets();
    const read = secrets;
    const lane = takeLane(user, password);
    try {
      const result = await work(lane);
      judge(null, read);
      return result;
    } catch (thrown) {
      judge(thrown, read);
      throw thrown;
    } finally {
      // The last one used first: its nonce and its connection are the freshest.
      if (options.type === 'digest' && read === secrets) idle.push(lane);
    }
  };

  /** Whoever comes first tries an unknown key, alone; a wrong key is then tried once a minute. */
  const admit = async <T>(work: (send: Send) => Promise<T>, signal: AbortSignal): Promise<T> => {
    for (;;) {
      signal.throwIfAborted();
      readSecrets();
      if (standing.is === 'right') return useLane(work);
      if (standing.is === 'wrong' && clock.monotonic() < standing.probeAt) throw circuitOpen(standing.error);
      if (probe === null) break;
      await probe;
    }
    const tried = useLane(work);
    probe = tried.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await tried;
    } finally {
      probe = null;
    }
  };

  return {
    limits,
    onLane: (work, signal) => queue.add(() => admit(work, signal), { signal }),
    state: () => ({
      name: options.name,
      type: options.type,
      tokenExpiresAt: account?.expiresAt() ?? null,
      ...limits.state(),
    }),
    reconfigure(next, concurrency) {
      options = next;
      queue.concurrency = concurrency;
    },
    async close(signal) {
      await account?.revoke(signal).catch(() => {});
    },
  };
}

function circuitOpen({ detail, remedy }: AtlasError): AtlasError {
  return new AtlasError({ reason: 'unauthorized', detail: `${detail}; tried again once a minute`, remedy });
}
