/** What the requests of all lists share. */
import type { Source } from '../../domain/source.ts';
import type { Get } from '../http/client.ts';

export type GetJson = (request: Get) => Promise<unknown>;

/** The role that lists of clusters and links need. */
export const readOnly = 'Project Read Only';

/** The bucket and role of a request about a project. */
export function ofProject({ projectId }: Source, bucket: string, role: string) {
  return { bucket: `${bucket} ${projectId}`, role, place: `project ${projectId}` };
}

/** `version`: a date, or `preview`. */
export function acceptOf(version: string): string {
  return `application/vnd.atlas.${version}+json`;
}
