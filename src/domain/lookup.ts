/** Look-ups: facts of a project or credential that change slowly. They are read beside the polls, and are never a source. */
import type { AuditEvent } from './author.ts';
import type { CredentialState } from './credential.ts';
import type { ListedProject } from './listing.ts';
import type { Source } from './source.ts';

/** What look-ups and the listings of discovery tell of a project. A new fact is a field here, and null while nobody may ask. */
export interface ProjectFacts {
  /** Atlas' name of the project. */
  readonly name: string;
  readonly orgId: string;
  /** Whether the project may have several private endpoints for its clusters in one region; null when nobody may ask. */
  readonly regionalMode: boolean | null;
  /** Of private links; null when nobody may ask. */
  readonly limits: readonly ProjectLimit[] | null;
}

/** Values of the label `limit`. */
export type LimitName = 'nodes_per_private_link_region' | 'private_service_connections_per_region_group';

export interface ProjectLimit {
  readonly limit: LimitName;
  readonly value: number;
  /** null when Atlas does not tell. */
  readonly usage: number | null;
}

/** What look-ups tell of a credential. */
export interface CredentialFacts {
  /** Wall ms; null when nobody may ask, or no secret ends. */
  readonly secretExpiresAt: number | null;
}

/** What was learned, by id of a project and name of a credential. A fact that is left out stays as it was. */
export interface Learned {
  readonly projects?: ReadonlyMap<string, Partial<ProjectFacts>>;
  readonly credentials?: ReadonlyMap<string, Partial<CredentialFacts>>;
  /** What the audit log told of a project. */
  readonly events?: readonly AuditEvent[];
}

/** What one answer tells of a project. */
export function factsOfProject(id: string, facts: Partial<ProjectFacts>): Learned {
  return { projects: new Map([[id, facts]]) };
}

/** What one answer tells of a credential. */
export function factsOfCredential(name: string, facts: Partial<CredentialFacts>): Learned {
  return { credentials: new Map([[name, facts]]) };
}

/** Whether the project of a source is asked for its regional mode: v1.0 cannot be asked by every key, and no other kind knows it. */
export function hasRegionalMode({ kind, api }: Pick<Source, 'kind' | 'api'>): boolean {
  return kind === 'cluster' && api === 'v2';
}

/** What a list of projects tells of each. */
export function namesOf(projects: Iterable<ListedProject>): Learned {
  return { projects: new Map([...projects].map(({ id, name, orgId }) => [id, { name, orgId }])) };
}

/** Facts with the news in them: the same object when nothing is news, so that whoever shows them sees it at a glance. */
export function withNews<F extends object>(facts: F, news: F): F {
  const after = { ...facts, ...news };
  return JSON.stringify(after) === JSON.stringify(facts) ? facts : after;
}

/** What is learned of several things together. */
export function together(first: Learned, second: Learned): Learned {
  return {
    projects: joined(first.projects, second.projects),
    credentials: joined(first.credentials, second.credentials),
  };
}

type News<F> = ReadonlyMap<string, Partial<F>>;

function joined<F>(first: News<F> = new Map(), second: News<F> = new Map()): News<F> {
  const all = new Map(first);
  for (const [id, facts] of second) all.set(id, { ...all.get(id), ...facts });
  return all;
}

/** What decides whether a source makes its project, or its credential, one to be asked. */
export interface Askable {
  readonly source: Source;
  /** Whether discovery lists the project. */
  readonly isListed: boolean;
  readonly credentialType: CredentialState['type'];
}

/** One row of the table of look-ups, as far as it says whom to ask and when. */
export interface LookupRow {
  /** A project is asked for by its id, and a credential by its name. */
  readonly scope: 'project' | 'credential';
  asks(askable: Askable): boolean;
  /** How long after a project or credential came it is asked first. */
  readonly firstAfterMs: number;
  /** null: it is not asked by time, but after a change of the project. */
  readonly everyMs: number | null;
  /** How long one look-up may take once it has a lane. */
  readonly deadlineMs: number;
  /** What is known of a subject that is no longer asked. */
  unknown(subject: string): Learned;
}

/** One thing to ask for. */
export interface LookupQuestion<Name = string> {
  readonly lookup: Name;
  /** The id of a project, or the name of a credential. */
  readonly subject: string;
  readonly credential: string;
  /** The project, or one of those that the credential reads. */
  readonly projectId: string;
  /** Since when events are asked for, in wall ms; only after a change. */
  readonly since?: number;
}

/** How a look-up is going: whether none of the last ones failed. Only of look-ups that are asked. */
export interface LookupState {
  readonly lookup: string;
  readonly up: boolean;
}

/** What a row asks, each subject once. */
export function questionsOf<Name extends string>(
  lookup: Name,
  row: LookupRow,
  askables: readonly Askable[],
): readonly LookupQuestion<Name>[] {
  const asked = askables.filter((askable) => row.asks(askable));
  const questions = asked.map(({ source: { projectId, credential } }): LookupQuestion<Name> => {
    const subject = row.scope === 'project' ? projectId : credential;
    return { lookup, subject, credential, projectId };
  });
  return [...new Map(questions.map((question) => [question.subject, question])).values()];
}
