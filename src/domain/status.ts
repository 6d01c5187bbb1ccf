/**
 * Which status words Atlas uses, by kind and cloud provider, and what each of them means. Adding a kind begins with a
 * row here; the others are the one of `atlas/sources.ts` with its wire schema, and the simulator's. Words: https://www.mongodb.com/docs/atlas/reference/api-resources-spec/v2/ (Private Endpoint Services).
 */

export type CloudProvider = 'AWS' | 'AZURE' | 'GCP';
export type Api = 'v1.0' | 'v2';
export type StatusClass = 'progressing' | 'ready' | 'needs_user' | 'failed' | 'deleting' | 'unknown';

type Statuses = Readonly<Record<string, StatusClass>>;

interface KindRow {
  /** One source for each: the clouds that Atlas lists apart, or '' where one list holds every cloud. */
  readonly lists: readonly (CloudProvider | '')[];
  /** What an element of the list is: connections, or clusters with their private connection strings. */
  readonly elements: 'connections' | 'clusters';
  /** Which schedule of a project its lists are read on: that of clusters is slow. */
  readonly schedule: 'schedule' | 'slowSchedule';
  /** For how long a connection may be progressing until it is stuck: more than twice of what is usual. */
  readonly stuckAfterMinutes: number;
  readonly connection: Statuses;
  /** Empty where connections of the kind have no interface endpoints of their own. */
  readonly interfaceEndpoint: Readonly<Partial<Record<CloudProvider, Statuses>>>;
}

/** What a word that Atlas invents later is shown as. */
export const OTHER = 'OTHER';

const azureInterfaceEndpoint: Statuses = {
  INITIATING: 'progressing',
  AVAILABLE: 'ready',
  FAILED: 'failed',
  DELETING: 'deleting',
};

/** A connection that the customer approves in the cloud console: PENDING_ACCEPTANCE waits for that; elsewhere it waits for Atlas. */
const approvedByUser: Statuses = {
  INITIATING: 'progressing',
  PENDING_ACCEPTANCE: 'needs_user',
  ACTIVE: 'ready',
  FAILED: 'failed',
  PENDING_RECREATION: 'progressing',
  DELETING: 'deleting',
};

const KINDS = {
  cluster: {
    lists: ['AWS', 'AZURE', 'GCP'],
    elements: 'connections',
    schedule: 'schedule',
    stuckAfterMinutes: 60,
    connection: {
      INITIATING: 'progressing',
      WAITING_FOR_USER: 'needs_user',
      AVAILABLE: 'ready',
      FAILED: 'failed',
      DELETING: 'deleting',
    },
    interfaceEndpoint: {
      AWS: {
        NONE: 'needs_user',
        PENDING_ACCEPTANCE: 'progressing',
        PENDING: 'progressing',
        AVAILABLE: 'ready',
        REJECTED: 'failed',
        DELETING: 'deleting',
        FAILED: 'failed',
      },
      AZURE: azureInterfaceEndpoint,
      GCP: {
        ...azureInterfaceEndpoint,
        VERIFIED: 'progressing',
        DELETED: 'deleting',
      },
    },
  },
  connection_strings: {
    lists: [''],
    elements: 'clusters',
    schedule: 'slowSchedule',
    stuckAfterMinutes: 60,
    connection: {},
    interfaceEndpoint: {},
  },
  managed_connection_strings: {
    lists: [''],
    elements: 'connections',
    schedule: 'slowSchedule',
    stuckAfterMinutes: 60,
    connection: { PENDING: 'progressing', AVAILABLE: 'ready', FAILED: 'failed' },
    interfaceEndpoint: {},
  },
  data_federation: {
    lists: [''],
    elements: 'connections',
    schedule: 'schedule',
    stuckAfterMinutes: 60,
    connection: { PENDING: 'progressing', OK: 'ready', FAILED: 'failed', DELETING: 'deleting' },
    interfaceEndpoint: {},
  },
  streams: {
    lists: [''],
    elements: 'connections',
    schedule: 'schedule',
    // Half an hour, and a little more, when all is well.
    stuckAfterMinutes: 120,
    connection: {
      IDLE: 'progressing',
      WORKING: 'progressing',
      DONE: 'ready',
      FAILED: 'failed',
      DELETE_REQUESTED: 'deleting',
      DELETING: 'deleting',
    },
    interfaceEndpoint: {},
  },
  encryption_at_rest: {
    lists: ['AWS', 'AZURE'],
    elements: 'connections',
    schedule: 'schedule',
    stuckAfterMinutes: 60,
    connection: approvedByUser,
    interfaceEndpoint: {},
  },
  backup: {
    lists: ['AWS'],
    elements: 'connections',
    schedule: 'schedule',
    stuckAfterMinutes: 60,
    connection: approvedByUser,
    interfaceEndpoint: {},
  },
} as const satisfies Record<string, KindRow>;

export type Kind = keyof typeof KINDS;
export const kinds = Object.keys(KINDS) as readonly Kind[];

/** What a single list of this kind holds: one entry for each source that a project has of it. */
export function listsOf(kind: Kind): readonly (CloudProvider | '')[] {
  return KINDS[kind].lists;
}

/** Whether the lists of the kind hold clusters instead of connections. */
export function listsClusters(kind: Kind): boolean {
  return KINDS[kind].elements === 'clusters';
}

/** Kinds whose lists hold connections. */
export type ConnectionKind = {
  [K in Kind]: (typeof KINDS)[K]['elements'] extends 'connections' ? K : never;
}[Kind];
export const connectionKinds = kinds.filter((kind): kind is ConnectionKind => !listsClusters(kind));

/** Which schedule of a project the lists of the kind are read on. */
export function scheduleOf(kind: Kind): KindRow['schedule'] {
  return KINDS[kind].schedule;
}

/** How long a connection of the kind may be progressing until somebody should look at it. */
export function stuckAfterMs(kind: Kind): number {
  return KINDS[kind].stuckAfterMinutes * 60_000;
}

/** Every status that is shown for connections of the kind, OTHER last. */
export function connectionStatuses(kind: Kind): readonly string[] {
  return shown(KINDS[kind].connection);
}

/** Every status that is shown for interface endpoints of the kind in one cloud, OTHER last. */
export function interfaceEndpointStatuses(kind: Kind, cloudProvider: string): readonly string[] {
  return shown(interfaceEndpointWords(kind, cloudProvider));
}

/** The word itself where the kind knows it, else OTHER. */
export function shownStatus(statuses: readonly string[], status: string): string {
  return statuses.includes(status) ? status : OTHER;
}

/**
 * What the status of a connection means. `WAITING_FOR_USER` is the healthy end state on v1.0 once an interface endpoint is
 * attached (v1.0 has no `AVAILABLE`), and on v2 once one is ready; until then it waits for the user.
 */
export function connectionClass(
  kind: Kind,
  api: Api,
  status: string,
  interfaceEndpoints: number,
  readyInterfaceEndpoints = 0,
): StatusClass {
  const enough = api === 'v1.0' ? interfaceEndpoints : readyInterfaceEndpoints;
  if (status === 'WAITING_FOR_USER' && enough > 0) return 'ready';
  return classOf(KINDS[kind].connection, status);
}

/** What the status of an interface endpoint means. */
export function interfaceEndpointClass(kind: Kind, cloudProvider: string, status: string): StatusClass {
  return classOf(interfaceEndpointWords(kind, cloudProvider), status);
}

function interfaceEndpointWords(kind: Kind, cloudProvider: string): Statuses {
  const row: KindRow = KINDS[kind];
  const byCloud: Readonly<Record<string, Statuses>> = row.interfaceEndpoint;
  return (Object.hasOwn(byCloud, cloudProvider) ? byCloud[cloudProvider] : undefined) ?? noWords;
}

const noWords: Statuses = {};
const shownByTable = new WeakMap<Statuses, readonly string[]>();

/** The same array for the same table, so that a scrape of 30,000 connections does not build 30,000 of them. */
function shown(table: Statuses): readonly string[] {
  const known = shownByTable.get(table);
  if (known) return known;
  const statuses = [...Object.keys(table), OTHER];
  shownByTable.set(table, statuses);
  return statuses;
}

function classOf(table: Statuses, status: string): StatusClass {
  return Object.hasOwn(table, status) ? (table[status] ?? 'unknown') : 'unknown';
}
