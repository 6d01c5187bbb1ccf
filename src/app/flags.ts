/** The flags of the commands, parsed. */
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
  /** Where the port is reached from outside; null when the flag is left out. */
  readonly externalUrl: URL | null;
  /** '' or a path without a slash at its end. */
  readonly routePrefix: string;
  readonly maxRequests: number;
  readonly lifecycle: boolean;
  readonly shard: Shard;
  /** The file with TLS, headers and passwords of the exporter's own port. */
  readonly webConfigFile: string | null;
  /** Overrides `state.path` of the config. */
  readonly statePath: string | null;
}
