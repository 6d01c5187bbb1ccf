/** Whether a project is in regional mode. */
import { z } from 'zod';
import type { GetJson } from './request.ts';
import { parseOne, segment } from './wire.ts';

const mode = z.object({ enabled: z.boolean() });

/** Taken from the same bucket as the project's private endpoints. Throws AtlasError. */
export async function readRegionalMode(get: GetJson, projectId: string): Promise<boolean> {
  const answer = await get({
    operation: 'get_regional_mode',
    path: `/api/atlas/v2/groups/${segment(projectId)}/privateEndpoint/regionalMode`,
    accept: 'application/vnd.atlas.2023-01-01+json',
    bucket: `v2 privateEndpoint ${projectId}`,
    role: 'Project Read Only',
    place: `project ${projectId}`,
  });
  return parseOne(answer, mode, 'The regional mode').enabled;
}
