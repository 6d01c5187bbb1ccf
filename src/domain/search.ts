/** Words that people look for in a connection: the status page's filter and the JSON API's `q` find the same. */
import type { RecordedChange } from './change-log.ts';
import type { Cluster } from './cluster.ts';
import type { Connection } from './snapshot.ts';
import type { Source } from './source.ts';
import type { ProjectView } from './view.ts';

/**
 * Whether each word of `text` (parted by blanks, in any order, letters of any case) stands in one of: the project's name, id
 * and labels, the kind, the cloud, the region, the service's name, and the id, status and message of the connection and of
 * each of its interface endpoints. A text without a word is held by everything.
 */
export function holdsWords(
  text: string,
  project: Named,
  { kind, cloudProvider }: Pick<Source, 'kind' | 'cloudProvider'>,
  connection: Connection,
): boolean {
  return holds(text, () => [
    ...namesOf(project),
    kind,
    cloudProvider,
    connection.cloudProvider,
    connection.id,
    connection.region,
    connection.endpointServiceName,
    connection.connectionName,
    connection.vendor,
    connection.status,
    connection.errorMessage,
    ...connection.interfaceEndpoints.flatMap(({ id, detail }) => [id, detail?.status, detail?.errorMessage]),
  ]);
}

/** The same of a cluster: its name, type, state and regions, and the ids of the endpoints that its strings go through. */
export function holdsClusterWords(text: string, project: Named, { name, ...cluster }: Cluster): boolean {
  return holds(text, () => [
    ...namesOf(project),
    name,
    cluster.type,
    cluster.state,
    ...cluster.regions.flatMap(({ cloudProvider, region }) => [cloudProvider, region]),
    ...cluster.strings.flatMap(({ endpoints }) => endpoints.map(({ id }) => id)),
  ]);
}

/** The same of a change: its ids, words and texts, and the name of its project. */
export function holdsChangeWords(text: string, projectName: string, change: RecordedChange): boolean {
  return holds(text, () => [
    projectName,
    ...Object.values(change).flatMap((value) => (typeof value === 'string' ? [value] : [])),
  ]);
}

type Named = Pick<ProjectView, 'id' | 'name' | 'labels'>;

function namesOf({ id, name, labels }: Named): readonly string[] {
  return [name, id, ...Object.values(labels)];
}

function holds(text: string, told: () => readonly (string | null | undefined)[]): boolean {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const said = told().map((value) => value?.toLowerCase() ?? '');
  return wanted.every((word) => said.some((value) => value.includes(word)));
}
