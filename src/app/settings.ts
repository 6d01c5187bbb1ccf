/** The config in the terms of the parts that it sets up. */

import type { CredentialOptions } from '../atlas/access/credential.ts';
import type { AtlasOptions, AtlasSettings } from '../atlas/atlas.ts';
import type { Config } from '../config/exporter/config.ts';
import { readTogether } from '../config/exporter/secret.ts';
import type { Project } from '../domain/project.ts';
import { type Shard, wholeEstate } from '../domain/shard.ts';
import type { Settings } from '../polling/watch.ts';
import type { DaemonFlags } from './flags.ts';
import type { World } from './host.ts';

export function toSettings(
  { atlas, projects, discovery, poll, metrics }: Config,
  shard: Shard = wholeEstate,
): Settings {
  return {
    api: atlas.api,
    projects,
    organizations: discovery.map((entry) => ({
      ...entry,
      toProject: ({ id }): Project => ({ ...entry, id, name: null, schedule: entry.pollSchedule }),
    })),
    interfaceEndpoints: poll.interfaceEndpoints,
    shard,
    timezone: poll.timezone,
    spreadMs: poll.spreadMs,
    fastSchedule: poll.fastSchedule,
    staleAfterMs: metrics.staleAfterMs,
    tombstoneForMs: metrics.tombstoneForMs,
    lookupsOff: new Set(poll.auditLog ? [] : ['audit_log']),
  };
}

export function toAtlasSettings({ atlas, credentials }: Config): AtlasSettings {
  const { ca, ...rest } = atlas;
  return { ...rest, authorities: ca?.text ?? '', credentials: toCredentials(credentials) };
}

/** The settings of the adapter, and what it needs of the process. */
export function toAtlasOptions(
  config: Config,
  { env, clock, version, platform }: World,
): Omit<AtlasOptions, 'observer'> {
  const userAgent = `atlas-private-endpoint-exporter/${version} (${platform})`;
  return { ...toAtlasSettings(config), env, clock, userAgent };
}

/** Secrets are handed over as functions: each use reads them again, so that a rotated secret is used from the next on. */
function toCredentials(credentials: Config['credentials']): readonly CredentialOptions[] {
  return Object.entries(credentials).map(([name, credential]) => {
    const [user, password] =
      credential.type === 'digest'
        ? [credential.publicKey, credential.privateKey]
        : [credential.clientId, credential.clientSecret];
    const pair = readTogether(user, password);
    return { name, type: credential.type, user: () => pair().user, password: () => pair().password };
  });
}

/** The config as the flags overrule it. */
export function withFlags(config: Config, { statePath }: Pick<DaemonFlags, 'statePath'>): Config {
  return statePath === null ? config : { ...config, state: { ...config.state, path: statePath } };
}

/** The changes of a new config that a running process cannot take over, in words; null when there are none. */
export function needsRestart(before: Config, after: Config): string | null {
  const changed = [
    ...(before.state.path === after.state.path ? [] : [`state.path is now '${after.state.path}'`]),
    ...(before.state.changesKept === after.state.changesKept ? [] : ['state.changesKept changed']),
  ];
  return changed.length === 0 ? null : `${changed.join(', ')}: this needs a restart`;
}
