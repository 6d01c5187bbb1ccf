/** What the command line can say to a command. */
import type { Shard } from '../domain/shard.ts';
import type { ListenAddress } from '../http/listen-address.ts';

export interface ConfigFlags {
  readonly configFile: string | null;
}

export interface LogFlags {
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
}

export interface DaemonFlags extends ConfigFlags, LogFlags {
  readonly listen: readonly ListenAddress[];
  readonly telemetryPath: string;
  /** Where the port is reached from outside; null when nobody told. */
  readonly externalUrl: URL | null;
  /** '' or a path without a slash at its end. */
  readonly routePrefix: string;
  readonly maxRequests: number;
  readonly lifecycle: boolean;
  readonly shard: Shard;
  /** TLS, headers and passwords of our own port. */
  readonly webConfigFile: string | null;
  /** Overrides `state.path` of the config. */
  readonly statePath: string | null;
}
