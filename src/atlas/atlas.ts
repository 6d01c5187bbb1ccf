/** The front of the adapter: polls of sources and listings of projects, by whichever credential. */
import type { Clock } from '../domain/change.ts';
import type { ListedProject } from '../domain/listing.ts';
import type { Snapshot } from '../domain/snapshot.ts';
import type { Source } from '../domain/source.ts';
import { type ClientOptions, type Get, getJson, sleep } from './client.ts';
import { type Credential, type CredentialOptions, type CredentialState, createCredential } from './credential.ts';
import { AtlasError, toAtlasError } from './error.ts';
import { listProjects } from './projects.ts';
import { createReplay } from './replay.ts';
import { longestRetryMs } from './retry.ts';
import { readSource } from './sources.ts';
import { createTransport, type Observer, type Send } from './transport.ts';

/** What a reload may change. */
export interface AtlasSettings {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly timeoutMs: number;
  /** For each request. */
  readonly retries: number;
  /** Requests in flight for each credential. */
  readonly concurrency: number;
  readonly caFile: string | null;
  readonly credentials: readonly CredentialOptions[];
}

export interface AtlasOptions extends AtlasSettings {
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly observer: Observer;
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
  credentialStates(): readonly CredentialState[];
  /** Credentials of the same name and type keep their lanes, tokens, nonces, budgets and circuits. */
  reconfigure(settings: AtlasSettings): void;
}

/** How often one poll or listing comes back to a bucket that refused it. */
const mostRefusals = 5;
const listingDeadlineMs = 5 * 60 * 1000;
const revokeWithinMs = 1_000;

export function createAtlas(options: AtlasOptions): Atlas {
  const { clock } = options;
  let settings: AtlasSettings = options;
  const transport = createTransport(options);
  let credentials = new Map<string, Credential>();

  const newCredential = (credential: CredentialOptions) =>
    createCredential({
      options: credential,
      concurrency: settings.concurrency,
      baseUrl: () => settings.baseUrl,
      timeoutMs: () => settings.timeoutMs,
      userAgent: options.userAgent,
      send: (request) => transport.send(request),
      clock,
    });
  const arrange = (next: AtlasSettings) => {
    const before = credentials;
    settings = next;
    credentials = new Map(
      next.credentials.map((credential) => {
        const same = before.get(credential.name);
        if (same?.state().type !== credential.type) return [credential.name, newCredential(credential)];
        same.reconfigure(credential, next.concurrency);
        return [credential.name, same];
      }),
    );
  };
  arrange(options);

  const client: ClientOptions = {
    ...options,
    baseUrl: () => settings.baseUrl,
    timeoutMs: () => settings.timeoutMs,
    retries: () => settings.retries,
  };

  /** Works on a lane, and waits without one for a bucket that refuses: what was read before is not read again. */
  const work = async <T>(name: string, read: Read<T>, { signal, deadlineMs, onLimited }: PollOptions): Promise<T> => {
    const credential = credentials.get(name);
    if (!credential) throw new AtlasError({ reason: 'internal', detail: `No credential '${name}'` });
    const { limits } = credential;
    const replay = createReplay();
    for (let refusals = 0; ; refusals++) {
      let bucket = '';
      const onLane = (send: Send) => {
        const bounded = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
        return read(
          replay.of(async (request) => {
            bucket = request.bucket;
            await stayAway(limits.waitMs(bucket), bounded);
            return getJson(request, send, limits, bounded, client);
          }),
        );
      };
      try {
        return await credential.onLane(onLane, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = toAtlasError(thrown);
        if (error.reason !== 'rate_limited' || error.ofCredential || bucket === '' || refusals >= mostRefusals)
          throw error;
        onLimited?.();
        await sleep(limits.waitMs(bucket), signal);
      }
    }
  };

  return {
    fetchSnapshot: (source, how) => work(source.credential, (get) => readSource(source, get), how),
    listProjects: (name, { organization, signal }) =>
      work(name, (get) => listProjects(get, organization), { signal, deadlineMs: listingDeadlineMs }),
    credentialStates: () => [...credentials.values()].map((credential) => credential.state()),
    reconfigure: arrange,
    async [Symbol.asyncDispose]() {
      const signal = AbortSignal.timeout(revokeWithinMs);
      await Promise.all([...credentials.values()].map((credential) => credential.close(signal)));
      await transport.close();
    },
  };
}

type Read<T> = (get: (request: Get) => Promise<unknown>) => Promise<T>;

/** A short wait is slept on the lane; a longer one gives the lane back. */
async function stayAway(waitMs: number, signal: AbortSignal): Promise<void> {
  if (waitMs > longestRetryMs) throw new AtlasError({ reason: 'rate_limited', detail: 'The rate limit is used up' });
  if (waitMs > 0) await sleep(waitMs, signal);
}
