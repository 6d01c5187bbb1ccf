import type { SourceState } from './poll.ts';
import type { Source } from './source.ts';

/** What is known right now of everything watched: what the status page and `/api/v1/connections` show. */
export interface FleetView {
  /** Wall ms. */
  readonly at: number;
  /** In the order of ids. */
  readonly projects: readonly ProjectStatus[];
}

export interface ProjectStatus {
  readonly id: string;
  readonly name: string;
  /** '' until Atlas told it. */
  readonly orgId: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether several private endpoints may be in one region; null while it is not known. */
  readonly regionalMode: boolean | null;
  readonly sources: readonly SourceStatus[];
}

export interface SourceStatus {
  readonly source: Source;
  readonly state: SourceState;
  /** Wall ms; null when nothing is planned. */
  readonly nextPollAt: number | null;
}

export interface SourceView {
  readonly source: Source;
  readonly state: SourceState;
}

export interface ProjectView {
  readonly id: string;
  readonly name: string;
  /** '' until Atlas told it. */
  readonly orgId: string;
  /** From the config. */
  readonly labels: Readonly<Record<string, string>>;
  /** null while it is not known. */
  readonly regionalMode: boolean | null;
}

/** A project that discovery no longer lists. */
export interface RemovedProject {
  readonly id: string;
  /** Wall ms. */
  readonly removedAt: number;
}
