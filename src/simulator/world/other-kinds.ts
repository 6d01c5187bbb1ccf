/** The table of Atlas' other features: path, version, role, bucket, and the form of an element. */

import type { Random } from '../random.ts';
import type { Cloud, OtherEndpoint, OtherKind } from './model.ts';
import { approvedConnectionName, federationDnsName, newInterfaceEndpointId, privateAddress } from './names.ts';

interface Row {
  /** The list's path after the project's own; a variable in it is the cloud. */
  readonly path: string;
  /** The ids that the path of one element takes. */
  readonly idPattern: string;
  /** The clouds that it exists in. */
  readonly clouds: readonly Cloud[];
  readonly version: string;
  readonly role: 'read' | 'owner';
  readonly bucket: string;
  /** The status of one that works. */
  readonly ready: string;
  newId(cloud: Cloud, random: Random): string;
  /** Fields that are not set are left out, or null where the kind says so. */
  write(endpoint: OtherEndpoint): object;
}

const hex24 = '([0-9a-f]{24})';
const hexId = (_cloud: Cloud, random: Random): string => random.hex(24);

export const otherKinds: Readonly<Record<OtherKind, Row>> = {
  data_federation: {
    path: '/privateNetworkSettings/endpointIds',
    // Azure's resource paths can be listed, and not be asked for by themselves.
    idPattern: '(vpce-[0-9a-f]+)',
    clouds: ['AWS', 'AZURE'],
    version: '2023-01-01',
    role: 'read',
    bucket: 'dataFederation',
    ready: 'OK',
    newId: newInterfaceEndpointId,
    write: (endpoint): object => {
      const { id, cloud, region, status, errorMessage, fields } = endpoint;
      return {
        comment: '',
        endpointId: id,
        ...(errorMessage !== null && { errorMessage }),
        provider: cloud,
        ...(region && { region }),
        ...(region && cloud === 'AWS' && { customerEndpointDNSName: federationDnsName(endpoint) }),
        ...(cloud === 'AZURE' && { customerEndpointIPAddress: privateAddress(id) }),
        ...(status !== null && { status }),
        type: 'DATA_LAKE',
        ...fields,
      };
    },
  },
  streams: {
    path: '/streams/privateLinkConnections',
    idPattern: hex24,
    clouds: ['AWS', 'AZURE', 'GCP'],
    version: '2023-02-01',
    role: 'read',
    bucket: 'streams',
    ready: 'DONE',
    newId: hexId,
    write: ({ id, cloud, region, status, errorMessage, fields }): object => ({
      _id: id,
      ...(errorMessage !== null && { errorMessage }),
      provider: cloud,
      region,
      ...(status !== null && { state: status }),
      vendor: 'GENERIC',
      ...fields,
    }),
  },
  encryption_at_rest: {
    path: '/encryptionAtRest/(AWS|AZURE)/privateEndpoints',
    idPattern: hex24,
    clouds: ['AWS', 'AZURE'],
    version: '2023-01-01',
    role: 'owner',
    bucket: 'encryptionAtRest',
    ready: 'ACTIVE',
    newId: hexId,
    write: approvedEndpoint,
  },
  backup: {
    path: '/backup/(AWS)/privateEndpoints',
    idPattern: hex24,
    clouds: ['AWS'],
    version: '2024-11-13',
    role: 'owner',
    bucket: 'backup',
    ready: 'ACTIVE',
    newId: hexId,
    write: (endpoint): object => ({ vpcRegionName: endpoint.region, ...approvedEndpoint(endpoint) }),
  },
};

function approvedEndpoint(endpoint: OtherEndpoint): object {
  const { id, cloud, region, status, errorMessage, fields } = endpoint;
  // The connection has its name from the moment on at which it can be approved.
  const isNamed = status !== 'INITIATING' && status !== 'PENDING_RECREATION';
  return {
    cloudProvider: cloud,
    errorMessage,
    id,
    privateEndpointConnectionName: isNamed ? approvedConnectionName(endpoint) : null,
    regionName: region,
    status,
    ...fields,
  };
}
