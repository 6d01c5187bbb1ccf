/** Which of everything `poll` shows. */
import { type Command, Option } from 'commander';
import { isInTrouble } from '../domain/connection-class.ts';
import type { Connection } from '../domain/snapshot.ts';
import { kinds } from '../domain/status.ts';
import type { FleetView, SourceStatus } from '../domain/view.ts';
import type { Options } from './flags.ts';

export interface PollFilter {
  /** Ids or names; empty for all. */
  readonly projects: readonly string[];
  readonly kinds: readonly string[];
  /** Upper-cased. */
  readonly statuses: readonly string[];
  readonly trouble: boolean;
}

export function filterFlags(command: Command): Command {
  const several = (value: string, before: readonly string[] = []) => [...before, value];
  return command
    .option('--project <id>', 'only this project, by id or name; repeatable', several)
    .addOption(new Option('--kind <kind>', 'only this kind; repeatable').choices(kinds).argParser(several))
    .option('--status <status>', 'only what has this status, or an interface endpoint that has it; repeatable', several)
    .option('--trouble', 'only what is in trouble');
}

export function toFilter({ project, kind, status, trouble }: Options): PollFilter {
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    projects: list(project),
    kinds: list(kind),
    statuses: list(status).map((word) => word.toUpperCase()),
    trouble: trouble === true,
  };
}

/** The view without the connections that were not asked for. Clusters stay: a filter by status is one of connections. */
export function filtered(view: FleetView, { statuses, trouble }: PollFilter): FleetView {
  if (statuses.length === 0 && !trouble) return view;
  const narrow = (status: SourceStatus): SourceStatus => {
    const { source, state } = status;
    const { ledger } = state;
    if (!ledger) return status;
    const { snapshot } = ledger;
    const connections = snapshot.connections.filter(
      (connection) =>
        (statuses.length === 0 || hasStatus(connection, statuses)) &&
        (!trouble || isInTrouble(source.kind, snapshot.api, connection)),
    );
    return { ...status, state: { ...state, ledger: { ...ledger, snapshot: { ...snapshot, connections } } } };
  };
  const projects = view.projects.map((project) => ({ ...project, sources: project.sources.map(narrow) }));
  return { ...view, projects };
}

function hasStatus({ status, interfaceEndpoints }: Connection, wanted: readonly string[]): boolean {
  return [status, ...interfaceEndpoints.map(({ detail }) => detail?.status)].some(
    (word) => word !== undefined && word !== null && wanted.includes(word),
  );
}
