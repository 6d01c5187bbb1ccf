/** The simulated world: everything that Atlas knows, and every change that can be made to it. */
import type { Random } from '../random.ts';
import { type AuditLog, createAuditLog } from './audit-log.ts';
import { createBook } from './book.ts';
import { type ClusterActs, createClusterActs } from './clusters.ts';
import { type ConnectionActs, createConnectionActs } from './connections.ts';
import type { HistoryBook, WorldHistory } from './history.ts';
import { createInterfaceEndpointActs, type InterfaceEndpointActs } from './interface-endpoints.ts';
import type { SimulatedConnection, SimulatedProject, SimulatedSecret } from './model.ts';
import { createOtherEndpointActs, type OtherEndpointActs } from './other-endpoints.ts';
import { createProjectActs, type ProjectActs } from './projects.ts';
import { createThingActs, type ThingActs } from './things.ts';

/** Every change goes into the history; a change of a thing that is gone throws. */
export interface AtlasWorld
  extends ProjectActs,
    ClusterActs,
    ConnectionActs,
    InterfaceEndpointActs,
    OtherEndpointActs,
    ThingActs {
  readonly history: WorldHistory;
  readonly audit: AuditLog;
  /** The organization of projects that name none. */
  readonly orgId: string;
  /** How long after its last region got a ready endpoint a cluster gets its string. */
  readonly stringDelayMs: number;
  now(): number;
  /** In the order in which they were made, as `/groups` lists them. */
  readonly projects: ReadonlyMap<string, SimulatedProject>;
  readonly connections: ReadonlyMap<string, SimulatedConnection>;
  /** By client id. */
  readonly secrets: Map<string, readonly SimulatedSecret[]>;
}

export interface WorldOptions {
  readonly history: HistoryBook;
  readonly random: Random;
  readonly orgId: string;
  /** 0 when left out. */
  readonly stringDelayMs?: number;
  now(): number;
}

export function createWorld({ history, random, orgId, stringDelayMs = 0, now }: WorldOptions): AtlasWorld {
  const audit = createAuditLog(now);
  const book = createBook(history, audit, now);
  return {
    history,
    audit,
    orgId,
    stringDelayMs,
    now,
    projects: book.projects,
    connections: book.connections,
    secrets: new Map(),
    ...createProjectActs(book, random, orgId),
    ...createClusterActs(book, random),
    ...createConnectionActs(book, random),
    ...createInterfaceEndpointActs(book, random),
    ...createOtherEndpointActs(book, random),
    ...createThingActs(book),
  };
}
