/** Whether a stored text is what this version writes: a checksum says that it is unchanged, not that it has this shape. */
import type { Author } from '../../domain/author.ts';
import type { RecordedChange } from '../../domain/change-log.ts';
import type {
  Cluster,
  ClusterHistory,
  ClusterRegion,
  ManagedStrings,
  PrivateConnectionString,
  StringEndpoint,
} from '../../domain/cluster.ts';
import type { ConnectionHistory, History, InterfaceEndpointHistory } from '../../domain/histories.ts';
import type { Ledger } from '../../domain/ledger.ts';
import type { Connection, InterfaceEndpoint, InterfaceEndpointDetail, Snapshot } from '../../domain/snapshot.ts';
import { isSunset } from '../../domain/sunset.ts';

type Check = (value: unknown) => boolean;
/** One check for each field, so that a field that is added to a shape is added here. Further fields do no harm. */
type Fields<T> = { readonly [K in keyof T]-?: Check };

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const orMissing =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const flag: Check = (value) => typeof value === 'boolean';
const counts: Check = (value) => isRecord(value) && Object.values(value).every(number);

function object<T>(fields: Fields<T>): Check {
  const checks = Object.entries<Check>(fields);
  return (value) => isRecord(value) && checks.every(([name, check]) => check(value[name]));
}

const detail = object<InterfaceEndpointDetail>({
  status: text,
  errorMessage: orNull(text),
  connectionName: text,
  members: orNull(counts),
  memberNames: orMissing(listOf(text)),
  addresses: orMissing(listOf(text)),
  failedMembers: orMissing(listOf(text)),
  deleteRequested: orMissing((value) => value === true),
});
const interfaceEndpoint = object<InterfaceEndpoint>({
  key: text,
  id: text,
  detail: orNull(detail),
  unreadable: orMissing(text),
});
const connection = object<Connection>({
  id: text,
  cloudProvider: text,
  status: orNull(text),
  region: text,
  endpointServiceName: text,
  errorMessage: orNull(text),
  sunset: orMissing(isSunset),
  remoteRegions: orMissing(listOf(text)),
  connectionName: orMissing(text),
  vendor: orMissing(text),
  interfaceEndpoints: listOf(interfaceEndpoint),
  unreadable: orMissing(text),
});
const region: Fields<ClusterRegion> = { cloudProvider: text, region: text };
const cluster = object<Cluster>({
  name: text,
  type: text,
  state: orNull(text),
  paused: flag,
  regions: listOf(object(region)),
  strings: listOf(
    object<PrivateConnectionString>({
      type: text,
      endpoints: listOf(object<StringEndpoint>({ ...region, key: text, id: text })),
      targets: listOf(text),
      isUri: flag,
    }),
  ),
  managed: orMissing(object<ManagedStrings>({ pending: number, failed: orNull(text) })),
  unreadable: orMissing(text),
});
const gone: Check = orNull((value) => isRecord(value) && number(value['wall']));
const history: Fields<History> = {
  statusSince: number,
  statusNotBefore: orMissing(number),
  errorNotBefore: orMissing(number),
  lastRead: orMissing(number),
  statusChanges: counts,
  errorChanges: counts,
  errorChangedAt: counts,
  goneAt: gone,
};

/** Whether a parsed text is a ledger. */
export const isLedger = object<Ledger>({
  snapshot: object<Snapshot>({ api: text, connections: listOf(connection), clusters: orMissing(listOf(cluster)) }),
  histories: listOf(
    object<ConnectionHistory>({
      ...history,
      id: text,
      cloudProvider: text,
      interfaceEndpoints: listOf(object<InterfaceEndpointHistory>({ ...history, key: text, id: text })),
    }),
  ),
  // A ledger of the first edition knows no clusters.
  clusters: orMissing(
    listOf(
      object<ClusterHistory>({
        name: text,
        stringChanges: counts,
        stringChangedAt: counts,
        lastRead: orMissing(number),
        goneAt: gone,
      }),
    ),
  ),
  added: number,
  removed: number,
  interfaceEndpointsAdded: number,
  interfaceEndpointsRemoved: number,
});

/** Whether a parsed text is a change of the log. */
export const isRecordedChange = object<RecordedChange>({
  id: number,
  at: number,
  // Earlier versions did not write it.
  not_before: orMissing(orNull(number)),
  atlas_project_id: text,
  kind: orMissing(text),
  cloud_provider: orMissing(text),
  connection_id: orMissing(text),
  interface_endpoint_id: orMissing(text),
  cluster_name: orMissing(text),
  type: text,
  change: orMissing(text),
  requested: orMissing((value) => value === true),
  from: orNull(text),
  to: orNull(text),
  by: orMissing(
    listOf(
      object<Author>({
        event: text,
        at: number,
        username: orMissing(text),
        public_key: orMissing(text),
        address: orNull(text),
        mongodb_staff: flag,
      }),
    ),
  ),
  by_ambiguous: orMissing((value) => value === true),
});

/** Whether a text is JSON of the shape. */
export function hasShape(json: string, check: Check): boolean {
  try {
    return check(JSON.parse(json));
  } catch {
    return false;
  }
}
