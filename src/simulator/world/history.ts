/** The history of the world: every change in order. Durability tests compare the exporter's counts with it. */
import type { Cloud, OtherKind } from './model.ts';

export type ErrorStep = 'set' | 'changed' | 'reworded' | 'cleared';

export interface HistoryEntry {
  /** Counted from 1, without gaps. */
  readonly revision: number;
  /** Wall ms. */
  readonly at: number;
  readonly kind: 'project' | 'cluster' | OtherKind;
  readonly projectId: string;
  readonly cloud: Cloud | null;
  /** null for a change of the project itself. */
  readonly connectionId: string | null;
  readonly interfaceEndpointId: string | null;
  readonly type: 'added' | 'removed' | 'status' | 'error_message';
  /** The change of an error message. `reworded` is what its caller said; nothing is computed from the texts. */
  readonly change: ErrorStep | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface WorldHistory {
  /** The revision of the newest entry; 0 when there is none. */
  readonly revision: number;
  since(revision: number): readonly HistoryEntry[];
  /** The entries of one connection and its interface endpoints. */
  of(connectionId: string): readonly HistoryEntry[];
}

export interface HistoryBook extends WorldHistory {
  record(entry: Omit<HistoryEntry, 'revision'>): void;
}

export function createHistory(): HistoryBook {
  const entries: HistoryEntry[] = [];
  const byConnection = new Map<string, HistoryEntry[]>();
  const of = (connectionId: string) => byConnection.get(connectionId) ?? [];
  return {
    get revision() {
      return entries.length;
    },
    since: (revision) => entries.slice(revision),
    of,
    record(step) {
      const entry = { revision: entries.length + 1, ...step };
      entries.push(entry);
      if (entry.connectionId === null) return;
      const known = byConnection.get(entry.connectionId);
      if (known === undefined) byConnection.set(entry.connectionId, [entry]);
      else known.push(entry);
    },
  };
}
