import type { Api, CloudProvider, Kind } from './status.ts';

/**
 * One list that Atlas keeps: a project, a kind and (where Atlas lists per cloud) a cloud provider. It is what is polled,
 * succeeds or fails, and is diffed.
 */
export interface Source {
  /** Stable over restarts: the identity under which state is stored. */
  readonly key: string;
  readonly projectId: string;
  readonly kind: Kind;
  /** '' where one list holds every cloud. */
  readonly cloudProvider: CloudProvider | '';
  readonly api: Api;
  readonly credential: string;
  /** Cron expression. */
  readonly schedule: string;
  /** Whether each interface endpoint is asked for its own status. */
  readonly interfaceEndpoints: boolean;
}

/** The identity of a source. */
export function sourceKey(projectId: string, kind: Kind, cloudProvider: CloudProvider | ''): string {
  return `${projectId}/${kind}/${cloudProvider}`;
}
