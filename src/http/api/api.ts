/** The JSON API: the facts of the status page, in the words of the metrics. Lists are made while they are sent. */

import { writtenAuthors } from '../../domain/audit.ts';
import { findChanges, type RecordedChange } from '../../domain/change-log.ts';
import { classOfConnection, classOfInterfaceEndpoint } from '../../domain/connection-class.ts';
import type { ConnectionHistory } from '../../domain/histories.ts';
import { holdsChangeWords, holdsWords } from '../../domain/search.ts';
import type { Connection, InterfaceEndpoint } from '../../domain/snapshot.ts';
import { sunsetAt } from '../../domain/sunset.ts';
import type { FleetView, ProjectStatus, SourceStatus } from '../../domain/view.ts';
import type { Answers } from '../answers.ts';
import type { JsonFields } from './json.ts';
import type { ChangesRequest, ListQuery } from './query.ts';
import { formatRfc3339 } from './rfc3339.ts';

/**
 * One page of connections in the order of project, kind, cloud provider and id. `next` is the `after` of the page that
 * follows, null on the last. `failing_sources`: of everything asked for, on every page, because what a failing source
 * says is old.
 */
export function toConnectionsJson(view: FleetView, query: ListQuery): JsonFields {
  const { projectId } = query;
  const projects = view.projects
    .filter(({ id }) => projectId === undefined || id === projectId)
    .sort((a, b) => compare(a.id, b.id));
  function* every() {
    for (const { project, status, connection } of everyConnection(projects)) {
      if (!isAskedFor(project, status, connection, query)) continue;
      yield { cursor: cursorOf(status, connection), json: () => connectionJson(project, status, connection) };
    }
  }
  const { page, next } = onePage(every, query);
  return { at: formatRfc3339(view.at), connections: page, failing_sources: () => failingSources(projects), next };
}

/** The elements after the cursor `after`, as many as asked for; `next` is the cursor of the page that follows. */
export function onePage(
  every: () => Iterable<{ readonly cursor: string; readonly json: () => object }>,
  { after, limit }: Pick<ListQuery, 'after' | 'limit'>,
) {
  let next: string | null = null;
  function* page(): Generator<object> {
    let count = 0;
    let last: string | null = null;
    for (const { cursor, json } of every()) {
      if (count === 0 && after !== undefined && cursor <= after) continue;
      if (count === limit) {
        next = last;
        return;
      }
      yield json();
      count += 1;
      last = cursor;
    }
  }
  return { page, next: () => next };
}

export function* failingSources(projects: readonly ProjectStatus[]): Generator<object> {
  for (const { sources } of projects) for (const source of sources.filter(isFailing)) yield failingSourceJson(source);
}

/**
 * Oldest first: `next` is the `since` to go on with, also later; null while there never was a change. Newest first: `next`
 * is the `before` of the older changes; null when there are none. `nameOf`: the name of a project, or its id.
 */
export async function toChangesJson(
  changes: Answers['changes'],
  { log, status, words }: ChangesRequest,
  nameOf: (projectId: string) => string,
): Promise<JsonFields> {
  const isAll = status === undefined && words === undefined;
  const matches = (change: RecordedChange) =>
    (status === undefined || hadStatus(change, status.toUpperCase())) &&
    (words === undefined || holdsChangeWords(words, nameOf(change.atlas_project_id), change));
  const { found, next } = await findChanges(changes, log, isAll ? null : matches);
  function* shown(): Generator<object> {
    for (const { id, at, not_before, ...rest } of found) {
      const { atlas_project_id, by: _, ...place } = rest;
      const project_name = nameOf(atlas_project_id);
      const moments = { at: formatRfc3339(at), not_before: toMoment(not_before) };
      yield { id, ...moments, atlas_project_id, project_name, ...place, ...writtenAuthors(rest) };
    }
  }
  return { changes: shown, next };
}

/** Whether a thing entered or left a status. Messages are no statuses. */
function hadStatus({ type, from, to }: RecordedChange, wanted: string): boolean {
  return ['added', 'removed', 'status'].includes(type) && (from === wanted || to === wanted);
}

function isAskedFor(
  project: ProjectStatus,
  { source }: SourceStatus,
  connection: Connection,
  { status, words }: ListQuery,
): boolean {
  return (
    (status === undefined || hasStatus(connection, status.toUpperCase())) &&
    (words === undefined || holdsWords(words, project, source, connection))
  );
}

/** What cannot be read has a status that nobody knows. */
function hasStatus(connection: Connection, wanted: string): boolean {
  const { status, unreadable, interfaceEndpoints } = connection;
  return (
    (unreadable === undefined && status === wanted) ||
    interfaceEndpoints.some((endpoint) => endpoint.unreadable === undefined && endpoint.detail?.status === wanted)
  );
}

function* everyConnection(projects: readonly ProjectStatus[]) {
  for (const project of projects) {
    for (const status of project.sources.toSorted((a, b) => compare(a.source.key, b.source.key))) {
      for (const connection of status.state.ledger?.snapshot.connections ?? []) yield { project, status, connection };
    }
  }
}

function cursorOf({ source }: SourceStatus, { id }: Connection): string {
  return `${source.key}/${id}`;
}

function isFailing({ state: { freshness } }: SourceStatus): boolean {
  return freshness.failure !== null || freshness.stale;
}

function failingSourceJson({ source, state: { freshness }, nextPollAt }: SourceStatus): object {
  return {
    atlas_project_id: source.projectId,
    kind: source.kind,
    cloud_provider: source.cloudProvider,
    credential: source.credential,
    reason: freshness.failure?.reason ?? null,
    detail: freshness.failure?.detail ?? null,
    remedy: freshness.failure?.remedy ?? null,
    stale: freshness.stale,
    as_of: toMoment(freshness.lastSuccess?.wall),
    next_poll_at: toMoment(nextPollAt),
  };
}

function connectionJson(project: ProjectStatus, { source, state }: SourceStatus, connection: Connection): object {
  const { id, interfaceEndpoints, cloudProvider, unreadable } = connection;
  const readable = unreadable === undefined;
  const history = state.ledger?.histories.find((entry) => entry.id === id);
  const api = state.ledger?.snapshot.api ?? source.api;
  return {
    atlas_project_id: project.id,
    project_name: project.name,
    kind: source.kind,
    cloud_provider: source.cloudProvider,
    connection_id: id,
    connection_cloud_provider: cloudProvider,
    atlas_region: connection.region,
    endpoint_service_name: connection.endpointServiceName,
    connection_name: connection.connectionName ?? null,
    vendor: connection.vendor ?? null,
    remote_regions: connection.remoteRegions ?? null,
    unreadable: unreadable ?? null,
    status: readable ? connection.status : null,
    status_class: classOfConnection(source.kind, api, connection),
    status_since: readable ? toMoment(history?.statusSince) : null,
    error_message: readable ? connection.errorMessage : null,
    sunset: connection.sunset ?? null,
    sunset_at: toMoment(connection.sunset && sunsetAt(connection.sunset)),
    interface_endpoints: interfaceEndpoints.map((endpoint) =>
      interfaceEndpointJson(endpoint, source.kind, cloudProvider, history),
    ),
    as_of: toMoment(state.freshness.lastSuccess?.wall),
    stale: state.freshness.stale,
  };
}

/** One that is known by its id only, or cannot be read, has null for everything else. */
function interfaceEndpointJson(
  endpoint: InterfaceEndpoint,
  kind: SourceStatus['source']['kind'],
  cloudProvider: Connection['cloudProvider'],
  history: ConnectionHistory | undefined,
): object {
  const { key, id, unreadable } = endpoint;
  const past = history?.interfaceEndpoints.find((entry) => entry.key === key);
  const detail = unreadable === undefined ? endpoint.detail : null;
  return {
    interface_endpoint_id: past?.id ?? id,
    unreadable: unreadable ?? null,
    connection_name: detail?.connectionName ?? null,
    status: detail?.status ?? null,
    status_class: detail || unreadable !== undefined ? classOfInterfaceEndpoint(kind, cloudProvider, endpoint) : null,
    status_since: detail ? toMoment(past?.statusSince) : null,
    error_message: detail?.errorMessage ?? null,
    members: detail?.members ?? null,
    failed_members: detail?.members ? (detail.failedMembers ?? []) : null,
    delete_requested: detail ? detail.deleteRequested === true : null,
  };
}

export function toMoment(wall: number | null | undefined): string | null {
  return wall === null || wall === undefined ? null : formatRfc3339(wall);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
