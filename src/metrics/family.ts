/** What a metric family is: one row of the catalogue. */

export type Format = 'text' | 'openmetrics';
type FamilyType = 'gauge' | 'counter' | 'histogram';

/** What scrapers and readers are told of a family. The name of a counter ends in `_total`, in both formats. */
export interface Description {
  readonly name: string;
  /** Ends with where the value comes from. */
  readonly help: string;
  readonly type: FamilyType;
  readonly labels: readonly string[];
}

/**
 * One sample: the values of the family's labels in their order, and labels that only this sample has. `last` is the value of
 * the last label, where `labelValues` has those before it: many samples share those, and need no list of their own.
 */
export type Emit = (
  labelValues: readonly string[],
  value: number,
  last?: string | null,
  further?: Readonly<Record<string, string>>,
) => void;

/** A family whose samples are a pure function of an item. */
export interface Family<T> extends Description {
  samples(item: T, emit: Emit): void;
}

/** A family of the exporter's own instruments, read out. */
export interface OwnFamily {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  /** Samples of one label set stand together; those of a histogram in the order of their buckets. */
  readonly samples: readonly OwnSample[];
}

export interface OwnSample {
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  /** A `le` is given as a number: its text is the writer's matter. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The labels of a source, of a connection and of an interface endpoint: S, C and E of the documentation. */
export const sourceLabels = ['atlas_project_id', 'kind', 'cloud_provider'] as const;
export const connectionLabels = [...sourceLabels, 'connection_id'] as const;
export const interfaceEndpointLabels = [...connectionLabels, 'interface_endpoint_id'] as const;

/** HELP of what Atlas says of itself. `origin` is the field, or how the value follows from it. */
export function stateHelp(what: string, origin: string): string {
  return `${what}. Source: ${origin}, as of the last successful poll`;
}

/** HELP of what the exporter saw happen between two polls. */
export function changeHelp(what: string): string {
  return `${what}. Source: successive polls of the Atlas API, compared by the exporter`;
}

/** HELP of what the exporter knows of itself. */
export function exporterHelp(what: string, origin = 'the exporter itself'): string {
  return `${what}. Source: ${origin}`;
}

export function toSeconds(ms: number): number {
  return ms / 1000;
}
