/** The table of look-ups: whom each asks, how often, how it is read and what is learned. A new look-up is a row. */
import { type Learned, type LookupRow, namesOf } from '../../domain/lookup.ts';
import { listProjects } from './projects.ts';
import { readRegionalMode } from './regional-mode.ts';
import type { GetJson } from './sources.ts';

export interface Lookup extends LookupRow {
  /** Asks about a subject of the row's scope. Throws AtlasError. */
  fetch(call: LookupCall): Promise<Learned>;
}

/** Whom a look-up asks about, and how. */
export interface LookupCall {
  readonly get: GetJson;
  /** The id of a project, or the name of a credential. */
  readonly subject: string;
  /** The project, or one of those that the credential reads. */
  readonly projectId: string;
  /** The organization of the project; '' when it is not known. */
  readonly orgId: string;
  /** Public key or client id of the credential. */
  readonly user: string;
  /** Wall ms. */
  readonly now: number;
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
  /** v1.0 cannot be asked by every key, and no other kind knows the mode. */
  regional_mode: {
    scope: 'project',
    asks: ({ source: { kind, api } }) => kind === 'cluster' && api === 'v2',
    // The first polls go first.
    firstAfterMs: 2_000,
    everyMs: hourMs,
    deadlineMs: 30_000,
    unknown: (id) => ({ projects: new Map([[id, { regionalMode: null }]]) }),
    async fetch({ get, projectId }) {
      return { projects: new Map([[projectId, { regionalMode: await readRegionalMode(get, projectId) }]]) };
    },
  },
} as const satisfies Record<string, Lookup>;

export type LookupName = keyof typeof lookups;
