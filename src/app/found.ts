/** What the log says that a start found. */
import { isInTrouble } from '../domain/connection-class.ts';
import type { SourceView } from '../domain/view.ts';

export interface Found {
  readonly projects: number;
  readonly connections: number;
  readonly in_trouble: number;
  /** Lists whose last poll failed. */
  readonly failing_lists: number;
}

export function toFound(projects: number, sources: Iterable<SourceView>): Found {
  const found = { projects, connections: 0, in_trouble: 0, failing_lists: 0 };
  for (const { source, state } of sources) {
    const { api, connections = [] } = state.ledger?.snapshot ?? { api: source.api };
    found.connections += connections.length;
    found.in_trouble += connections.filter((connection) => isInTrouble(source.kind, api, connection)).length;
    if (state.freshness.failure !== null) found.failing_lists += 1;
  }
  return found;
}

/** How often it is asked whether everything was tried, in ms. */
const everyMs = 200;

/** Calls `tell` once everything was restored or tried. It is not called when all was restored: then the start said it. */
export function tellWhenTried(triedAll: () => boolean, tell: () => void): Disposable {
  if (triedAll()) return { [Symbol.dispose]() {} };
  const timer = setInterval(() => {
    if (!triedAll()) return;
    clearInterval(timer);
    tell();
  }, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
