/** Everything that was done to the world, in order: the independent count that durability tests compare with. */
import type { Cloud, OtherKind } from './model.ts';

export type ErrorStep = 'set' | 'changed' | 'reworded' | 'cleared';

export interface HistoryEntry {
  /** From 1, without gaps. */
  readonly revision: number;
  /** Wall ms. */
  readonly at: number;
  readonly kind: 'project' | 'cluster' | OtherKind;
  readonly projectId: string;
  readonly cloud: Cloud | null;
  /** null when the project itself came or went. */
  readonly connectionId: string | null;
  readonly interfaceEndpointId: string | null;
  readonly type: 'added' | 'removed' | 'status' | 'error_message';
  /** Of an error message; `reworded` is what the one who changed it called it, nothing is computed from the texts. */
  readonly change: ErrorStep | null;
  readonly from: string | null;
  readonly to: string | null;
}

/** How often what happened to one connection or interface endpoint. */
export interface Tally {
  added: number;
  removed: number;
  readonly statusEntered: Record<string, number>;
  readonly errorMessage: Record<ErrorStep, number>;
}

export interface WorldHistory {
  /** The number of the newest entry; 0 when nothing happened since the seed. */
  readonly revision: number;
  since(revision: number): readonly HistoryEntry[];
  /** Of one connection, those of its interface endpoints included. */
  of(connectionId: string): readonly HistoryEntry[];
  /** Without the second argument: of the connection itself, its interface endpoints left out. */
  tally(connectionId: string, interfaceEndpointId?: string): Tally;
}

export interface HistoryBook extends WorldHistory {
  record(entry: Omit<HistoryEntry, 'revision'>): void;
  /** Forgets what was recorded: the world of this moment is the baseline. */
  restart(): void;
}

export function createHistory(): HistoryBook {
  let entries: HistoryEntry[] = [];
  const byConnection = new Map<string, HistoryEntry[]>();
  const of = (connectionId: string) => byConnection.get(connectionId) ?? [];
  return {
    get revision() {
      return entries.length;
    },
    since: (revision) => entries.slice(revision),
    of,
    tally: (connectionId, interfaceEndpointId) =>
      tallyOf(of(connectionId).filter((entry) => entry.interfaceEndpointId === (interfaceEndpointId ?? null))),
    record(step) {
      const entry = { revision: entries.length + 1, ...step };
      entries.push(entry);
      if (entry.connectionId === null) return;
      const known = byConnection.get(entry.connectionId);
      if (known === undefined) byConnection.set(entry.connectionId, [entry]);
      else known.push(entry);
    },
    restart() {
      entries = [];
      byConnection.clear();
    },
  };
}

function tallyOf(entries: readonly HistoryEntry[]): Tally {
  const tally: Tally = {
    added: 0,
    removed: 0,
    statusEntered: {},
    errorMessage: { set: 0, changed: 0, reworded: 0, cleared: 0 },
  };
  for (const { type, change, to } of entries) {
    if (type === 'added' || type === 'removed') tally[type] += 1;
    else if (type === 'status') tally.statusEntered[to ?? ''] = (tally.statusEntered[to ?? ''] ?? 0) + 1;
    else if (change !== null) tally.errorMessage[change] += 1;
  }
  return tally;
}
