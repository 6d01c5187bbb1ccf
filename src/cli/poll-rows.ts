/** What `poll` prints for programs: each row stands for itself. */
import { isClusterTroubled, standingReason } from '../domain/cluster-standing.ts';
import type { Connection } from '../domain/snapshot.ts';
import type { FleetView, ProjectStatus } from '../domain/view.ts';
import { clustersOf, type PolledCluster } from './poll-clusters.ts';
import { layout, oneLine, type Paint } from './table.ts';

const header = {
  projectId: 'PROJECT_ID',
  project: 'PROJECT',
  kind: 'KIND',
  cloud: 'CLOUD',
  region: 'REGION',
  connection: 'CONNECTION',
  endpoint: 'ENDPOINT',
  status: 'STATUS',
  message: 'MESSAGE',
  service: 'SERVICE',
  addresses: 'ADDRESSES',
} as const;
type Column = keyof typeof header;
type Row = Readonly<Record<Column, string>>;

const narrow = [
  'projectId',
  'project',
  'kind',
  'cloud',
  'region',
  'connection',
  'endpoint',
  'status',
  'message',
] as const;
const wide = [...narrow.slice(0, -1), 'service', 'addresses', 'message'] as const;

const csvNames = {
  projectId: 'atlas_project_id',
  project: 'project_name',
  kind: 'kind',
  cloud: 'cloud_provider',
  region: 'atlas_region',
  connection: 'connection_id',
  endpoint: 'interface_endpoint_id',
  status: 'status',
  message: 'error_message',
  service: 'endpoint_service_name',
  addresses: 'addresses',
} as const satisfies Record<Column, string>;

/** Columns that a person can read and a program can split; `-` where there is nothing. */
export function pollRows(view: FleetView, isWide: boolean, paint: Paint): string {
  const rows = rowsOf(view).map(
    (row) => Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell || '-'])) as Row,
  );
  const { line } = layout(header, isWide ? wide : narrow, rows);
  return [paint(line(header), 'bold'), ...rows.map(line), ''].join('\n');
}

/** RFC 4180, with the names of labels as its header. */
export function pollCsv(view: FleetView): string {
  const columns = Object.keys(csvNames) as readonly Column[];
  const lines = rowsOf(view).map((row) => columns.map((column) => csvCell(row[column])).join(','));
  return [columns.map((column) => csvNames[column]).join(','), ...lines, ''].join('\r\n');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rowsOf({ at, projects }: FleetView): readonly Row[] {
  const byName = projects.toSorted((a, b) => a.name.localeCompare(b.name, 'en') || a.id.localeCompare(b.id, 'en'));
  return byName.flatMap((project) => [
    ...project.sources.flatMap(({ source, state }) =>
      (state.ledger?.snapshot.connections ?? []).flatMap((connection) => rowsOfOne(project, source.kind, connection)),
    ),
    ...clustersOf(project, at).map((cluster) => clusterRow(project, cluster)),
  ]);
}

/** A cluster stands where a connection does: its list is a source like any other. */
function clusterRow({ id, name }: ProjectStatus, polled: PolledCluster): Row {
  const { cluster } = polled;
  return {
    projectId: id,
    project: oneLine(name),
    kind: 'connection_strings',
    cloud: '',
    region: cluster.regions.map(({ region }) => oneLine(region)).join(' '),
    connection: oneLine(cluster.name),
    endpoint: '',
    status: cluster.unreadable === undefined ? oneLine(cluster.state ?? '') : 'unreadable',
    message: isClusterTroubled(polled.standing) ? oneLine(standingReason(polled)) : '',
    service: '',
    addresses: '',
  };
}

function rowsOfOne({ id, name }: ProjectStatus, kind: string, connection: Connection): readonly Row[] {
  const common = {
    projectId: id,
    project: oneLine(name),
    kind,
    cloud: oneLine(connection.cloudProvider),
    region: oneLine(connection.region),
    connection: oneLine(connection.id),
    service: oneLine(connection.endpointServiceName),
  };
  const { status, errorMessage, unreadable, interfaceEndpoints } = connection;
  return [
    { ...common, endpoint: '', addresses: '', ...told(status, errorMessage, unreadable) },
    ...interfaceEndpoints.map((endpoint) => ({
      ...common,
      endpoint: oneLine(endpoint.id),
      addresses: (endpoint.detail?.addresses ?? []).map(oneLine).join(' '),
      ...told(endpoint.detail?.status ?? null, endpoint.detail?.errorMessage ?? null, endpoint.unreadable),
    })),
  ];
}

function told(status: string | null, errorMessage: string | null, unreadable: string | undefined) {
  if (unreadable !== undefined) return { status: 'unreadable', message: oneLine(unreadable) };
  return { status: oneLine(status ?? ''), message: oneLine(errorMessage ?? '') };
}
