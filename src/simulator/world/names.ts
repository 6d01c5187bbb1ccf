/** Names and addresses in the forms of Atlas and the clouds. They follow from ids, so none is stored. */
import { hash } from 'node:crypto';
import type { Random } from '../random.ts';
import type { Cloud, OtherEndpoint, SimulatedConnection, SimulatedInterfaceEndpoint } from './model.ts';

type Region = readonly [atlas: string, cloud: string];

const regions: Readonly<Record<Cloud, readonly Region[]>> = {
  AWS: [
    ['US_EAST_1', 'us-east-1'],
    ['EU_CENTRAL_1', 'eu-central-1'],
    ['EU_WEST_1', 'eu-west-1'],
    ['US_WEST_2', 'us-west-2'],
    ['AP_SOUTH_1', 'ap-south-1'],
    ['EU_WEST_3', 'eu-west-3'],
    ['US_EAST_2', 'us-east-2'],
    ['AP_SOUTHEAST_1', 'ap-southeast-1'],
    ['EU_WEST_2', 'eu-west-2'],
    ['EU_NORTH_1', 'eu-north-1'],
    ['CA_CENTRAL_1', 'ca-central-1'],
    ['SA_EAST_1', 'sa-east-1'],
    ['AP_NORTHEAST_1', 'ap-northeast-1'],
    ['AP_SOUTHEAST_2', 'ap-southeast-2'],
  ],
  AZURE: [
    ['US_EAST_2', 'eastus2'],
    ['EUROPE_NORTH', 'northeurope'],
    ['EUROPE_WEST', 'westeurope'],
    ['US_WEST', 'westus'],
    ['ASIA_SOUTH_EAST', 'southeastasia'],
    ['US_CENTRAL', 'centralus'],
    ['UK_SOUTH', 'uksouth'],
    ['FRANCE_CENTRAL', 'francecentral'],
    ['GERMANY_WEST_CENTRAL', 'germanywestcentral'],
    ['CANADA_CENTRAL', 'canadacentral'],
  ],
  GCP: [
    ['CENTRAL_US', 'us-central1'],
    ['WESTERN_EUROPE', 'europe-west1'],
    ['US_EAST_4', 'us-east4'],
    ['EASTERN_US', 'us-east1'],
    ['SOUTHEASTERN_ASIA_PACIFIC', 'asia-southeast1'],
    ['EUROPE_WEST_2', 'europe-west2'],
    ['EUROPE_WEST_3', 'europe-west3'],
    ['WESTERN_US', 'us-west1'],
    ['NORTHEASTERN_ASIA_PACIFIC', 'asia-northeast1'],
    ['AUSTRALIA_SOUTHEAST_1', 'australia-southeast1'],
  ],
};

/** Atlas' words for all regions of a cloud. */
export function regionsOf(cloud: Cloud): readonly string[] {
  return regions[cloud].map(([atlas]) => atlas);
}

/** Atlas' word for the nth region of a cloud; after the last one it begins again. */
export function regionName(cloud: Cloud, index: number): string {
  const known = regions[cloud];
  return known[index % known.length]?.[0] ?? '';
}

function cloudRegion({ cloud, region }: Pick<SimulatedConnection, 'cloud' | 'region'>): string {
  return regions[cloud].find(([atlas]) => atlas === region)?.[1] ?? region.toLowerCase().replaceAll('_', '-');
}

export function awsServiceName(connection: SimulatedConnection): string {
  return `com.amazonaws.vpce.${cloudRegion(connection)}.vpce-svc-${hex(connection.id, 17)}`;
}

/** Data federation on AWS: the DNS name of the customer's interface endpoint. */
export function federationDnsName({ id, region }: OtherEndpoint): string {
  const name = cloudRegion({ cloud: 'AWS', region: region ?? '' });
  return `${id}-${hex(id, 8)}.vpce-svc-${hex(region ?? '', 17)}.${name}.vpce.amazonaws.com`;
}

/** Encryption at rest and backup: the connection that the customer approves in the cloud console. */
export function approvedConnectionName({ id, cloud, region }: OtherEndpoint): string {
  if (cloud === 'AWS') return `vpce-${hex(id, 17)}`;
  return `${cloudRegion({ cloud, region: region ?? '' })}-atlas-kv.${hex(id, 8)}`;
}

export function azureServiceName({ id }: SimulatedConnection): string {
  return `pls_${id}`;
}

export function azureServiceResourceId(connection: SimulatedConnection): string {
  const group = `rg_${hex(connection.projectId, 24)}_${hex(connection.id, 8)}`;
  return `/subscriptions/${uuid(connection.projectId)}/resourceGroups/${group}/providers/Microsoft.Network/privateLinkServices/${azureServiceName(connection)}`;
}

export function azureConnectionName({ id, connectionId }: SimulatedInterfaceEndpoint): string {
  return `pls_${connectionId}.${uuid(id)}`;
}

/** Six in the older architecture, one when ports are mapped. */
export function gcpServiceAttachments(connection: SimulatedConnection): readonly string[] {
  const region = cloudRegion(connection);
  const name = `projects/p-${hex(connection.projectId, 24)}/regions/${region}/serviceAttachments/sa-${region}-${connection.projectId}`;
  return connection.portMapped ? [`${name}-pm`] : [0, 1, 2, 3, 4, 5].map((index) => `${name}-${index}`);
}

export function gcpProjectId({ projectId }: SimulatedInterfaceEndpoint): string {
  return `net-prod-${parseInt(hex(projectId, 6), 16)}`;
}

export function privateAddress(id: string, offset = 0): string {
  const seed = parseInt(hex(id, 6), 16);
  return `10.${20 + (seed % 40)}.${(seed >> 8) % 250}.${((seed >> 16) % 200) + 2 + offset}`;
}

/** An id as the cloud would give to an endpoint in the customer's account. */
export function newInterfaceEndpointId(cloud: Cloud, random: Random): string {
  if (cloud === 'AWS') return `vpce-${random.hex(17)}`;
  if (cloud === 'GCP') return `atlas-psc-${random.hex(6)}`;
  const subscription = uuid(random.hex(8));
  return `/subscriptions/${subscription}/resourceGroups/rg-app.prod/providers/Microsoft.Network/privateEndpoints/pe-atlas-${random.hex(4)}`;
}

function hex(text: string, digits: number): string {
  return hash('sha256', text).slice(0, digits);
}

function uuid(text: string): string {
  const digits = hex(text, 32);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-');
}

/** The members of a group know neither VERIFIED nor DELETED. */
export function memberStatus(groupStatus: string): string {
  if (groupStatus === 'VERIFIED') return 'INITIATING';
  return groupStatus === 'DELETED' ? 'DELETING' : groupStatus;
}
