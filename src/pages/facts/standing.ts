/** The standing of a connection: the worst of its own status and the statuses of its interface endpoints. */

import { type ClustersOn, clustersOn } from '../../domain/cluster-standing.ts';
import { classOfConnection, classOfInterfaceEndpoint } from '../../domain/connection-class.ts';
import { failedMembers } from '../../domain/connection-notes.ts';
import type { ConnectionHistory, History } from '../../domain/histories.ts';
import type { Ledger } from '../../domain/ledger.ts';
import type { Connection, InterfaceEndpoint } from '../../domain/snapshot.ts';
import { type StatusClass, stuckAfterMs } from '../../domain/status.ts';
import { type FleetView, type ProjectStatus, type SourceStatus, toClusterLists } from '../../domain/view.ts';
import { yieldTurns } from '../../domain/yield-turn.ts';
import type { Span } from './words.ts';

/** All standings, the worst first. */
export const standings = [
  'failed',
  'error',
  'member_failed',
  'needs_user',
  'stuck',
  'unreadable',
  'unknown',
  'moving',
  'ready',
] as const;
export type Standing = (typeof standings)[number];

export const standingWords: Readonly<Record<Standing, string>> = {
  failed: 'Failed',
  error: 'Error message',
  member_failed: 'Member failed',
  needs_user: 'Waiting for you',
  stuck: 'Stuck',
  unreadable: 'Not readable',
  unknown: 'Unknown status',
  moving: 'In progress',
  ready: 'Ready',
};

const rank = Object.fromEntries(standings.map((standing, index) => [standing, index])) as Record<Standing, number>;

/** Whether a standing needs the attention of an operator. */
export function isTroubled(standing: Standing): boolean {
  return rank[standing] < rank.moving;
}

/** A part with a status: a connection, or one of its interface endpoints. */
export interface Part {
  readonly status: string;
  readonly errorMessage: string | null;
  readonly statusClass: StatusClass;
  /** undefined too while it cannot be read: then nobody knows since when it is as it is. */
  readonly history: History | undefined;
  /** Whether a member of the group failed, of an interface endpoint of Google Cloud. */
  readonly memberFailed?: boolean;
  /** Why the last poll could not read it. */
  readonly unreadable?: string;
}

export interface EndpointPart {
  readonly endpoint: InterfaceEndpoint;
  /** null when only the id of the endpoint is known. */
  readonly part: Part | null;
}

/** One connection with its standing. */
export interface Row {
  readonly project: ProjectStatus;
  readonly source: SourceStatus;
  readonly connection: Connection;
  readonly own: Part;
  readonly endpoints: readonly EndpointPart[];
  readonly standing: Standing;
  /** When the standing was first seen, in wall ms; null when it is not known. */
  readonly since: number | null;
  /** The part that gives the standing: the connection itself, or one of its interface endpoints. */
  readonly worst: Part;
  readonly byEndpoint: boolean;
  /** The clusters that hang on it: null where they are not known, undefined where nobody watches them. */
  readonly clusters: readonly string[] | null | undefined;
}

type Facts = Pick<Row, 'connection' | 'own' | 'endpoints' | 'clusters'>;

const minutes = 60_000;
/** The time in progress after which an interface endpoint is stuck. That of a connection depends on its kind. */
const endpointStuckAfterMs = 30 * minutes;
const deletingStuckAfterMs = 120 * minutes;

/** Sources that are read before the event loop may run a scrape. */
const sourcesAtOnce = 2_000;

/** A row for every connection of the view. Rows are not cached: 30,000 take a tenth of a second, and pages are rare. */
export async function toRows({ at, projects }: FleetView): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let sources = 0;
  for (const project of projects) {
    const hanging = clustersOn(toClusterLists(project.sources));
    for (const source of project.sources) {
      sources += 1;
      if (sources % sourcesAtOnce === 0) await yieldTurns();
      const { ledger } = source.state;
      if (!ledger) continue;
      for (const facts of toFacts(source, ledger, hanging)) rows.push(toRow(project, source, facts, at));
    }
  }
  return rows;
}

function toFacts(
  { source }: SourceStatus,
  { snapshot, histories }: Ledger,
  hanging: ClustersOn | null,
): readonly Facts[] {
  const past = new Map<string, ConnectionHistory>(histories.map((history) => [history.id, history]));
  return snapshot.connections.map((connection) => {
    const { id, interfaceEndpoints, cloudProvider } = connection;
    const history = past.get(id);
    const statusClass = classOfConnection(source.kind, snapshot.api, connection);
    const endpoints = interfaceEndpoints.map((endpoint): EndpointPart => {
      const { key, detail, unreadable } = endpoint;
      if (!detail && unreadable === undefined) return { endpoint, part: null };
      const its = history?.interfaceEndpoints.find((entry) => entry.key === key);
      const itsClass = classOfInterfaceEndpoint(source.kind, cloudProvider, endpoint);
      const part = toPart(detail, itsClass, its, unreadable);
      return { endpoint, part: detail && failedMembers(detail) > 0 ? { ...part, memberFailed: true } : part };
    });
    const own = toPart(connection, statusClass, history, connection.unreadable);
    const clusters = source.kind === 'cluster' ? hanging?.(connection) : undefined;
    return { connection, own, endpoints, clusters };
  });
}

/** What was last known of a thing that cannot be read is no part of how it stands. */
function toPart(
  facts: { readonly status: string | null; readonly errorMessage: string | null } | null,
  statusClass: StatusClass,
  history: History | undefined,
  unreadable: string | undefined,
): Part {
  if (unreadable !== undefined) {
    return { status: 'unreadable', errorMessage: null, statusClass, history: undefined, unreadable };
  }
  return { status: facts?.status ?? '', errorMessage: facts?.errorMessage ?? null, statusClass, history };
}

function toRow(project: ProjectStatus, source: SourceStatus, facts: Facts, now: number): Row {
  const { connection, own, endpoints, clusters } = facts;
  let standing = partStanding(own, now, stuckAfterMs(source.source.kind));
  let worst = own;
  for (const { part } of endpoints) {
    if (!part || isWell(part)) continue;
    const its = partStanding(part, now, endpointStuckAfterMs);
    if (rank[its] >= rank[standing]) continue;
    standing = its;
    worst = part;
  }
  // The object is written out, because copying `facts` costs time with 30,000 rows.
  return {
    project,
    source,
    connection,
    own,
    endpoints,
    standing,
    since: standingSince(worst, standing),
    worst,
    byEndpoint: worst !== own,
    clusters,
  };
}

/** Whether a part is ready, has no error message, and no member of it failed. */
export function isWell({ statusClass, errorMessage, memberFailed }: Part): boolean {
  return statusClass === 'ready' && errorMessage === null && !memberFailed;
}

/** The standing of a part by itself. `slowMs` is the time that progress may take. */
function partStanding(part: Part, now: number, slowMs: number): Standing {
  const { statusClass, errorMessage, history, unreadable, memberFailed } = part;
  if (unreadable !== undefined) return 'unreadable';
  if (statusClass === 'failed') return 'failed';
  if (errorMessage !== null) return 'error';
  if (memberFailed) return 'member_failed';
  switch (statusClass) {
    case 'ready':
    case 'needs_user':
    case 'unknown':
      return statusClass;
    default: {
      const limit = statusClass === 'deleting' ? deletingStuckAfterMs : slowMs;
      return history && now - history.statusSince > limit ? 'stuck' : 'moving';
    }
  }
}

function standingSince({ history }: Part, standing: Standing): number | null {
  if (!history) return null;
  // Nobody is told when a member failed.
  if (standing === 'member_failed') return null;
  return standing === 'error' ? errorSpan(history).at : history.statusSince;
}

/** When the standing of a row began; null when it is not known. */
export function sinceSpan({ worst: { history }, standing }: Pick<Row, 'worst' | 'standing'>): Span | null {
  if (!history || standing === 'member_failed') return null;
  return standing === 'error' ? errorSpan(history) : statusSpan(history);
}

export function statusSpan({ statusSince, statusNotBefore }: History): Span {
  return { at: statusSince, notBefore: statusNotBefore ?? null };
}

/** An error message is as old as its last `set`. One that was there at the first poll is as old as the status. */
export function errorSpan({ errorChangedAt: { set }, errorNotBefore, statusSince }: History): Span {
  return set === undefined ? { at: statusSince, notBefore: null } : { at: set, notBefore: errorNotBefore ?? null };
}
