/** Answers of Atlas: things of the world in the words of each API, key by key. */
import type { SimulatedConnection, SimulatedInterfaceEndpoint, SimulatedProject } from './model.ts';
import {
  awsServiceName,
  azureConnectionName,
  azureServiceName,
  azureServiceResourceId,
  gcpProjectId,
  gcpServiceAttachments,
  privateAddress,
} from './names.ts';

/** v1.0: five fields, AWS only. It has no AVAILABLE: a service that is up waits for the user. */
export function v1Connection(connection: SimulatedConnection): object {
  const { id, status, errorMessage, built, interfaceEndpoints } = connection;
  return {
    endpointServiceName: built ? awsServiceName(connection) : null,
    errorMessage,
    id,
    interfaceEndpoints: interfaceEndpoints.map((endpoint) => endpoint.id),
    status: status === 'AVAILABLE' ? 'WAITING_FOR_USER' : status,
  };
}

/** v2: an endpoint service of one cloud. */
export function endpointService(connection: SimulatedConnection): object {
  const { cloud: cloudProvider, id, status, errorMessage, built, region: regionName, interfaceEndpoints } = connection;
  const ids = interfaceEndpoints.map((endpoint) => endpoint.id);
  switch (cloudProvider) {
    case 'AWS':
      return {
        cloudProvider,
        endpointServiceName: built ? awsServiceName(connection) : null,
        errorMessage,
        id,
        interfaceEndpoints: ids,
        regionName,
        status,
        supportedRemoteRegions: connection.remoteRegions,
      };
    case 'AZURE':
      return {
        cloudProvider,
        errorMessage,
        id,
        privateEndpoints: ids,
        privateLinkServiceName: built ? azureServiceName(connection) : null,
        privateLinkServiceResourceId: built ? azureServiceResourceId(connection) : null,
        regionName,
        status,
      };
    case 'GCP':
      return {
        cloudProvider,
        endpointGroupNames: ids,
        errorMessage,
        id,
        portMappingEnabled: connection.portMapped,
        regionName,
        serviceAttachmentNames: built ? gcpServiceAttachments(connection) : [],
        status,
      };
  }
}

/** v2: one interface endpoint by itself. */
export function interfaceEndpoint(endpoint: SimulatedInterfaceEndpoint, { portMapped }: SimulatedConnection): object {
  const { cloud: cloudProvider, id, status, errorMessage, deleteRequested, members } = endpoint;
  switch (cloudProvider) {
    case 'AWS':
      return { cloudProvider, connectionStatus: status, deleteRequested, errorMessage, interfaceEndpointId: id };
    case 'AZURE':
      return {
        cloudProvider,
        deleteRequested,
        errorMessage,
        privateEndpointConnectionName: status === 'AVAILABLE' ? azureConnectionName(endpoint) : null,
        privateEndpointIPAddress: privateAddress(id),
        privateEndpointResourceId: id,
        status,
      };
    case 'GCP':
      return {
        cloudProvider,
        deleteRequested,
        endpointGroupName: id,
        endpoints: members.map(({ name, ipAddress, status: state }) => ({
          endpointName: name,
          ipAddress,
          status: state,
        })),
        errorMessage,
        gcpProjectId: gcpProjectId(endpoint),
        portMappingEnabled: portMapped,
        status,
      };
  }
}

/** v2: a project, in lists and alone. */
export function group({ id, name, orgId, created }: SimulatedProject): object {
  return {
    clusterCount: 1,
    created: new Date(created).toISOString().replace(/\.\d+/, ''),
    id,
    links: [],
    name,
    orgId,
    tags: [],
    withDefaultAlertsSettings: true,
  };
}
