/** Instruments whose value another part of the exporter knows: it is read off when somebody scrapes, and never stored. */
import type { CredentialState } from '../domain/credential.ts';
import type { DiscoveryState } from '../domain/listing.ts';
import type { LookupState } from '../domain/lookup.ts';
import type { ReloadStatus } from '../domain/reload.ts';
import type { Shard } from '../domain/shard.ts';
import type { SaveStatus } from '../domain/stored.ts';
import type { CredentialView } from '../domain/view.ts';
import { type OwnSample, toSeconds } from './family.ts';
import type { InstrumentKey } from './instruments.ts';

/** The state of the exporter at one scrape. Moments are wall ms, null for none. */
export interface Observed {
  /** What is running. */
  readonly build: { readonly version: string; readonly revision: string; readonly nodeVersion: string };
  readonly shard: Shard;
  readonly credentials: readonly CredentialState[];
  readonly projects: number;
  /** How many `/api/v1/targets` lists. */
  readonly targets: number;
  readonly discovery: readonly DiscoveryState[];
  readonly lookups: readonly LookupState[];
  /** What look-ups told of credentials. */
  readonly learned: readonly CredentialView[];
  readonly state: SaveStatus;
  readonly reload: ReloadStatus;
  readonly droppedLogLines: number;
}

type Read = (observed: Observed) => readonly OwnSample[];

/** How each instrument that is read off gets its samples. Instruments without a row here count in the registry. */
export const readings = {
  buildInfo: ({ build }) => [
    sample(1, { version: build.version, revision: build.revision, node_version: build.nodeVersion }),
  ],
  rateLimitRemaining: ({ credentials }) =>
    credentials.flatMap(({ name: credential, remainingRatio }) =>
      remainingRatio === null ? [] : [sample(remainingRatio, { credential })],
    ),
  backoffUntil: ({ credentials }) =>
    credentials.map(({ name: credential, backoffUntil }) => sample(moment(backoffUntil), { credential })),
  tokenExpiry: ({ credentials }) =>
    credentials
      .filter(({ type }) => type === 'serviceAccount')
      .map(({ name: credential, tokenExpiresAt }) => sample(moment(tokenExpiresAt), { credential })),
  secretExpiry: ({ learned }) =>
    learned.flatMap(({ name: credential, facts: { secretExpiresAt = null } }) =>
      secretExpiresAt === null ? [] : [sample(toSeconds(secretExpiresAt), { credential })],
    ),
  projects: ({ projects }) => [sample(projects)],
  targets: ({ targets }) => [sample(targets)],
  discoveryUp: ({ discovery }) => discovery.map(({ organization: org_id, up }) => sample(up ? 1 : 0, { org_id })),
  discoveryLastSuccess: ({ discovery }) =>
    discovery.map(({ organization: org_id, lastSuccessAt }) => sample(moment(lastSuccessAt), { org_id })),
  discoveryProjects: ({ discovery }) =>
    discovery.map(({ organization: org_id, projects }) => sample(projects, { org_id })),
  lookupUp: ({ lookups }) => lookups.map(({ lookup, up }) => sample(up ? 1 : 0, { lookup })),
  stateRestored: ({ state }) => [sample(state.restored ? 1 : 0)],
  stateLastSaveSuccessful: ({ state }) => [sample(state.lastSaveSuccessful ? 1 : 0)],
  stateLastSave: ({ state }) => [sample(moment(state.lastSaveAt))],
  stateSaveFailures: ({ state }) => [sample(state.saveFailures)],
  reloadSuccessful: ({ reload }) => [sample(reload.successful ? 1 : 0)],
  reloadSuccess: ({ reload }) => [sample(moment(reload.lastSuccessAt))],
  shardOrdinal: ({ shard }) => [sample(shard.ordinal)],
  totalShards: ({ shard }) => [sample(shard.total)],
  logLinesDropped: ({ droppedLogLines }) => [sample(droppedLogLines)],
} as const satisfies Partial<Readonly<Record<InstrumentKey, Read>>>;

function sample(value: number, labels: Readonly<Record<string, string>> = {}): OwnSample {
  return { suffix: '', labels, value };
}

/** A Unix time in seconds; 0 for never. */
function moment(wall: number | null): number {
  return toSeconds(wall ?? 0);
}
