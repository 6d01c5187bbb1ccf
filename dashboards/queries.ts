/**
 * Pieces of PromQL that panels are put together from. What is asked of a moment reads the exporter's own series; what is asked
 * of a range reads records of the rules, because a range of all series of a large estate would be read in minutes.
 */

/** What tells one exporter from another, by the variables of a dashboard. */
export const chosen = 'cluster=~"$cluster", job=~"$job"';

/** The labels of a source, of a cluster, and of a connection or interface endpoint. */
export const sourceLabels = 'atlas_project_id, kind, cloud_provider';
export const clusterLabels = 'atlas_project_id, cluster_name';
export const thingLabels = `${sourceLabels}, connection_id, interface_endpoint_id`;

const ofProjects = 'atlas_project_id=~"$project"';
const ofLists = 'kind=~"$kind", cloud_provider=~"$cloud"';
/** Nobody is of another team than any. */
const otherTeams = `mongodb_atlas_project_info{${chosen}, team!~"$team"}`;

function ofTeam(series: string): string {
  return `${series} unless on (atlas_project_id) ${otherTeams}`;
}

/** A family or record of what belongs to a list of a project. `where`: further matchers; `over`: a function of a range of it. */
export function listed(name: string, where = '', range = '', over = ''): string {
  return `(${ofTeam(`${over}(${name}{${matchers(chosen, ofProjects, ofLists, where)}}${range})`)})`;
}

/** How often it was within each step of a range, of a record that counts since the evaluation before. */
export function counted(record: string): string {
  return listed(record, '', '[$__interval]', 'sum_over_time');
}

export function project(family: string, where = ''): string {
  return `(${ofTeam(`mongodb_atlas_project_${family}{${matchers(chosen, ofProjects, where)}}`)})`;
}

/**
 * A record of whole estates while all projects are chosen, else the family that it was counted from: a record has no label of
 * projects, and an id followed by something is no id.
 */
export function summed(record: string, family: string): string {
  const whole = `${record}{${matchers(chosen, ofLists, 'atlas_project_id=~"$project", team=~"$team"')}}`;
  const some = listed(family, 'atlas_project_id!~"$project$team.+"');
  return `${whole} or ${some}`;
}

/** A family of clusters: they are behind links, and in none of their lists. */
export function cluster(family: string, where = ''): string {
  return `(${ofTeam(`mongodb_atlas_cluster_${family}{${matchers(chosen, ofProjects, where)}}`)})`;
}

/** A family of the exporter itself, of the process that is chosen. */
export function exporter(family: string, where = ''): string {
  return `mongodb_atlas_exporter_${family}{${matchers(ofProcess, where)}}`;
}
export const ofProcess = `${chosen}, instance=~"$instance"`;

export function connection(family: string, further = ''): string {
  return listed(`mongodb_atlas_private_endpoint_connection_${family}`, further);
}
export function interfaceEndpoint(family: string, further = ''): string {
  return listed(`mongodb_atlas_private_endpoint_interface_endpoint_${family}`, further);
}
export function source(family: string): string {
  return listed(`mongodb_atlas_exporter_source_${family}`);
}

/** What probers found of hosts and ports; their job is not the exporter's. */
export function probed(): string {
  return `(${ofTeam('probe_success{atlas_project_id=~"$project", cloud_provider=~"$cloud|", cluster_name!=""}')})`;
}
export function regionReady(): string {
  const where = matchers(chosen, ofProjects, 'cloud_provider=~"$cloud"');
  return `(${ofTeam(`mongodb_atlas_cluster_region_private_endpoint_ready{${where}}`)})`;
}

/** The family of connections and that of interface endpoints. */
export function both(family: string, further = ''): string {
  return `${connection(family, further)} or ${interfaceEndpoint(family, further)}`;
}

/** One value for each label set, whichever pods say it. */
export function maxBy(labels: string, series: string): string {
  return `max by (${labels}) (${series})`;
}
function minBy(labels: string, series: string): string {
  return `min by (${labels}) (${series})`;
}

/** Lists that were not read well when they were last tried, or never. */
export const unread = `(${maxBy(sourceLabels, source('up'))} == 0 or ${maxBy(sourceLabels, source('last_success_timestamp_seconds'))} == 0)`;

/**
 * How many there are. Where there are none: 0 if every list could be read, -1 if some could not, and nothing without any list.
 */
export function count(series: string): string {
  const lists = `count(${source('up')})`;
  return `count(${series}) or (0 * ${lists} unless on () count${unread}) or 0 * ${lists} - 1`;
}

/** The same of clusters, which one list of each project tells of. */
export function countOfClusters(series: string): string {
  const ofList = (family: string) => listed(`mongodb_atlas_exporter_source_${family}`, 'kind="connection_strings"');
  const lists = `count(${ofList('up')})`;
  const unreadOnes = `(${maxBy('atlas_project_id', ofList('up'))} == 0)`;
  return `count(${series}) or (0 * ${lists} unless on () count${unreadOnes}) or 0 * ${lists} - 1`;
}

/**
 * Clusters that have no private connection string and should: one of their regions has a private endpoint, or a string went
 * within a day. Their value is 0.
 */
const meantForLinks = `(${maxBy(clusterLabels, cluster('region_private_endpoint_ready'))} == 1 or ${maxBy(clusterLabels, cluster('private_connection_string_last_change_timestamp_seconds', 'change="removed"'))} > time() - 86400)`;
const answersNobody = `(${maxBy(clusterLabels, cluster('paused'))} == 1 or ${maxBy(clusterLabels, cluster('state', 'state="DELETING"'))} == 1)`;
export const cutOff = `(${maxBy(clusterLabels, cluster('private_connection_strings'))} == 0 and on (${clusterLabels}) ${meantForLinks} unless on (${clusterLabels}) ${answersNobody})`;

/** Alerts of what is chosen; those of no project are of all. */
export const alerts = `(${ofTeam(
  `ALERTS{${matchers('alertname=~"AtlasPrivateEndpoint.+"', 'alertstate="firing"', chosen, 'atlas_project_id=~"$project|"', 'kind=~"$kind|"', 'cloud_provider=~"$cloud|"')}}`,
)})`;

const names = `topk by (atlas_project_id) (1, ${maxBy('atlas_project_id, project_name', `mongodb_atlas_project_info{${chosen}}`)})`;

/** With the name of the project beside its id; `labels`: what tells the rows apart. */
export function named(series: string, labels = `${thingLabels}, alertname, severity, credential`): string {
  return `((${series}) * on (atlas_project_id) group_left (project_name) ${names} or on (${labels}) (${series}))`;
}

/** The same of what the lists tell, which is dear: it stands there once, because every list has a project. */
export function namedOfLists(series: string): string {
  const nameless = `0 * ${maxBy('atlas_project_id', source('up'))} + 1`;
  return `(${series}) * on (atlas_project_id) group_left (project_name) (${names} or on (atlas_project_id) ${nameless})`;
}

/** With status and error message beside it. It stands there once, because each thing with a status says whether it has a message. */
export function described(series: string): string {
  const one = (labels: string, of: string) => `topk by (${thingLabels}) (1, ${maxBy(`${thingLabels}, ${labels}`, of)})`;
  const statuses = one('status', `(${both('status')}) == 1`);
  const messages = one('error_message', both('error_info'));
  const silent = `0 * ${maxBy(thingLabels, both('error'))} + 1`;
  return `(${series}) * on (${thingLabels}) group_left (status) ${statuses} * on (${thingLabels}) group_left (error_message) (${messages} or on (${thingLabels}) ${silent})`;
}

/** Not ready, or with an error message. */
export const broken = `(${maxBy(thingLabels, both('ready'))} == 0 or ${maxBy(thingLabels, both('error'))} == 1)`;

/** For how many seconds it is in its status. */
export function age(series = both('status_since_timestamp_seconds')): string {
  return `(time() - ${minBy(thingLabels, series)})`;
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
export function condition(of: (family: string, further?: string) => string): string {
  const coded = Object.entries(words).map(([name, statuses]) => {
    const present = `${of('status', `status=~"${statuses}"`)} == 1`;
    return `${codes[name as Condition]} * (${present})`;
  });
  const accepting = of === connection ? codes.waiting : codes.progressing;
  coded.push(`${accepting} * (${of('status', 'status="PENDING_ACCEPTANCE"')} == 1)`);
  const ready = `${codes.ready} * (${maxBy(thingLabels, of('ready'))} == 1)`;
  return `${ready} or ${maxBy(thingLabels, coded.join(' or '))}`;
}

function matchers(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
