/** The table of look-ups: whom each asks, how often, how it is read and what is learned. A new look-up is a row. */
import { hasEvents } from '../../domain/audit.ts';
import {
  factsOfCredential,
  factsOfProject,
  hasRegionalMode,
  type Learned,
  type LookupRow,
  namesOf,
} from '../../domain/lookup.ts';
import { readAuditLog } from './audit-log.ts';
import { readLimits } from './limits.ts';
import type { LookupCall } from './lookup-call.ts';
import { listProjects } from './projects.ts';
import { readRegionalMode } from './regional-mode.ts';
import { readSecretExpiry } from './secret-expiry.ts';

export interface Lookup extends LookupRow {
  /** Asks about a subject of the row's scope. Throws AtlasError. */
  fetch(call: LookupCall): Promise<Learned>;
}

const hourMs = 60 * 60 * 1000;

export const lookups = {
  /** Names of the projects that the config names: the listings of discovery tell those of the others. */
  names: {
    scope: 'credential',
    asks: ({ source: { api }, isListed }) => api === 'v2' && !isListed,
    firstAfterMs: 0,
    everyMs: hourMs,
    deadlineMs: 5 * 60 * 1000,
    unknown: () => ({}),
    fetch: async ({ get }) => namesOf(await listProjects(get, null)),
  },
  regional_mode: {
    scope: 'project',
    asks: ({ source }) => hasRegionalMode(source),
    // The first polls go first.
    firstAfterMs: 2_000,
    everyMs: hourMs,
    deadlineMs: 30_000,
    unknown: (id) => factsOfProject(id, { regionalMode: null }),
    async fetch({ get, projectId }) {
      return factsOfProject(projectId, { regionalMode: await readRegionalMode(get, projectId) });
    },
  },
  /** Only what private endpoints of clusters run into. */
  limits: {
    scope: 'project',
    asks: ({ source: { kind, api } }) => kind === 'cluster' && api === 'v2',
    // After the regional mode, which says more.
    firstAfterMs: 15_000,
    everyMs: hourMs,
    deadlineMs: 30_000,
    unknown: (id) => factsOfProject(id, { limits: null }),
    fetch: async (call) => factsOfProject(call.projectId, { limits: await readLimits(call) }),
  },
  /** API keys have no end. */
  secret_expiry: {
    scope: 'credential',
    asks: ({ credentialType }) => credentialType === 'serviceAccount',
    // The names come first, because they tell the organization.
    firstAfterMs: 10_000,
    everyMs: 24 * hourMs,
    deadlineMs: 30_000,
    unknown: (name) => factsOfCredential(name, { secretExpiresAt: null }),
    async fetch(call) {
      return factsOfCredential(call.subject, { secretExpiresAt: await readSecretExpiry(call) });
    },
  },
  /** Who made a change: only links have events. */
  audit_log: {
    scope: 'project',
    asks: ({ source: { kind, api } }) => api === 'v2' && hasEvents(kind),
    firstAfterMs: 0,
    everyMs: null,
    deadlineMs: 60_000,
    unknown: () => ({}),
    fetch: async (call) => ({ events: await readAuditLog(call) }),
  },
} as const satisfies Record<string, Lookup>;

export type LookupName = keyof typeof lookups;
