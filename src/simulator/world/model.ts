/** The things of the simulated world, in the words of Atlas' v2 API. Tests read them freely, and change them through `AtlasWorld`. */
export const clouds = ['AWS', 'AZURE', 'GCP'] as const;
export type Cloud = (typeof clouds)[number];

/** Atlas' features besides clusters that have private endpoints. */
export type OtherKind = 'data_federation' | 'streams' | 'encryption_at_rest' | 'backup';

export interface SimulatedProject {
  readonly id: string;
  readonly name: string;
  readonly orgId: string;
  /** Wall ms. */
  readonly created: number;
  readonly regionalMode: boolean;
  readonly limits: readonly SimulatedLimit[];
  readonly connections: readonly SimulatedConnection[];
  readonly otherEndpoints: readonly OtherEndpoint[];
  readonly clusters: readonly SimulatedCluster[];
  /** Whether the project opted in to managed private connection strings, a preview. */
  readonly managedStrings: boolean;
}

/** A limit of a project, as Atlas writes it. */
export interface SimulatedLimit {
  readonly name: string;
  readonly value: number;
  readonly currentUsage?: number;
  readonly defaultLimit?: number;
  readonly maximumLimit?: number;
}

/** A secret of a service account. Moments are wall ms. */
export interface SimulatedSecret {
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** null: never. */
  readonly lastUsedAt: number | null;
}

export interface SimulatedCluster {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  readonly clusterType: 'REPLICASET' | 'SHARDED' | 'GEOSHARDED';
  readonly stateName: string;
  readonly paused: boolean;
  readonly regions: readonly { readonly cloud: Cloud; readonly region: string }[];
  /** Part of its host names. */
  readonly suffix: string;
  /** Whether Atlas gives no private connection string although every region has an endpoint. */
  readonly withheld: boolean;
  /** Wall ms since when every region was seen to have a ready endpoint; null while one has none. */
  readonly coveredSince: number | null;
  readonly managed: readonly SimulatedManagedString[];
}

/** A managed private connection string, as Atlas' preview writes it. */
export interface SimulatedManagedString {
  readonly connectionStringId: string;
  readonly name: string;
  /** Any word will be told as it is. */
  readonly status: string;
  readonly errorMessage: string | null;
  readonly privateEndpointIds: readonly string[];
  readonly deleteRequested: boolean;
}

/** A private endpoint service of a project: database clusters of one region are reached through it. */
export interface SimulatedConnection {
  readonly type: 'connection';
  readonly id: string;
  readonly projectId: string;
  readonly cloud: Cloud;
  /** Atlas' word, not the cloud's. */
  readonly region: string;
  readonly status: string;
  readonly errorMessage: string | null;
  /** Whether Atlas got as far as making the link service: from then on it has a name. */
  readonly built: boolean;
  /** GCP only: the architecture with one endpoint instead of a group. */
  readonly portMapped: boolean;
  /** AWS only: other regions that may connect; null when there are none. */
  readonly remoteRegions: readonly string[] | null;
  readonly interfaceEndpoints: readonly SimulatedInterfaceEndpoint[];
}

export interface SimulatedInterfaceEndpoint {
  readonly type: 'interface_endpoint';
  /** AWS `vpce-…`, AZURE the full resource path, GCP the name of the group. */
  readonly id: string;
  readonly connectionId: string;
  readonly projectId: string;
  readonly cloud: Cloud;
  readonly status: string;
  readonly errorMessage: string | null;
  readonly deleteRequested: boolean;
  /** Its list names it, and its own answer is 404. */
  readonly isUnreadable: boolean;
  /** GCP only: the forwarding rules of the group. */
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly ipAddress: string;
  readonly status: string;
}

/** A private endpoint of one of Atlas' other features. */
export interface OtherEndpoint {
  readonly type: 'other';
  readonly id: string;
  readonly kind: OtherKind;
  readonly projectId: string;
  readonly cloud: Cloud;
  readonly region: string | null;
  /** null: Atlas leaves the field out, as in a stream connection that was just made. */
  readonly status: string | null;
  readonly errorMessage: string | null;
  /** Further fields of the answer, in Atlas' words. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Things with a status and perhaps an error. */
export type Thing = SimulatedConnection | SimulatedInterfaceEndpoint | OtherEndpoint;
