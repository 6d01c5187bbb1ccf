/** Projects by pages of 500: names, organisations and discovery read the same list. */
import { z } from 'zod';
import type { ListedProject } from '../../domain/listing.ts';
import { type ListLimits, readPages } from './pages.ts';
import type { GetJson } from './request.ts';
import { nullish, parseElements, segment, shortText } from './wire.ts';

const id = z.string().regex(/^[0-9a-f]{24}$/i);
/** 100,000 projects, which ten shards can watch, have 60 MB. */
const limits: ListLimits = { elements: 200_000, bytes: 128 * 1024 * 1024 };
const project = z.object({ id, name: nullish(shortText), orgId: nullish(shortText) });

/** Every project of an organization, or with null every one that the credential can see. All pages, or it throws. */
export async function listProjects(get: GetJson, organization: string | null): Promise<readonly ListedProject[]> {
  const of =
    organization === null
      ? { path: 'groups', role: 'Project Read Only', place: 'at least one project' }
      : {
          path: `orgs/${segment(organization)}/groups`,
          // Organization Member reaches only the projects that it was added to.
          role: 'Organization Read Only',
          place: `organization ${organization}`,
          missing: {
            reason: 'invalid_response' as const,
            remedy: `Check the id of organization ${organization}: Atlas does not know it`,
          },
        };
  const request = {
    ...of,
    operation: 'list_projects',
    accept: 'application/vnd.atlas.2023-01-01+json',
    bucket: of.path,
  };
  const listed = await readPages(
    (query, received) => get({ ...request, path: `/api/atlas/v2/${of.path}?${query}`, received }),
    (elements) => parseElements(elements, project),
    (element) => element.id,
    limits,
  );
  return listed.map(({ id, name, orgId }) => ({ id, name: name ?? id, orgId: orgId ?? organization ?? '' }));
}
