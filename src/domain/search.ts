/** Words that people look for in a connection: the status page's filter and the JSON API's `q` find the same. */
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
  project: Pick<ProjectView, 'id' | 'name' | 'labels'>,
  { kind, cloudProvider }: Pick<Source, 'kind' | 'cloudProvider'>,
  connection: Connection,
): boolean {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return true;
  const said = [
    project.name,
    project.id,
    ...Object.values(project.labels),
    kind,
    cloudProvider,
    connection.cloudProvider,
    connection.id,
    connection.region,
    connection.endpointServiceName,
    connection.status,
    connection.errorMessage,
    ...connection.interfaceEndpoints.flatMap(({ id, detail }) => [id, detail?.status, detail?.errorMessage]),
  ].map((value) => value?.toLowerCase() ?? '');
  return wanted.every((word) => said.some((value) => value.includes(word)));
}
