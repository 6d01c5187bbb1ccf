import type { CloudProvider, Kind } from './status.ts';

/** What the operator asked us to watch: one Atlas project (Atlas' wire word is group). */
export interface Project {
  /** 24 hex digits, lower case. */
  readonly id: string;
  /** From the config; null when Atlas is to be asked. */
  readonly name: string | null;
  /** Name of an entry of `credentials`. */
  readonly credential: string;
  readonly providers: readonly CloudProvider[];
  readonly kinds: readonly Kind[];
  /** Cron expression. */
  readonly schedule: string;
  /** Cron expression for lists that change slowly: those of clusters. */
  readonly slowSchedule: string;
  /** Extra labels of `mongodb_atlas_project_info`. */
  readonly labels: Readonly<Record<string, string>>;
}
