/** Private endpoints of Atlas' other features, a row each: where they are listed, who may, and what an element says. */

import type { Random } from '../random.ts';
import type { Cloud, OtherEndpoint, OtherKind } from './model.ts';
import { newInterfaceEndpointId } from './names.ts';

interface Row {
  /** After the project's own path; a variable in it is the cloud. */
  readonly path: string;
  /** Where it exists. */
  readonly clouds: readonly Cloud[];
  readonly version: string;
  readonly role: 'read' | 'owner';
  readonly bucket: string;
  /** The word for one that works. */
  readonly ready: string;
  newId(cloud: Cloud, random: Random): string;
  /** What is not set is left out, but for the kinds that say null. */
  write(endpoint: OtherEndpoint): object;
}

const hexId = (_cloud: Cloud, random: Random): string => random.hex(24);

export const otherKinds = {
  data_federation: {
    path: '/privateNetworkSettings/endpointIds',
    clouds: ['AWS', 'AZURE'],
    version: '2023-01-01',
    role: 'read',
    bucket: 'dataFederation',
    ready: 'OK',
    newId: newInterfaceEndpointId,
    write: ({ id, cloud, region, status, errorMessage, fields }): object => ({
      comment: '',
      endpointId: id,
      ...(errorMessage !== null && { errorMessage }),
      provider: cloud,
      ...(region && { region }),
      status,
      type: 'DATA_LAKE',
      ...fields,
    }),
  },
  streams: {
    path: '/streams/privateLinkConnections',
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
    clouds: ['AWS'],
    version: '2024-11-13',
    role: 'owner',
    bucket: 'backup',
    ready: 'ACTIVE',
    newId: hexId,
    write: (endpoint): object => ({ vpcRegionName: endpoint.region, ...approvedEndpoint(endpoint) }),
  },
} as const satisfies Record<OtherKind, Row>;

function approvedEndpoint({ id, cloud, region, status, errorMessage, fields }: OtherEndpoint): object {
  return {
    cloudProvider: cloud,
    errorMessage,
    id,
    privateEndpointConnectionName: null,
    regionName: region,
    status,
    ...fields,
  };
}
