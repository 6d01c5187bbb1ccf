import type { ChangesQuery, RecordedChange } from '../domain/change-log.ts';
import type { FleetView } from '../domain/view.ts';
import type { Format } from '../metrics/family.ts';

/** Everything that the web side may ask of the rest. */
export interface Answers {
  /** The whole exposition, in pieces; compressed they are one gzip member. */
  metrics(format: Format, compressed: boolean): Promise<readonly Buffer[]>;
  health(): { readonly healthy: boolean; readonly detail: string };
  readiness(): { readonly ready: boolean; readonly detail: string };
  reload(): Promise<{ readonly ok: true } | { readonly ok: false; readonly problems: string }>;
  /** YAML, secrets masked. */
  effectiveConfig(): string;
  view(): FleetView;
  /** The view that has the targets; null until every list of clusters was restored or tried once: a list would have gaps. */
  targets(): FleetView | null;
  changes(query: ChangesQuery): Promise<readonly RecordedChange[]>;
}

/** What shows pages to people. */
export interface Pages {
  /** null when there is no such page. */
  render(path: string, search: URLSearchParams): Promise<Page | null>;
  /** Allows exactly the inline style and script that the pages hold. */
  readonly contentSecurityPolicy: string;
}

export interface Page {
  readonly status: 200;
  readonly html: string;
}
