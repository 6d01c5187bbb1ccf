/** The change log: what happened, as it is kept and told. */
import type { Change, ErrorChange } from './change.ts';

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
