/** A survey of everything that is watched: counts, trouble, and the order of rows and projects. */
import {
  type ClusterStanding,
  clusterStandings,
  isClusterTroubled,
  type StandingCluster,
  standingClusters,
} from '../../domain/cluster-standing.ts';
import { type FleetView, type ProjectStatus, type SourceStatus, toClusterLists } from '../../domain/view.ts';
import { type Row, type Standing, standings } from './standing.ts';

export interface Survey {
  readonly connections: number;
  readonly by: Readonly<Record<Standing, number>>;
  /** All rows, the worst first. Of equal rows the newest is first, because a new failure is why the page is opened. */
  readonly worst: readonly Row[];
  readonly sources: number;
  /** Sources whose last poll failed, or that had no poll for too long. */
  readonly blind: readonly SourceStatus[];
  readonly unpolled: number;
  /** Wall ms of the oldest good poll among the sources that can be read; null when there is none. */
  readonly oldestFresh: number | null;
  /** Projects by name: first those that cannot be read, then those that wait for their first poll, then the others. */
  readonly projects: readonly ProjectStatus[];
  /** The statuses that a filter can choose. */
  readonly statuses: ReadonlySet<string>;
  readonly clouds: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
  /** The lists that are watched: `cluster (AWS, GCP)`. */
  readonly looked: readonly string[];
  /** The clusters that are listed, the worst first, then by project and name. */
  readonly clusters: readonly ClusterRow[];
  readonly clustersTroubled: number;
}

/** One cluster of a project. */
export interface ClusterRow extends StandingCluster {
  readonly project: ProjectStatus;
  readonly source: SourceStatus;
}

export function isBlind({ state: { freshness } }: SourceStatus): boolean {
  return freshness.failure !== null || freshness.stale;
}

export function survey({ at, projects }: FleetView, rows: readonly Row[]): Survey {
  return { ...surveyRows(rows), ...surveySources(projects), ...surveyClusters(projects, at) };
}

const clusterRank = Object.fromEntries(clusterStandings.map((standing, index) => [standing, index])) as Record<
  ClusterStanding,
  number
>;

function surveyClusters(projects: readonly ProjectStatus[], now: number) {
  const clusters = projects.flatMap((project) =>
    toClusterLists(project.sources).flatMap((source) =>
      standingClusters(source, now).map((standing): ClusterRow => ({ ...standing, project, source })),
    ),
  );
  return {
    clusters: clusters.sort(
      (a, b) => clusterRank[a.standing] - clusterRank[b.standing] || compare(a.project.name, b.project.name),
    ),
    clustersTroubled: clusters.filter(({ standing }) => isClusterTroubled(standing)).length,
  };
}

function surveyRows(rows: readonly Row[]) {
  const lists = Object.fromEntries(standings.map((standing) => [standing, [] as Row[]])) as Record<Standing, Row[]>;
  const statuses = new Set<string>();
  const clouds = new Set<string>();
  for (const row of rows) {
    lists[row.standing].push(row);
    clouds.add(row.connection.cloudProvider);
    for (const part of [row.own, ...row.endpoints.map(({ part }) => part)]) {
      if (part && part.unreadable === undefined) statuses.add(part.status);
    }
  }
  for (const standing of standings) {
    if (standing !== 'ready') lists[standing].sort((a, b) => (b.since ?? 0) - (a.since ?? 0));
  }
  return {
    connections: rows.length,
    by: Object.fromEntries(standings.map((standing) => [standing, lists[standing].length])) as Record<Standing, number>,
    worst: standings.flatMap((standing) => lists[standing]),
    statuses,
    clouds,
  };
}

function surveySources(projects: readonly ProjectStatus[]) {
  const blind: SourceStatus[] = [];
  const kinds = new Map<string, Set<string>>();
  let sources = 0;
  let unpolled = 0;
  let oldestFresh: number | null = null;
  const lists: [ProjectStatus[], ProjectStatus[], ProjectStatus[]] = [[], [], []];
  for (const project of projects) {
    let list = lists[2];
    for (const status of project.sources) {
      const { lastSuccess } = status.state.freshness;
      sources += 1;
      const clouds = kinds.get(status.source.kind) ?? new Set();
      kinds.set(status.source.kind, clouds);
      if (status.source.cloudProvider !== '') clouds.add(status.source.cloudProvider);
      if (isBlind(status)) {
        blind.push(status);
        list = lists[0];
      } else if (!lastSuccess) {
        unpolled += 1;
        if (list !== lists[0]) list = lists[1];
      } else {
        oldestFresh = Math.min(oldestFresh ?? lastSuccess.wall, lastSuccess.wall);
      }
    }
    list.push(project);
  }
  for (const list of lists) list.sort((a, b) => compare(a.name, b.name));
  const looked = [...kinds].map(([kind, clouds]) =>
    clouds.size === 0 ? kind : `${kind} (${[...clouds].sort().join(', ')})`,
  );
  return { sources, blind, unpolled, oldestFresh, kinds: new Set(kinds.keys()), looked, projects: lists.flat() };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
