/** The book of the simulated world: its things by id, and one entry of history for each change. */
import type { AuditLog } from './audit-log.ts';
import type { ErrorStep, HistoryBook } from './history.ts';
import type { SimulatedConnection, SimulatedProject, Thing } from './model.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface WorldBook {
  readonly projects: Map<string, SimulatedProject>;
  readonly connections: Map<string, SimulatedConnection>;
  now(): number;
  /** The thing, to be changed. Throws when it is not in the world any more. */
  present<T extends Thing | SimulatedProject>(thing: T): Mutable<T>;
  recordProject(project: SimulatedProject, type: 'added' | 'removed'): void;
  recordAdded(thing: Thing): void;
  recordRemoved(thing: Thing): void;
  recordStatus(thing: Thing, from: string | null, to: string): void;
  recordDeletionAsked(thing: Thing): void;
  recordEvent(projectId: string, type: string): void;
  /** `step` is what the caller calls the change; it follows from the two texts when left out. */
  recordError(thing: Thing, from: string | null, to: string | null, step?: ErrorStep): void;
}

export function createBook(history: HistoryBook, audit: AuditLog, now: () => number): WorldBook {
  const projects = new Map<string, SimulatedProject>();
  const connections = new Map<string, SimulatedConnection>();

  const record = (thing: Thing, type: 'added' | 'removed' | 'status', from: string | null, to: string | null) =>
    history.record({ at: now(), ...placeOf(thing), type, change: null, from, to });

  const audited = (thing: Thing, what: 'CREATED' | 'DELETED') => {
    const subject = eventSubjectOf(thing);
    if (subject !== null) audit.record(thing.projectId, `${subject}_${what}`);
  };

  const lookUp = (thing: Thing | SimulatedProject): Thing | SimulatedProject | undefined => {
    if (!('type' in thing)) return projects.get(thing.id);
    switch (thing.type) {
      case 'connection':
        return connections.get(thing.id);
      case 'interface_endpoint':
        return connections.get(thing.connectionId)?.interfaceEndpoints.find((other) => other === thing);
      case 'other':
        return projects.get(thing.projectId)?.otherEndpoints.find((other) => other === thing);
    }
  };

  const present = <T extends Thing | SimulatedProject>(thing: T): Mutable<T> => {
    if (lookUp(thing) !== thing) throw new Error(`'${thing.id}' is not in the simulated world (any more)`);
    return thing;
  };

  const recordError: WorldBook['recordError'] = (thing, from, to, step) => {
    const change = step ?? (from === null ? 'set' : to === null ? 'cleared' : 'changed');
    history.record({ at: now(), ...placeOf(thing), type: 'error_message', change, from, to });
  };

  return {
    projects,
    connections,
    now,
    present,
    recordProject: (project, type) =>
      history.record({ at: now(), ...nowhere, kind: 'project', projectId: project.id, type }),
    recordAdded(thing) {
      record(thing, 'added', null, thing.status);
      audited(thing, 'CREATED');
      if (thing.errorMessage !== null) recordError(thing, null, thing.errorMessage);
    },
    recordRemoved(thing) {
      record(thing, 'removed', thing.status, null);
      if (!wasAsked(thing)) audited(thing, 'DELETED');
    },
    recordStatus(thing, from, to) {
      record(thing, 'status', from, to);
      if (to === 'DELETING') audited(thing, 'DELETED');
    },
    recordDeletionAsked: (thing) => audited(thing, 'DELETED'),
    recordEvent: audit.record,
    recordError,
  };
}

/** How events of the audit log call a thing; null of what has none there. */
function eventSubjectOf(thing: Thing): string | null {
  if (thing.type === 'connection') return 'ENDPOINT_SERVICE';
  if (thing.type === 'interface_endpoint') return 'INTERFACE_ENDPOINT';
  return thing.kind === 'encryption_at_rest' ? 'ENCRYPTION_AT_REST_PRIVATE_ENDPOINT' : null;
}

/** Whether its removal was asked for before: that is the event, and its end is none. */
function wasAsked(thing: Thing): boolean {
  return thing.status === 'DELETING' || (thing.type === 'interface_endpoint' && thing.deleteRequested);
}

const nowhere = { cloud: null, connectionId: null, interfaceEndpointId: null, change: null, from: null, to: null };

function placeOf(thing: Thing) {
  return {
    kind: thing.type === 'other' ? thing.kind : ('cluster' as const),
    projectId: thing.projectId,
    cloud: thing.cloud,
    connectionId: thing.type === 'interface_endpoint' ? thing.connectionId : thing.id,
    interfaceEndpointId: thing.type === 'interface_endpoint' ? thing.id : null,
  };
}
