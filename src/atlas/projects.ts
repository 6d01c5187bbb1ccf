/** Projects by pages of 500: names, organisations and discovery read the same list. */
import { z } from 'zod';
import type { ListedProject } from '../domain/listing.ts';
import type { Get } from './client.ts';
import { readPages } from './pages.ts';
import { identifier, nullish } from './wire.ts';

const project = z.object({ id: identifier, name: nullish(z.string()), orgId: nullish(z.string()) });

/** Every project of an organisation, or with null every one that the credential can see. All pages, or it throws. */
export async function listProjects(
  get: (request: Get) => Promise<unknown>,
  organization: string | null,
): Promise<readonly ListedProject[]> {
  const path =
    organization === null ? '/api/atlas/v2/groups' : `/api/atlas/v2/orgs/${encodeURIComponent(organization)}/groups`;
  const request = {
    operation: 'list_projects',
    accept: 'application/vnd.atlas.2023-01-01+json',
    bucket: organization === null ? 'groups' : `orgs/${organization}`,
  };
  const listed = await readPages(
    (query) => get({ ...request, path: `${path}?${query}` }),
    project,
    ({ id }) => id,
  );
  return listed.map(({ id, name, orgId }) => ({ id, name: name ?? id, orgId: orgId ?? organization ?? '' }));
}
