/** The config after it was read: defaults filled in, durations in ms, secrets that are read again from their files. */
import type { Project } from '../../domain/project.ts';
import type { Api, CloudProvider, Kind } from '../../domain/status.ts';
import type { CredentialPart } from './finding.ts';
import type { ParsedConfig } from './schema.ts';
import type { Secret } from './secret.ts';

export type CredentialConfig =
  | { readonly type: 'digest'; readonly publicKey: Secret; readonly privateKey: Secret }
  | { readonly type: 'serviceAccount'; readonly clientId: Secret; readonly clientSecret: Secret };

export interface DiscoveryConfig {
  readonly organization: string;
  readonly credential: string;
  readonly include: RegExp | null;
  readonly exclude: RegExp | null;
  /** Cron expression: when the projects are listed. */
  readonly schedule: string;
  readonly providers: readonly CloudProvider[];
  readonly kinds: readonly Kind[];
  readonly labels: Readonly<Record<string, string>>;
  /** Cron expression: when a project that was found is polled. */
  readonly pollSchedule: string;
  /** When its clusters are listed; cron. */
  readonly slowSchedule: string;
}

export interface Config {
  readonly atlas: {
    /** The URL of Atlas, without a slash at its end. */
    readonly baseUrl: string;
    readonly api: Api;
    readonly timeoutMs: number;
    readonly retries: number;
    readonly concurrency: number;
    /** Certificate authorities to trust besides the usual ones: the file, and the certificates in PEM form that it holds. */
    readonly ca: { readonly file: string; readonly text: string } | null;
  };
  readonly credentials: Readonly<Record<string, CredentialConfig>>;
  readonly projects: readonly Project[];
  readonly discovery: readonly DiscoveryConfig[];
  readonly poll: {
    readonly schedule: string;
    readonly timezone: string;
    readonly spreadMs: number;
    readonly fastSchedule: string | null;
    /** When clusters are listed; cron. */
    readonly slowSchedule: string;
    readonly interfaceEndpoints: boolean;
    readonly kinds: readonly Kind[];
    /** Whether Atlas' audit log is asked who made a change. */
    readonly auditLog: boolean;
  };
  readonly state: { readonly path: string; readonly changesKept: number };
  readonly metrics: {
    readonly staleAfterMs: number;
    readonly tombstoneForMs: number;
    readonly errorMessageText: boolean;
  };
}

type ParsedCredential = ParsedConfig['credentials'][string];

/** `secretOf` gives the secret of a part. */
export function toCredential(
  { digest }: ParsedCredential,
  secretOf: (part: CredentialPart) => Secret,
): CredentialConfig {
  return digest
    ? { type: 'digest', publicKey: secretOf('publicKey'), privateKey: secretOf('privateKey') }
    : { type: 'serviceAccount', clientId: secretOf('clientId'), clientSecret: secretOf('clientSecret') };
}

/** The secrets and the authorities are read by now. */
export function toConfig(parsed: ParsedConfig, credentials: Config['credentials'], ca: Config['atlas']['ca']): Config {
  const { poll, state, metrics } = parsed;
  const { caFile: _, timeout: timeoutMs, ...atlas } = parsed.atlas;
  const [onlyCredential = ''] = Object.keys(credentials);
  const providers: readonly CloudProvider[] = atlas.api === 'v1.0' ? ['AWS'] : ['AWS', 'AZURE', 'GCP'];
  // The deprecated API has no clusters.
  const kinds: readonly Kind[] = poll.kinds ?? (atlas.api === 'v1.0' ? ['cluster'] : ['cluster', 'connection_strings']);
  const wishes = (item: ParsedConfig['projects'][number] | ParsedConfig['discovery'][number]) => ({
    credential: item.credential ?? onlyCredential,
    providers: item.providers ?? providers,
    kinds: item.kinds ?? kinds,
    slowSchedule: poll.slowSchedule,
    labels: item.labels ?? {},
  });
  return {
    atlas: { ...atlas, timeoutMs, ca },
    credentials,
    projects: parsed.projects.map((project) => ({
      ...wishes(project),
      id: project.id,
      name: project.name ?? null,
      schedule: project.schedule ?? poll.schedule,
    })),
    discovery: parsed.discovery.map((entry) => ({
      ...wishes(entry),
      organization: entry.organization,
      include: entry.include ?? null,
      exclude: entry.exclude ?? null,
      schedule: entry.schedule,
      pollSchedule: poll.schedule,
    })),
    poll: {
      ...poll,
      kinds,
      spreadMs: poll.spread,
      fastSchedule: poll.fastSchedule === false ? null : poll.fastSchedule,
    },
    state,
    metrics: { ...metrics, staleAfterMs: metrics.staleAfter, tombstoneForMs: metrics.tombstoneFor },
  };
}
