/** The front of the adapter: polls of sources, listings of organizations and look-ups, by the credential that may do it. */

import type { Cluster } from '../domain/cluster.ts';
import type { ApiObserver, CredentialState } from '../domain/credential.ts';
import type { ListedProject } from '../domain/listing.ts';
import type { Learned, LookupQuestion, LookupRow } from '../domain/lookup.ts';
import type { Reading } from '../domain/reading.ts';
import type { Source } from '../domain/source.ts';
import type { Clock } from '../domain/time.ts';
import type { Credential, CredentialOptions } from './access/credential.ts';
import { createCredentials } from './access/credentials.ts';
import { AtlasError } from './error.ts';
import type { ClientOptions } from './http/client.ts';
import { type Pause, sleep } from './http/deadline.ts';
import { createTransport } from './http/transport.ts';
import { type LookupName, lookups } from './lists/lookups.ts';
import { listProjects } from './lists/projects.ts';
import { readSource } from './lists/read.ts';
import { lookUp } from './look-up.ts';
import { type LimitWait, type Visit, type VisitOptions, visitAtlas } from './visit.ts';

/** What a reload may change. */
export interface AtlasSettings {
  /** The address has no slash at its end. */
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
  /** Called when a visit of this credential waits for a rate limit and whoever asked for it does not listen. */
  readonly onLimited?: (credential: string, wait: LimitWait) => void;
  /** How it waits for limits and before retries. */
  readonly pause?: Pause;
}

export interface Atlas extends AsyncDisposable {
  /** One complete poll. Throws AtlasError. */
  fetchReading(
    source: Source,
    options: VisitOptions & { readonly asksManaged?: (cluster: Cluster) => boolean },
  ): Promise<Reading>;
  /** Every project of an organization. Throws AtlasError. */
  listProjects(
    credential: string,
    options: { readonly organization: string; readonly signal: AbortSignal },
  ): Promise<readonly ListedProject[]>;
  /**
   * One look-up. `orgId`: the organization of its project, '' when it is not known. null when less than a fifth of a rate
   * limit is left: that is for the polls. Throws AtlasError.
   */
  fetchLookup(
    question: LookupQuestion<LookupName> & { readonly orgId: string },
    signal: AbortSignal,
  ): Promise<Learned | null>;
  /** Whom each look-up asks, and when. */
  readonly lookups: Readonly<Record<LookupName, LookupRow>>;
  credentialStates(): readonly CredentialState[];
  /** Credentials of the same name and type keep their lanes, tokens, nonces, budgets and circuits. */
  reconfigure(settings: AtlasSettings): void;
}

const listingDeadlineMs = 5 * 60 * 1000;
const revokeWithinMs = 1_000;

export function createAtlas(options: AtlasOptions): Atlas {
  const { clock, userAgent, pause = sleep } = options;
  let settings: AtlasSettings = options;
  const transport = createTransport(options);
  const credentials = createCredentials({
    clock,
    userAgent,
    send: transport.send,
    timeoutMs: () => settings.timeoutMs,
  });
  credentials.arrange(settings);
  const client: ClientOptions = {
    baseUrl: () => settings.baseUrl,
    timeoutMs: () => settings.timeoutMs,
    retries: () => settings.retries,
    userAgent,
    clock,
    pause,
  };

  const around = { client, clock, pause };
  const find = (name: string): Credential => {
    const credential = credentials.find(name);
    if (!credential) throw new AtlasError({ reason: 'internal', detail: `No credential '${name}'` });
    return credential;
  };
  const limited = (name: string) => (wait: LimitWait) => options.onLimited?.(name, wait);
  const visit = async <T>(name: string, read: (visit: Visit) => Promise<T>, how: VisitOptions): Promise<T> =>
    visitAtlas(read, { onLimited: limited(name), ...how }, { ...around, credential: find(name) });

  return {
    fetchReading: (source, how) => visit(source.credential, (visit) => readSource(source, visit, how.asksManaged), how),
    listProjects: (name, { organization, signal }) =>
      visit(name, ({ get }) => listProjects(get, organization), { signal, deadlineMs: () => listingDeadlineMs }),
    fetchLookup(question, signal) {
      const { credential: name } = question;
      return lookUp(question, { signal, onLimited: limited(name) }, { ...around, credential: find(name) });
    },
    lookups,
    credentialStates: credentials.states,
    reconfigure(next) {
      transport.reconfigure(next.authorities);
      settings = next;
      credentials.arrange(next);
    },
    async [Symbol.asyncDispose]() {
      await credentials.close(AbortSignal.timeout(revokeWithinMs));
      await transport.close();
    },
  };
}
