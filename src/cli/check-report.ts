/** The report of `check --online`: one line for each list that can be read, one paragraph for each cause of failure. */
import type { Failure } from '../domain/failure.ts';
import type { Source } from '../domain/source.ts';
import { listsClusters } from '../domain/status.ts';

/** One list that was tried. */
export interface Attempt {
  readonly source: Pick<Source, 'credential' | 'projectId' | 'kind' | 'cloudProvider' | 'schedule'>;
  /** The project's name, or its id. */
  readonly project: string;
  readonly outcome: /** `details`: how many interface endpoints were asked for. */
    | { readonly ok: true; readonly elements: number; readonly details: number }
    | { readonly ok: false; readonly failure: Failure };
}

const mostNamed = 6;

/** What can be read, by credential, kind and cloud. */
export function readableLines(attempts: readonly Attempt[]): readonly string[] {
  const readable = attempts.flatMap(({ source, outcome }) =>
    outcome.ok ? [{ ...source, elements: outcome.elements }] : [],
  );
  const groups = Map.groupBy(readable, (each) => `credential '${each.credential}', ${listOf(each)}`);
  return [...groups].map(([what, lists]) => {
    const elements = lists.reduce((sum, each) => sum + each.elements, 0);
    const noun = lists.every(({ kind }) => listsClusters(kind)) ? 'cluster' : 'connection';
    return `ok: ${what}: ${counted(lists.length, 'project')}, ${counted(elements, noun)}`;
  });
}

/** What cannot be read, by cause: one missing role is one cause, however many projects and lists it hides. */
export function causeLines(attempts: readonly Attempt[], verdict = 'Not ok'): readonly string[] {
  const failed = attempts.flatMap(({ source, project, outcome }) =>
    outcome.ok ? [] : [{ ...source, project, failure: outcome.failure }],
  );
  const groups = Map.groupBy(failed, ({ credential, failure: { reason, detail } }) =>
    JSON.stringify([credential, reason, detail.replaceAll(anyId, '')]),
  );
  return [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap((lists) => {
      const [first] = lists;
      if (!first) return [];
      const { credential, failure } = first;
      const projects = [...new Map(lists.map(({ projectId, project }) => [projectId, project]))];
      const kinds = [...new Set(lists.map(listOf))].join(', ');
      return [
        `${verdict}: credential '${credential}': ${failure.reason}: ${failure.detail}`,
        `  ${counted(lists.length, 'list')} (${kinds}) of ${counted(projects.length, 'project')}: ${named(projects)}`,
        `  ${projects.length === 1 ? failure.remedy : failure.remedy.replace(oneProject, 'each of these projects')}`,
      ];
    });
}

const anyId = /\b[0-9a-f]{24}\b/g;
const oneProject = /project [0-9a-f]{24}\b/;

function named(projects: readonly (readonly [id: string, name: string])[]): string {
  const shown = projects.slice(0, mostNamed).map(([id, name]) => (name === id ? id : `${id} (${name})`));
  const more = projects.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function listOf({ kind, cloudProvider }: Attempt['source']): string {
  return `${kind} ${cloudProvider}`.trimEnd();
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
