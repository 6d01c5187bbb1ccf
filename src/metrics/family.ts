/** The shape of a metric family: one row of the catalogue. */

import type { Source } from '../domain/source.ts';

export type Format = 'text' | 'openmetrics';
type FamilyType = 'gauge' | 'counter' | 'histogram';

/** The header of a family. The name of a counter ends in `_total`, in both formats. */
export interface Description {
  readonly name: string;
  /** Ends with where the value comes from. */
  readonly help: string;
  readonly type: FamilyType;
  readonly labels: readonly string[];
}

/**
 * Takes one sample: the values of the family's labels in their order, and `further` labels that only this sample has. When
 * `labelValues` lacks the last label, `last` is its value: samples that differ in the last label alone share one list.
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

/** A family read off the exporter's own instruments. */
export interface OwnFamily {
  readonly name: string;
  readonly help: string;
  readonly type: FamilyType;
  /** Samples of one label set stand together, and the buckets of a histogram in ascending order. */
  readonly samples: readonly OwnSample[];
}

export interface OwnSample {
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  /** Values of labels. `le` is a number, because the writer decides its text. */
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Labels of a source, a connection and an interface endpoint: S, C and E in the documentation. */
export const sourceLabels = ['atlas_project_id', 'kind', 'cloud_provider'] as const;
export const connectionLabels = [...sourceLabels, 'connection_id'] as const;
export const interfaceEndpointLabels = [...connectionLabels, 'interface_endpoint_id'] as const;

/** Values of `sourceLabels`. */
export function sourceLabelValues({ projectId, kind, cloudProvider }: Source): readonly string[] {
  return [projectId, kind, cloudProvider];
}

/** HELP of a state that Atlas reports. `origin` names the field, or how the value follows from it. */
export function stateHelp(what: string, origin: string): string {
  return `${what}. Source: ${origin}, as of the last successful poll`;
}

/** HELP of a change that the exporter saw between two polls. */
export function changeHelp(what: string): string {
  return `${what}. Source: successive polls of the Atlas API, compared by the exporter`;
}

/** HELP of the exporter's own state. */
export function exporterHelp(what: string, origin = 'the exporter itself'): string {
  return `${what}. Source: ${origin}`;
}

export function toSeconds(ms: number): number {
  return ms / 1000;
}
