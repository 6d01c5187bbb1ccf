/** One simulated operation: what its row says, and what its answer may know. */
import type { Reply } from './errors.ts';
import type { AtlasWorld } from './world/atlas-world.ts';
import type { SimulatedProject } from './world/model.ts';

export interface OperationCall {
  readonly world: AtlasWorld;
  /** The path's variables, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Whether the account was added to the project, or sees all. */
  mayRead(project: SimulatedProject): boolean;
  readonly origin: string;
}

/** A body to be sent as JSON, or a whole reply. */
export type Answered = { readonly json: unknown } | { readonly reply: Reply };

export interface Operation {
  readonly name: string;
  /** Matches the path before anything in it is decoded. */
  readonly pattern: RegExp;
  /** '' for v1.0, which has no versions. */
  readonly version: string;
  readonly role: 'read' | 'owner' | 'any' | 'org';
  /** null: no bucket, and no headers that tell of one. */
  readonly bucket: string | null;
  readonly javaMethod: string;
  answer(asked: OperationCall): Answered;
}

/** A variable of a path: 24 hex digits. */
export const id = '([0-9a-f]{24})';
export const v2 = '/api/atlas/v2';

export function json(value: unknown): Answered {
  return { json: value };
}

export function pathPattern(source: string): RegExp {
  return new RegExp(`^${source}$`);
}

export function projectOf({ world, path: [projectId = ''] }: OperationCall): SimulatedProject | undefined {
  return world.projects.get(projectId);
}
