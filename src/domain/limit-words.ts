/** Limits of a project in words, for the page and for `poll`. */
import type { LimitName, ProjectLimit } from './lookup.ts';

const what: Readonly<Record<LimitName, string>> = {
  nodes_per_private_link_region: 'addressable nodes in a region behind AWS PrivateLink',
  private_service_connections_per_region_group: 'private service connections in a region group of Google Cloud',
};

/** Whether nine tenths are used: the alert fires from then on. */
export function isNearLimit({ value, usage }: ProjectLimit): boolean {
  return usage !== null && usage >= 0.9 * value;
}

/** `45 of 50 addressable nodes in a region behind AWS PrivateLink`. */
export function limitWords({ limit, value, usage }: ProjectLimit): string {
  return `${usage === null ? 'at most' : `${usage} of`} ${value} ${what[limit]}`;
}
