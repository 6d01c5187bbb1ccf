/** The limits of a project that private links run into. */
import { z } from 'zod';
import type { LimitName, ProjectLimit } from '../../domain/lookup.ts';
import type { LookupCall } from './lookup-call.ts';
import { nullish, parseElements, segment } from './wire.ts';

/** Atlas' names of limits, and ours. */
const names: ReadonlyMap<string, LimitName> = new Map([
  ['atlas.project.deployment.nodesPerPrivateLinkRegion', 'nodes_per_private_link_region'],
  ['atlas.project.deployment.privateServiceConnectionsPerRegionGroup', 'private_service_connections_per_region_group'],
]);
const limit = z.object({ name: z.string(), value: z.unknown().optional(), currentUsage: z.unknown().optional() });
const count = z.number().min(0);

/** Only limits of private links. Throws AtlasError. */
export async function readLimits({ get, projectId }: LookupCall): Promise<readonly ProjectLimit[]> {
  const answer = await get({
    operation: 'list_limits',
    path: `/api/atlas/v2/groups/${segment(projectId)}/limits`,
    accept: 'application/vnd.atlas.2023-01-01+json',
    bucket: `v2 limits ${projectId}`,
    role: 'Project Read Only',
    place: `project ${projectId}`,
  });
  const listed = (await parseElements(answer, limit)).flatMap(({ name, ...told }) => {
    const known = names.get(name);
    return known === undefined ? [] : [{ limit: known, ...told }];
  });
  const counts = z.object({ limit: z.custom<LimitName>(), value: count, currentUsage: nullish(count) });
  return (await parseElements(listed, counts)).map(({ currentUsage, ...told }) => ({ ...told, usage: currentUsage }));
}
