/** Private endpoints of Atlas' other features in the simulated world. */
import type { Random } from '../random.ts';
import type { Mutable, WorldBook } from './book.ts';
import type { Cloud, OtherEndpoint, OtherKind, SimulatedProject } from './model.ts';
import { regionName } from './names.ts';
import { otherKinds } from './other-kinds.ts';

export interface OtherEndpointOptions {
  readonly kind: OtherKind;
  readonly id?: string;
  readonly cloud?: Cloud;
  readonly region?: string | null;
  /** null leaves the field out of the answer. */
  readonly status?: string | null;
  readonly errorMessage?: string | null;
  /** Further fields of the answer, or others for its own; undefined leaves a field out. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface OtherEndpointActs {
  addOtherEndpoint(project: SimulatedProject, options: OtherEndpointOptions): OtherEndpoint;
  removeOtherEndpoint(otherEndpoint: OtherEndpoint): void;
}

export function createOtherEndpointActs(book: WorldBook, random: Random): OtherEndpointActs {
  const { projects, present, recordAdded, recordRemoved } = book;
  return {
    addOtherEndpoint(project, options) {
      const found = present(project);
      const kind = otherKinds[options.kind];
      const cloud = options.cloud ?? 'AWS';
      const otherEndpoint: OtherEndpoint = {
        type: 'other',
        id: options.id ?? kind.newId(cloud, random),
        kind: options.kind,
        projectId: project.id,
        cloud,
        region: options.region === undefined ? regionName(cloud, 0) : options.region,
        status: options.status === undefined ? kind.ready : options.status,
        errorMessage: options.errorMessage ?? null,
        fields: options.fields ?? {},
      };
      found.otherEndpoints = [...project.otherEndpoints, otherEndpoint];
      recordAdded(otherEndpoint);
      return otherEndpoint;
    },
    removeOtherEndpoint(otherEndpoint) {
      present(otherEndpoint);
      const project = projects.get(otherEndpoint.projectId) as Mutable<SimulatedProject>;
      project.otherEndpoints = project.otherEndpoints.filter((other) => other !== otherEndpoint);
      recordRemoved(otherEndpoint);
    },
  };
}
