/** One credential: its lanes, its token or nonces, what its buckets hold, and the circuit that a wrong key opens. */

import PQueue from 'p-queue';
import type { CredentialState } from '../../domain/credential.ts';
import type { Send } from '../http/transport.ts';
import type { Who } from '../remedy.ts';
import { createCircuit } from './circuit.ts';
import { createDigestSend } from './digest.ts';
import { createLimits, type Limits } from './limits.ts';
import { createServiceAccount, type ServiceAccount, type ServiceAccountOptions } from './service-account.ts';

export interface CredentialOptions {
  readonly name: string;
  readonly type: CredentialState['type'];
  /** Public key or client id; read again for each request, because secrets rotate. */
  readonly user: () => string;
  /** Private key or client secret; likewise. */
  readonly password: () => string;
}

export interface Lane {
  readonly send: Send;
  /** Gives the lane to the next who waits; with what went wrong on it, if anything did. */
  leave(error?: unknown): void;
}

export interface Credential {
  readonly who: Who;
  /** Public key or client id. */
  user(): string;
  readonly limits: Limits;
  /**
   * Waits for a lane: one request in flight. While the key is known to be wrong it fails at once with `unauthorized`, but
   * for one probe a minute. `behind` waits until no one else waits, and has a small share of the lanes.
   */
  enterLane(signal: AbortSignal, how?: { readonly behind: boolean }): Promise<Lane>;
  state(): CredentialState;
  /** Takes over what a reload changed; tokens, nonces, budgets and the circuit stay. */
  reconfigure(options: CredentialOptions, concurrency: number): void;
  close(signal: AbortSignal): Promise<void>;
}

export interface CredentialParts
  extends Pick<ServiceAccountOptions, 'baseUrl' | 'timeoutMs' | 'userAgent' | 'send' | 'clock'> {
  readonly options: CredentialOptions;
  readonly concurrency: number;
}

/** How many of the lanes may be taken by what is in no hurry. */
function shareOf(concurrency: number): number {
  return Math.max(1, Math.floor(concurrency / 8));
}

/** The same object as long as both are the same. */
interface Keys {
  readonly user: string;
  readonly password: string;
}

export function createCredential(parts: CredentialParts): Credential {
  const { clock } = parts;
  let { options } = parts;
  const who: Who = { credential: options.name, type: options.type };
  const queue = new PQueue({ concurrency: parts.concurrency });
  const behindOthers = new PQueue({ concurrency: shareOf(parts.concurrency) });
  const limits = createLimits(clock);
  const circuit = createCircuit(clock);
  let keys: Keys = { user: options.user(), password: options.password() };
  let secrets = 1;
  let idle: Send[] = [];
  let account: ServiceAccount | null = null;

  /** A rotated secret is another key: the nonces of the old one are its own, the token is the client's and stays. */
  const readKeys = (): Keys => {
    const [user, password] = [options.user(), options.password()];
    if (user === keys.user && password === keys.password) return keys;
    if (user === keys.user) account?.secretChanged();
    else account = null;
    idle = [];
    circuit.reset();
    secrets += 1;
    keys = { user, password };
    return keys;
  };

  const takeDigest = ({ user, password }: Keys): Send => idle.pop() ?? createDigestSend(user, password, parts.send);
  const accountOf = ({ user }: Keys): ServiceAccount => {
    account ??= createServiceAccount({ ...parts, who, clientId: user, clientSecret: () => readKeys().password });
    return account;
  };

  /** A way to send for as long as a lane is held: with whatever keys are right at the time of each request. */
  const takeLane = (): { readonly send: Send; giveBack(): void } => {
    if (options.type === 'serviceAccount') {
      return { send: (request) => accountOf(readKeys()).send(request), giveBack() {} };
    }
    let held = readKeys();
    let send = takeDigest(held);
    return {
      send(request) {
        const present = readKeys();
        if (present !== held) [held, send] = [present, takeDigest(present)];
        return send(request);
      },
      // The last one is used first: its nonce and its connection are the freshest.
      giveBack() {
        if (held === keys) idle.push(send);
      },
    };
  };

  const holdLane = async (hold: (lane: Lane) => void, heard: (status: number) => void): Promise<void> => {
    const lane = takeLane();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    hold({
      leave: (error) => (error === undefined ? resolve() : reject(error)),
      async send(request) {
        const answer = await lane.send(request);
        heard(answer.status);
        return answer;
      },
    });
    await promise.finally(() => lane.giveBack());
  };

  return {
    who,
    user: () => options.user(),
    limits,
    enterLane: (signal, { behind } = { behind: false }) =>
      new Promise((resolve, reject) => {
        const use = () => {
          readKeys();
          return circuit.enter((heard) => holdLane(resolve, heard), signal);
        };
        const enter = () => queue.add(use, { signal, priority: behind ? -1 : 0 });
        (behind ? behindOthers.add(enter, { signal }) : enter()).catch(reject);
      }),
    state() {
      readKeys();
      const { name, type } = options;
      return { name, type, secrets, tokenExpiresAt: account?.expiresAt() ?? null, ...limits.state() };
    },
    reconfigure(next, concurrency) {
      options = next;
      queue.concurrency = concurrency;
      behindOthers.concurrency = shareOf(concurrency);
    },
    async close(signal) {
      await account?.revoke(signal).catch(() => {});
    },
  };
}
