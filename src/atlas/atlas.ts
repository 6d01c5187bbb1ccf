/** The front of the adapter: polls of sources and listings of projects, by whichever credential. */

import type { ApiObserver, CredentialState } from '../domain/credential.ts';
import type { ListedProject } from '../domain/listing.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';
import { type Credential, type CredentialOptions, createCredential } from './access/credential.ts';
import { AtlasError, toAtlasError } from './error.ts';
import { type ClientOptions, type Get, getJson } from './http/client.ts';
import { createPatience, type Pause, sleep, withDeadline } from './http/deadline.ts';
import { createTransport } from './http/transport.ts';
import { listProjects } from './lists/projects.ts';
import { readSource } from './lists/read.ts';
import { readRegionalMode } from './lists/regional-mode.ts';
import { longestSleepMs } from './retry.ts';

/** What a reload may change. */
export interface AtlasSettings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  /** For each request. */
  readonly retries: number;
  /** Requests in flight for each credential. */
  readonly concurrency: number;
  /** Certificate authorities in PEM form to trust besides the usual ones; '' for none. */
  readonly authorities: string;
  readonly credentials: readonly CredentialOptions[];
}

export interface AtlasOptions extends AtlasSettings {
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly observer: ApiObserver;
  /** How it waits for limits and before retries. */
  readonly pause?: Pause;
}

export interface PollOptions {
  readonly signal: AbortSignal;
  /** How long it may take once it is on a lane, in ms. */
  readonly deadlineMs: number;
  /** Called when it waits for a rate limit. */
  readonly onLimited?: () => void;
}

export interface Atlas extends AsyncDisposable {
  /** One complete poll. Throws AtlasError. */
  fetchSnapshot(source: Source, options: PollOptions): Promise<Snapshot>;
  /** Every project of an organisation, or with null all that the credential can see. Throws AtlasError. */
  listProjects(
    credential: string,
    options: { readonly organization: string | null; readonly signal: AbortSignal },
  ): Promise<readonly ListedProject[]>;
  /** Whether the project is in regional mode. Throws AtlasError. */
  fetchRegionalMode(credential: string, projectId: string, options: PollOptions): Promise<boolean>;
  credentialStates(): readonly CredentialState[];
  /** Credentials of the same name and type keep their lanes, tokens, nonces, budgets and circuits. */
  reconfigure(settings: AtlasSettings): void;
}

/** A poll or listing that was answered nothing for so long, because of limits, fails. */
const longestWaitMs = 10 * 60 * 1000;
const listingDeadlineMs = 5 * 60 * 1000;
const revokeWithinMs = 1_000;

export function createAtlas(options: AtlasOptions): Atlas {
  const { clock, pause = sleep } = options;
  let settings: AtlasSettings = options;
  const transport = createTransport(options);
  let credentials = new Map<string, Credential>();

  const newCredential = (credential: CredentialOptions) =>
    createCredential({
      options: credential,
      concurrency: settings.concurrency,
      baseUrl: settings.baseUrl,
      timeoutMs: () => settings.timeoutMs,
      userAgent: options.userAgent,
      send: transport.send,
      clock,
    });
  const arrange = (next: AtlasSettings) => {
    const before = credentials;
    // Nonces and tokens are one server's, and no other is told them.
    const mayStay = settings.baseUrl === next.baseUrl;
    settings = next;
    credentials = new Map(
      next.credentials.map((credential) => {
        const same = before.get(credential.name);
        if (!mayStay || same?.who.type !== credential.type) return [credential.name, newCredential(credential)];
        same.reconfigure(credential, next.concurrency);
        return [credential.name, same];
      }),
    );
    const kept = new Set(credentials.values());
    const left = [...before.values()].filter((credential) => !kept.has(credential));
    void Promise.all(left.map((credential) => credential.close(AbortSignal.timeout(settings.timeoutMs))));
  };
  arrange(options);

  const client: ClientOptions = {
    baseUrl: () => settings.baseUrl,
    timeoutMs: () => settings.timeoutMs,
    retries: () => settings.retries,
    userAgent: options.userAgent,
    clock,
    pause,
  };

  /** Reads on a lane; whoever must wait long for a bucket that refuses does so without one, and goes on where it was. */
  const work = async <T>(name: string, read: Read<T>, { signal, deadlineMs, onLimited }: PollOptions): Promise<T> => {
    const credential = credentials.get(name);
    if (!credential) throw new AtlasError({ reason: 'internal', detail: `No credential '${name}'` });
    const { limits, who } = credential;
    const enter = async () => {
      const lane = await credential.enterLane(signal);
      const deadline = withDeadline(signal, deadlineMs, `Not done within ${deadlineMs / 1000} s`);
      const stay = { who, send: lane.send, limits, patience: createPatience(longestSleepMs), signal: deadline.signal };
      const leave = (error?: unknown) => {
        deadline[Symbol.dispose]();
        lane.leave(error);
      };
      return { stay, leave };
    };
    let { stay, leave } = await enter();
    const get = async (request: Get): Promise<unknown> => {
      const since = clock.monotonic();
      for (;;) {
        try {
          return await getJson(request, stay, client);
        } catch (thrown) {
          signal.throwIfAborted();
          const error = toAtlasError(thrown);
          const mayWait = error.reason === 'rate_limited' && !error.ofCredential;
          if (!mayWait || clock.monotonic() - since >= longestWaitMs) throw error;
          onLimited?.();
          leave();
          await pause(limits.waitMs(request.bucket), signal);
          ({ stay, leave } = await enter());
        }
      }
    };
    try {
      const result = await read(get);
      leave();
      return result;
    } catch (thrown) {
      leave(thrown);
      signal.throwIfAborted();
      throw toAtlasError(thrown);
    }
  };

  return {
    fetchSnapshot: (source, how) => work(source.credential, (get) => readSource(source, get), how),
    listProjects: (name, { organization, signal }) =>
      work(name, (get) => listProjects(get, organization), { signal, deadlineMs: listingDeadlineMs }),
    fetchRegionalMode: (name, projectId, how) => work(name, (get) => readRegionalMode(get, projectId), how),
    credentialStates: () => [...credentials.values()].map((credential) => credential.state()),
    reconfigure(next) {
      transport.reconfigure(next.authorities);
      arrange(next);
    },
    async [Symbol.asyncDispose]() {
      const signal = AbortSignal.timeout(revokeWithinMs);
      await Promise.all([...credentials.values()].map((credential) => credential.close(signal)));
      await transport.close();
    },
  };
}

type Read<T> = (get: (request: Get) => Promise<unknown>) => Promise<T>;
