import type { Random } from '../random.ts';
import type { ErrorStep, HistoryBook, WorldHistory } from './history.ts';
import type {
  Cloud,
  Member,
  OtherEndpoint,
  OtherKind,
  SimulatedConnection,
  SimulatedInterfaceEndpoint,
  SimulatedProject,
  Thing,
} from './model.ts';
import { newInterfaceEndpointId, privateAddress, regionName } from './names.ts';
import { otherKinds } from './other-kinds.ts';

export interface ProjectOptions {
  readonly id?: string;
  readonly name?: string;
  readonly orgId?: string;
  readonly regionalMode?: boolean;
}

export interface ConnectionOptions {
  readonly id?: string;
  readonly cloud?: Cloud;
  readonly region?: string;
  /** `AVAILABLE` when left out. Any word will be told as it is. */
  readonly status?: string;
  readonly errorMessage?: string | null;
  /** Whether the link service has a name; by default that follows from the status. */
  readonly built?: boolean;
  readonly portMapped?: boolean;
}

export interface InterfaceEndpointOptions {
  readonly id?: string;
  readonly status?: string;
  readonly errorMessage?: string | null;
  /** GCP: how many forwarding rules; 3 when left out, 1 when ports are mapped. */
  readonly members?: number;
}

export interface OtherEndpointOptions {
  readonly kind: OtherKind;
  readonly id?: string;
  readonly cloud?: Cloud;
  readonly region?: string | null;
  readonly status?: string | null;
  readonly errorMessage?: string | null;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** All that Atlas knows. Every change goes into the history; a change of something that is gone throws. */
export interface AtlasWorld {
  readonly history: WorldHistory;
  /** In the order in which they were made, as `/groups` lists them. */
  readonly projects: ReadonlyMap<string, SimulatedProject>;
  readonly connections: ReadonlyMap<string, SimulatedConnection>;
  addProject(options?: ProjectOptions): SimulatedProject;
  renameProject(project: SimulatedProject, name: string): void;
  setRegionalMode(project: SimulatedProject, enabled: boolean): void;
  /** Afterwards Atlas answers 404 `GROUP_NOT_FOUND`; its connections are not counted as removed. */
  removeProject(project: SimulatedProject): void;
  addConnection(project: SimulatedProject, options?: ConnectionOptions): SimulatedConnection;
  removeConnection(connection: SimulatedConnection): void;
  attach(connection: SimulatedConnection, options?: InterfaceEndpointOptions): SimulatedInterfaceEndpoint;
  /** Only that: real Atlas would remove a service with its last endpoint. */
  detach(interfaceEndpoint: SimulatedInterfaceEndpoint): void;
  /** The members of a GCP group follow. */
  setStatus(thing: Thing, status: string): void;
  setErrorMessage(thing: Thing, text: string | null): void;
  /** Sets the same message in other words: only the history tells it from `setErrorMessage`. */
  reword(thing: Thing, text: string): void;
  /** Another spelling of the id of the same interface endpoint. */
  respell(interfaceEndpoint: SimulatedInterfaceEndpoint, id: string): void;
  requestDeletion(interfaceEndpoint: SimulatedInterfaceEndpoint): void;
  setMember(interfaceEndpoint: SimulatedInterfaceEndpoint, name: string, status: string): void;
  addOtherEndpoint(project: SimulatedProject, options: OtherEndpointOptions): OtherEndpoint;
  removeOtherEndpoint(otherEndpoint: OtherEndpoint): void;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface WorldOptions {
  readonly history: HistoryBook;
  readonly random: Random;
  readonly orgId: string;
  now(): number;
}

export function createWorld({ history, random, orgId, now }: WorldOptions): AtlasWorld {
  const projects = new Map<string, SimulatedProject>();
  const connections = new Map<string, SimulatedConnection>();

  const record = (thing: Thing, type: 'added' | 'removed' | 'status', from: string | null, to: string | null) =>
    history.record({ at: now(), ...placeOf(thing), type, change: null, from, to });

  const recordError = (thing: Thing, from: string | null, to: string | null, step?: ErrorStep) => {
    const change = step ?? (from === null ? 'set' : to === null ? 'cleared' : 'changed');
    history.record({ at: now(), ...placeOf(thing), type: 'error_message', change, from, to });
  };

  const recordAdded = (thing: Thing) => {
    record(thing, 'added', null, thing.status);
    if (thing.errorMessage !== null) recordError(thing, null, thing.errorMessage);
  };

  const recordProject = (project: SimulatedProject, type: 'added' | 'removed') =>
    history.record({ at: now(), ...nowhere, kind: 'project', projectId: project.id, type });

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

  const setError = (thing: Thing, text: string | null, step?: ErrorStep) => {
    const found = present(thing);
    const from = thing.errorMessage;
    if (from === text) return;
    found.errorMessage = text;
    recordError(thing, from, text, step);
  };

  return {
    history,
    projects,
    connections,
    addProject(options = {}) {
      const id = options.id ?? random.hex(24);
      if (projects.has(id)) throw new Error(`The simulated world has a project '${id}' already`);
      const project: SimulatedProject = {
        id,
        name: options.name ?? `project-${id.slice(0, 6)}`,
        orgId: options.orgId ?? orgId,
        created: now(),
        regionalMode: options.regionalMode ?? false,
        connections: [],
        otherEndpoints: [],
      };
      projects.set(id, project);
      recordProject(project, 'added');
      return project;
    },
    renameProject(project, name) {
      present(project).name = name;
    },
    setRegionalMode(project, enabled) {
      present(project).regionalMode = enabled;
    },
    removeProject(project) {
      present(project);
      projects.delete(project.id);
      for (const { id } of project.connections) connections.delete(id);
      recordProject(project, 'removed');
    },
    addConnection(project, options = {}) {
      const found = present(project);
      const cloud = options.cloud ?? 'AWS';
      const status = options.status ?? 'AVAILABLE';
      const connection: SimulatedConnection = {
        type: 'connection',
        id: options.id ?? random.hex(24),
        projectId: project.id,
        cloud,
        region:
          options.region ?? regionName(cloud, project.connections.filter((other) => other.cloud === cloud).length),
        status,
        errorMessage: options.errorMessage ?? null,
        built: options.built ?? (status !== 'INITIATING' && status !== 'FAILED'),
        portMapped: options.portMapped ?? false,
        interfaceEndpoints: [],
      };
      if (connections.has(connection.id)) {
        throw new Error(`The simulated world has a connection '${connection.id}' already`);
      }
      connections.set(connection.id, connection);
      found.connections = [...project.connections, connection];
      recordAdded(connection);
      return connection;
    },
    removeConnection(connection) {
      present(connection);
      const project = projects.get(connection.projectId) as Mutable<SimulatedProject>;
      for (const interfaceEndpoint of connection.interfaceEndpoints) {
        record(interfaceEndpoint, 'removed', interfaceEndpoint.status, null);
      }
      connections.delete(connection.id);
      project.connections = project.connections.filter((other) => other !== connection);
      record(connection, 'removed', connection.status, null);
    },
    attach(connection, options = {}) {
      const found = present(connection);
      const id = options.id ?? newInterfaceEndpointId(connection.cloud, random);
      const status = options.status ?? 'AVAILABLE';
      const interfaceEndpoint: SimulatedInterfaceEndpoint = {
        type: 'interface_endpoint',
        id,
        connectionId: connection.id,
        projectId: connection.projectId,
        cloud: connection.cloud,
        status,
        errorMessage: options.errorMessage ?? null,
        deleteRequested: status === 'DELETING',
        members: membersOf(connection, id, status, options.members),
      };
      found.interfaceEndpoints = [...connection.interfaceEndpoints, interfaceEndpoint];
      recordAdded(interfaceEndpoint);
      return interfaceEndpoint;
    },
    detach(interfaceEndpoint) {
      present(interfaceEndpoint);
      const connection = connections.get(interfaceEndpoint.connectionId) as Mutable<SimulatedConnection>;
      connection.interfaceEndpoints = connection.interfaceEndpoints.filter((other) => other !== interfaceEndpoint);
      record(interfaceEndpoint, 'removed', interfaceEndpoint.status, null);
    },
    setStatus(thing, status) {
      const found = present(thing);
      const from = thing.status;
      if (from === status) return;
      found.status = status;
      if (found.type === 'connection') found.built ||= status === 'AVAILABLE' || status === 'WAITING_FOR_USER';
      if (found.type === 'interface_endpoint') {
        found.deleteRequested ||= status === 'DELETING';
        found.members = found.members.map((member) => ({ ...member, status: memberStatus(status) }));
      }
      record(thing, 'status', from, status);
    },
    setErrorMessage: (thing, text) => setError(thing, text),
    reword: (thing, text) => setError(thing, text, 'reworded'),
    respell(interfaceEndpoint, id) {
      present(interfaceEndpoint).id = id;
    },
    requestDeletion(interfaceEndpoint) {
      present(interfaceEndpoint).deleteRequested = true;
    },
    setMember(interfaceEndpoint, name, status) {
      const found = present(interfaceEndpoint);
      found.members = found.members.map((member) => (member.name === name ? { ...member, status } : member));
    },
    addOtherEndpoint(project, options) {
      const found = present(project);
      const kind = otherKinds[options.kind];
      const cloud = options.cloud ?? 'AWS';
      const otherEndpoint: OtherEndpoint = {
        type: 'other',
        id: options.id ?? kind.newId(cloud, random),
        kind: options.kind,
        projectId: project.id,
        cloud,
        region: options.region === undefined ? regionName(cloud, 0) : options.region,
        status: options.status === undefined ? kind.ready : options.status,
        errorMessage: options.errorMessage ?? null,
        fields: options.fields ?? {},
      };
      found.otherEndpoints = [...project.otherEndpoints, otherEndpoint];
      recordAdded(otherEndpoint);
      return otherEndpoint;
    },
    removeOtherEndpoint(otherEndpoint) {
      present(otherEndpoint);
      const project = projects.get(otherEndpoint.projectId) as Mutable<SimulatedProject>;
      project.otherEndpoints = project.otherEndpoints.filter((other) => other !== otherEndpoint);
      record(otherEndpoint, 'removed', otherEndpoint.status, null);
    },
  };
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

function membersOf(
  connection: SimulatedConnection,
  id: string,
  status: string,
  asked: number | undefined,
): readonly Member[] {
  if (connection.cloud !== 'GCP') return [];
  const names = connection.portMapped ? [id] : Array.from({ length: asked ?? 3 }, (_, index) => `${id}-${index}`);
  return names.map((name, index) => ({
    name,
    ipAddress: privateAddress(id, index),
    status: memberStatus(status),
  }));
}

/** The members of a group know neither VERIFIED nor DELETED. */
function memberStatus(groupStatus: string): string {
  if (groupStatus === 'VERIFIED') return 'INITIATING';
  return groupStatus === 'DELETED' ? 'DELETING' : groupStatus;
}
