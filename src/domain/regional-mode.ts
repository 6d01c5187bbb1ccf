/** Regional mode: whether a project may have several private endpoints for its clusters in one region. Only information. */
import type { Source } from './source.ts';

/** Whom to ask for it, and by which credential. v1.0 cannot be asked by every key, and no other kind knows the mode. */
export function regionalModeCredentials(sources: readonly Source[]): ReadonlyMap<string, string> {
  const asked = sources.filter(({ kind, api }) => kind === 'cluster' && api === 'v2');
  return new Map(asked.map(({ projectId, credential }) => [projectId, credential]));
}
