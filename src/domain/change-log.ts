/** The change log: what happened, as it is kept and told. */
import type { Change, ErrorChange } from './change.ts';
import type { Source } from './source.ts';

/** A change as the log tells it: kept in the state database and answered by `/api/v1/changes` in these very words. */
export interface RecordedChange {
  /** Ever growing, also over restarts. */
  readonly id: number;
  /** Wall ms. */
  readonly at: number;
  readonly atlas_project_id: string;
  readonly kind: string;
  readonly cloud_provider: string;
  readonly connection_id: string;
  readonly interface_endpoint_id?: string;
  readonly type: Change['type'];
  readonly change?: ErrorChange;
  readonly from: string | null;
  readonly to: string | null;
}

/** Which changes are asked for. Oldest first unless told otherwise. */
export interface ChangesQuery {
  readonly projectId?: string;
  /** Only changes with a greater id. */
  readonly sinceId?: number;
  /** Wall ms; only changes at that time or later. */
  readonly sinceAt?: number;
  readonly limit: number;
  readonly newestFirst?: boolean;
}

/** A change of a source as it enters the log. `at`: wall ms. */
export function toRecordedChange(source: Source, change: Change, id: number, at: number): RecordedChange {
  return {
    id,
    at,
    atlas_project_id: source.projectId,
    kind: source.kind,
    cloud_provider: source.cloudProvider,
    connection_id: change.connectionId,
    ...(change.interfaceEndpointId === null ? {} : { interface_endpoint_id: change.interfaceEndpointId }),
    type: change.type,
    ...(change.type === 'error_message' ? { change: change.change } : {}),
    from: change.from,
    to: change.to,
  };
}
