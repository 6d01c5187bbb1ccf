/** Families of the limits of a project. */
import type { ProjectView } from '../domain/view.ts';
import type { Family } from './family.ts';

const labels = ['atlas_project_id', 'limit'] as const;
const origin = (field: string) => `Source: Atlas API field ${field}, as of the last successful look-up`;

export const limitFamilies: readonly Family<ProjectView>[] = [
  {
    name: 'mongodb_atlas_project_limit',
    help: `How much of what the limit counts the project may have. ${origin('value')}`,
    type: 'gauge',
    labels,
    samples({ id, facts: { limits } }, emit) {
      for (const { limit, value } of limits ?? []) emit([id, limit], value);
    },
  },
  {
    name: 'mongodb_atlas_project_limit_usage',
    help: `How much of what the limit counts the project has. ${origin('currentUsage')}`,
    type: 'gauge',
    labels,
    samples({ id, facts: { limits } }, emit) {
      for (const { limit, usage } of limits ?? []) if (usage !== null) emit([id, limit], usage);
    },
  },
];
