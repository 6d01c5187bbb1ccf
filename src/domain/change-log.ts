/** The change log: what happened, as it is kept and told. */
import type { Author } from './author.ts';
import { type Change, type ErrorChange, errorChanges } from './change.ts';
import type { StringChange } from './cluster.ts';
import type { Source } from './source.ts';

/** A change as the log tells it: kept in the state database and answered by `/api/v1/changes` in these very words. */
export interface RecordedChange {
  /** Ever growing, also over restarts. */
  readonly id: number;
  /** Wall ms of the poll that saw it. */
  readonly at: number;
  /** Wall ms of the last good poll before, after which it happened; null where none is known. */
  readonly not_before: number | null;
  readonly atlas_project_id: string;
  /** Missing of a project as a whole. */
  readonly kind?: string;
  readonly cloud_provider?: string;
  /** Missing of a cluster. */
  readonly connection_id?: string;
  readonly interface_endpoint_id?: string;
  readonly cluster_name?: string;
  /** Of a project as a whole: `regional_mode`, its flip; `audit`, an event of Atlas' audit log that no difference answers to. */
  readonly type: Change['type'] | 'regional_mode' | 'audit';
  readonly change?: ErrorChange | StringChange;
  /** Set only for what was removed after its removal was asked for. */
  readonly requested?: true;
  readonly from: string | null;
  readonly to: string | null;
  /** Who made it, once the audit log told: every event that fits. */
  readonly by?: readonly Author[];
  /** Set where events of several authors fit, or fewer events than changes. */
  readonly by_ambiguous?: true;
}

/** Which changes are asked for. Oldest first unless told otherwise. */
export interface ChangesQuery {
  readonly projectId?: string;
  /** Leaves out changes up to this id. */
  readonly sinceId?: number;
  /** Leaves out changes from this id on. */
  readonly beforeId?: number;
  /** Wall ms; only changes at that time or later. */
  readonly sinceAt?: number;
  readonly limit: number;
  readonly newestFirst?: boolean;
}

/** A change of a source as it enters the log. */
export function toRecordedChange(
  source: Source,
  change: Change,
  { id, at, not_before }: Pick<RecordedChange, 'id' | 'at' | 'not_before'>,
): RecordedChange {
  return {
    id,
    at,
    not_before,
    atlas_project_id: source.projectId,
    kind: source.kind,
    cloud_provider: source.cloudProvider,
    ...toPlace(change),
    type: change.type,
    ...('change' in change ? { change: change.change } : {}),
    ...('requested' in change && change.requested ? { requested: true } : {}),
    from: change.from,
    to: change.to,
  };
}

function toPlace(change: Change): Pick<RecordedChange, 'connection_id' | 'interface_endpoint_id' | 'cluster_name'> {
  if ('clusterName' in change) return { cluster_name: change.clusterName };
  const { connectionId: connection_id, interfaceEndpointId: interface_endpoint_id } = change;
  return interface_endpoint_id === null ? { connection_id } : { connection_id, interface_endpoint_id };
}

/** How the error message changed; null of a change of anything else. */
export function errorChangeOf({ type, change }: RecordedChange): ErrorChange | null {
  return type === 'error_message' ? (errorChanges.find((word) => word === change) ?? null) : null;
}

/** Changes that are asked for at once while others are looked through, and how many are looked through for one answer. */
const atOnce = 500;
const mostLookedThrough = 20_000;

export interface FoundChanges {
  readonly found: readonly RecordedChange[];
  /** The `beforeId` with which to go on, oldest first the `sinceId`; null when there are no older ones, or none at all. */
  readonly next: number | null;
}

/** Looks through the changes, in the order that is asked for, for those that match; null is for all of them. */
export async function findChanges(
  changes: (query: ChangesQuery) => Promise<readonly RecordedChange[]>,
  { limit, ...query }: ChangesQuery,
  matches: ((change: RecordedChange) => boolean) | null,
): Promise<FoundChanges> {
  const found: RecordedChange[] = [];
  const { newestFirst = false, beforeId, sinceId } = query;
  const size = matches ? atOnce : limit;
  let next = (newestFirst ? beforeId : sinceId) ?? null;
  for (let looked = 0; looked < mostLookedThrough; looked += size) {
    const from = next === null ? {} : newestFirst ? { beforeId: next } : { sinceId: next };
    const batch = await changes({ ...query, ...from, limit: size });
    const isEnd = batch.length < size;
    for (const change of batch) {
      next = change.id;
      if (!matches || matches(change)) found.push(change);
      if (found.length < limit) continue;
      // Oldest first there is no end: later changes come after it.
      return { found, next: newestFirst && isEnd && change === batch.at(-1) ? null : next };
    }
    if (isEnd) return { found, next: newestFirst ? null : next };
  }
  return { found, next };
}
