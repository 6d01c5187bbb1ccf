/** Interface endpoints of the simulated world. */
import type { Random } from '../random.ts';
import type { Mutable, WorldBook } from './book.ts';
import type { Member, SimulatedConnection, SimulatedInterfaceEndpoint } from './model.ts';
import { memberStatus, newInterfaceEndpointId, privateAddress } from './names.ts';

export interface InterfaceEndpointOptions {
  readonly id?: string;
  readonly status?: string;
  readonly errorMessage?: string | null;
  /** GCP: how many forwarding rules; 3 when left out, 1 when ports are mapped. */
  readonly members?: number;
}

export interface InterfaceEndpointActs {
  attach(connection: SimulatedConnection, options?: InterfaceEndpointOptions): SimulatedInterfaceEndpoint;
  /** The service stays: real Atlas removes a service with its last endpoint. */
  detach(interfaceEndpoint: SimulatedInterfaceEndpoint): void;
  /** Another spelling of the id of the same interface endpoint. */
  respell(interfaceEndpoint: SimulatedInterfaceEndpoint, id: string): void;
  requestDeletion(interfaceEndpoint: SimulatedInterfaceEndpoint): void;
  setMember(interfaceEndpoint: SimulatedInterfaceEndpoint, name: string, status: string): void;
  /** While it is unreadable its list names it, and its own answer is 404. */
  setUnreadable(interfaceEndpoint: SimulatedInterfaceEndpoint, isUnreadable: boolean): void;
}

export function createInterfaceEndpointActs(book: WorldBook, random: Random): InterfaceEndpointActs {
  const { connections, present, recordAdded, recordRemoved } = book;
  return {
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
        isUnreadable: false,
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
      recordRemoved(interfaceEndpoint);
    },
    respell(interfaceEndpoint, id) {
      present(interfaceEndpoint).id = id;
    },
    requestDeletion(interfaceEndpoint) {
      if (!interfaceEndpoint.deleteRequested) book.recordDeletionAsked(interfaceEndpoint);
      present(interfaceEndpoint).deleteRequested = true;
    },
    setMember(interfaceEndpoint, name, status) {
      const found = present(interfaceEndpoint);
      found.members = found.members.map((member) => (member.name === name ? { ...member, status } : member));
    },
    setUnreadable(interfaceEndpoint, isUnreadable) {
      present(interfaceEndpoint).isUnreadable = isUnreadable;
    },
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
