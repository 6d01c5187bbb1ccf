/** Answers of Atlas: things of the world in the words of each API, key by key. */
import type { SimulatedEvent } from './audit-log.ts';
import type { SimulatedString } from './clusters.ts';
import type {
  SimulatedCluster,
  SimulatedConnection,
  SimulatedInterfaceEndpoint,
  SimulatedManagedString,
  SimulatedProject,
  SimulatedSecret,
} from './model.ts';
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
export function serviceAccount(clientId: string, secrets: readonly SimulatedSecret[]): object {
  return {
    clientId,
    description: 'exporter',
    name: 'exporter',
    roles: ['ORG_READ_ONLY'],
    secrets: secrets.map(({ id, createdAt, expiresAt, lastUsedAt }) => ({
      id,
      createdAt: seconds(createdAt),
      expiresAt: seconds(expiresAt),
      ...(lastUsedAt === null ? {} : { lastUsedAt: seconds(lastUsedAt) }),
      maskedSecretValue: 'mdb_sa_sk_...6789',
    })),
  };
}

export function auditEvent({ id, projectId, at, type, actor }: SimulatedEvent): object {
  const { publicKey, username, address, isStaff = false } = actor;
  return {
    id,
    created: seconds(at),
    eventTypeName: type,
    groupId: projectId,
    isGlobalAdmin: isStaff,
    links: [],
    ...(address !== undefined && { remoteAddress: address }),
    ...(publicKey !== undefined && { apiKeyId: '65f00a1b2c3d4e5f60718292', publicKey }),
    ...(username !== undefined && { userId: '65f00a1b2c3d4e5f60718293', username }),
  };
}

/** Moments of Atlas have no parts of seconds. */
function seconds(wall: number): string {
  return new Date(wall).toISOString().replace(/\.\d+Z$/, 'Z');
}

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

/** v2: a cluster with its connection strings. A key without a value is missing, as in Atlas' answers. */
export function clusterAnswer(
  project: SimulatedProject,
  cluster: SimulatedCluster,
  strings: readonly SimulatedString[],
) {
  const { id, name, clusterType, stateName, paused, regions, suffix } = cluster;
  const host = `${name.toLowerCase()}.${suffix}.mongodb.net`;
  const type = clusterType === 'REPLICASET' ? 'MONGOD' : 'MONGOS';
  const privateEndpoint = strings.map(({ endpoints }, index) => ({
    connectionString: `mongodb://${[0, 1, 2].map((node) => `pl-${index}-${host}:${1024 + node}`).join(',')}/?ssl=true`,
    endpoints: endpoints.map(({ id: endpointId, cloud, region }) => ({ endpointId, providerName: cloud, region })),
    srvConnectionString: `mongodb+srv://${name.toLowerCase()}-pl-${index}.${suffix}.mongodb.net`,
    type,
  }));
  const publicStrings = { standard: `mongodb://${host}:27017`, standardSrv: `mongodb+srv://${host}` };
  return {
    clusterType,
    connectionStrings:
      stateName === 'CREATING' ? {} : { ...publicStrings, ...(privateEndpoint.length > 0 && { privateEndpoint }) },
    groupId: project.id,
    id,
    name,
    paused,
    replicationSpecs: [
      { regionConfigs: regions.map(({ cloud, region }) => ({ providerName: cloud, regionName: region })) },
    ],
    stateName,
  };
}

/** A managed private connection string. Its text is told only while it is available. */
export function managedString({ suffix }: SimulatedCluster, string: SimulatedManagedString) {
  const { connectionStringId, status, errorMessage, deleteRequested, ...rest } = string;
  const host = `${connectionStringId.slice(-6)}-pl-0.${suffix}.mongodb.net`;
  return {
    connectionStringId,
    ...rest,
    status,
    managementType: 'SELF_MANAGED',
    ...(errorMessage !== null && { errorMessage }),
    ...(deleteRequested && { deleteRequested }),
    ...(status === 'AVAILABLE' && {
      connectionString: `mongodb://${host}:1024/?ssl=true`,
      srvConnectionString: `mongodb+srv://${host}`,
    }),
  };
}
