/** Pieces of PromQL that panels are put together from. Nothing here depends on the recording rules. */

/** What the variables of a dashboard let through. */
export const chosen = 'job=~"$job", instance=~"$instance"';

/** The labels of a source, and of a connection or interface endpoint. */
export const sourceLabels = 'atlas_project_id, kind, cloud_provider';
export const thingLabels = `${sourceLabels}, connection_id, interface_endpoint_id`;

/** A family of the exporter. `where`: further matchers. */
export function exporter(family: string, where = ''): string {
  return `mongodb_atlas_exporter_${family}{${matchers(chosen, where)}}`;
}

export interface Scope {
  /** Further matchers of everything that belongs to a project. */
  readonly where: string;
}

export const everywhere: Scope = { where: '' };
export const oneProject: Scope = { where: 'atlas_project_id=~"$project_id"' };

export function project({ where }: Scope, family: string): string {
  return `mongodb_atlas_project_${family}{${matchers(chosen, where)}}`;
}

export function connection({ where }: Scope, family: string, further = ''): string {
  return `mongodb_atlas_private_endpoint_connection_${family}{${matchers(chosen, where, further)}}`;
}

export function interfaceEndpoint({ where }: Scope, family: string, further = ''): string {
  return `mongodb_atlas_private_endpoint_interface_endpoint_${family}{${matchers(chosen, where, further)}}`;
}

export function source({ where }: Scope, family: string): string {
  return exporter(`source_${family}`, where);
}

/** The family of connections and that of interface endpoints; `over` puts a function around each of them. */
export function both(
  scope: Scope,
  family: string,
  further = '',
  over: (series: string) => string = (series) => series,
): string {
  return `${over(connection(scope, family, further))} or ${over(interfaceEndpoint(scope, family, further))}`;
}

/** One value for each label set, whichever pods say it. */
export function maxBy(labels: string, series: string): string {
  return `max by (${labels}) (${series})`;
}
export function minBy(labels: string, series: string): string {
  return `min by (${labels}) (${series})`;
}

/** 0 where there is nothing to count. */
export function count(series: string): string {
  return `count(${series}) or vector(0)`;
}

/** With the name of the project beside its id. */
export function named(scope: Scope, series: string): string {
  const names = `topk by (atlas_project_id) (1, ${maxBy('atlas_project_id, project_name', project(scope, 'info'))})`;
  return `(${series}) * on (atlas_project_id) group_left (project_name) ${names}`;
}

/** Not ready, or with an error message. */
export function broken(scope: Scope): string {
  const notReady = `${maxBy(thingLabels, both(scope, 'ready'))} == 0`;
  const withError = `${maxBy(thingLabels, both(scope, 'error'))} == 1`;
  return `(${notReady} or ${withError})`;
}

export type Condition = 'ready' | 'progressing' | 'waiting' | 'deleting' | 'failed' | 'unknown';

/** How conditions are told apart in one number, for timelines. */
export const codes: Readonly<Record<Condition, number>> = {
  ready: 1,
  progressing: 2,
  waiting: 3,
  deleting: 4,
  failed: 5,
  unknown: 6,
};

/** Atlas accepts an interface endpoint by itself; a connection whose acceptance is pending waits for a person. */
const words: Readonly<Record<Exclude<Condition, 'ready'>, string>> = {
  progressing: 'INITIATING|PENDING|VERIFIED|IDLE|WORKING|PENDING_RECREATION',
  waiting: 'WAITING_FOR_USER|NONE',
  deleting: 'DELETING|DELETED|DELETE_REQUESTED',
  failed: 'FAILED|REJECTED',
  unknown: 'OTHER',
};

/** The condition of each thing as its code: what is ready is ready, whatever its status is called. */
export function condition(scope: Scope, of: (scope: Scope, family: string, further?: string) => string): string {
  const coded = Object.entries(words).map(([name, statuses]) => {
    const present = `${of(scope, 'status', `status=~"${statuses}"`)} == 1`;
    return `${codes[name as Condition]} * (${present})`;
  });
  const accepting = of === connection ? codes.waiting : codes.progressing;
  coded.push(`${accepting} * (${of(scope, 'status', 'status="PENDING_ACCEPTANCE"')} == 1)`);
  const ready = `${codes.ready} * (${maxBy(thingLabels, of(scope, 'ready'))} == 1)`;
  return `${ready} or ${maxBy(thingLabels, coded.join(' or '))}`;
}

function matchers(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
