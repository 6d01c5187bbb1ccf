import type { Project } from './project.ts';
import { ownsProject, type Shard, wholeEstate } from './shard.ts';
import { type Source, sourceKey } from './source.ts';
import { type Api, listsOf, scheduleOf } from './status.ts';

export interface Wishes {
  readonly api: Api;
  /** Projects that the config names. They win over discovered ones with the same id. */
  readonly configured: readonly Project[];
  /** Projects that discovery listed. */
  readonly discovered: readonly Project[];
  readonly interfaceEndpoints: boolean;
  /** Whose share of the projects it is; all of them when left out. */
  readonly shard?: Shard;
}

export interface Plan {
  readonly projects: readonly Project[];
  readonly sources: readonly Source[];
}

/** Who is watched, and as which sources, in the order of project ids. */
export function plan({ api, configured, discovered, interfaceEndpoints, shard = wholeEstate }: Wishes): Plan {
  const byId = new Map([...discovered, ...configured].map((project) => [project.id, project]));
  const mine = [...byId.values()].filter(({ id }) => ownsProject(id, shard));
  const projects = mine.sort((a, b) => (a.id < b.id ? -1 : 1));
  const sources = projects.flatMap((project) =>
    project.kinds.flatMap((kind) =>
      listsOf(kind)
        .filter((cloudProvider) => cloudProvider === '' || project.providers.includes(cloudProvider))
        .map((cloudProvider): Source => {
          const { id: projectId, credential } = project;
          const schedule = project[scheduleOf(kind)];
          const key = sourceKey(projectId, kind, cloudProvider);
          return {
            key,
            projectId,
            kind,
            cloudProvider,
            api,
            credential,
            schedule,
            interfaceEndpoints,
          };
        }),
    ),
  );
  return { projects, sources };
}
