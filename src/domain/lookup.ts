/** Look-ups: facts of a project or credential that change slowly. They are read beside the polls, and are never a source. */
import type { ListedProject } from './listing.ts';
import type { Source } from './source.ts';

/** What look-ups and the listings of discovery tell of a project. */
export interface ProjectFacts {
  /** Atlas' name of the project. */
  readonly name: string;
  readonly orgId: string;
  /** Whether the project may have several private endpoints for its clusters in one region; null when nobody may ask. */
  readonly regionalMode: boolean | null;
}

/** What was learned, by project id. A fact that is left out stays as it was. */
export type Learned = ReadonlyMap<string, Partial<ProjectFacts>>;

/** What a list of projects tells of each. */
export function namesOf(projects: Iterable<ListedProject>): Learned {
  return new Map([...projects].map(({ id, name, orgId }) => [id, { name, orgId }]));
}

/** One row of the table of look-ups, as far as it says whom to ask and when. */
export interface LookupRow {
  /** A project is asked for by its id, and a credential by its name. */
  readonly scope: 'project' | 'credential';
  /** Whether this source makes its project, or its credential, one to be asked. `isListed`: discovery lists the project. */
  asks(source: Source, isListed: boolean): boolean;
  /** How long after a project or credential came it is asked first. */
  readonly firstAfterMs: number;
  readonly everyMs: number;
  /** How long one look-up may take, its wait for a lane included. */
  readonly deadlineMs: number;
  /** What is known of a project that is no longer asked. */
  readonly unknown: Partial<ProjectFacts>;
}

/** Whom a row asks: names of credentials by subject, where a subject is the id of a project or the name of a credential. */
export function subjectsOf(
  row: LookupRow,
  sources: readonly Source[],
  isListed: (projectId: string) => boolean,
): ReadonlyMap<string, string> {
  const asked = sources.filter((source) => row.asks(source, isListed(source.projectId)));
  return new Map(
    asked.map(({ projectId, credential }) => [row.scope === 'project' ? projectId : credential, credential]),
  );
}
