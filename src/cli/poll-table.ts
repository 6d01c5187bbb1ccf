/** The table that `poll` draws: connections with their interface endpoints under them, for people. */
import { isClusterTroubled } from '../domain/cluster-standing.ts';
import { classOfConnection, classOfInterfaceEndpoint } from '../domain/connection-class.ts';
import { connectionNotes, failedMembersWords } from '../domain/connection-notes.ts';
import { plainLine } from '../domain/plain-line.ts';
import type { InterfaceEndpoint } from '../domain/snapshot.ts';
import { listsClusters, type StatusClass } from '../domain/status.ts';
import type { FleetView, ProjectStatus, SourceStatus } from '../domain/view.ts';
import { causeLines, counted } from './check-report.ts';
import { clusterSummary, clustersOf, clusterTable, type PolledCluster } from './poll-clusters.ts';
import { limitLines } from './poll-lookups.ts';
import { layout, oneLine, type Paint } from './table.ts';

interface Row {
  readonly project: string;
  readonly projectId: string;
  readonly kind: string;
  readonly cloud: string;
  readonly region: string;
  readonly id: string;
  /** What the cloud calls the endpoint service. */
  readonly service: string;
  readonly status: string;
  readonly meaning: StatusClass;
  readonly errorMessage: string | null;
  /** Further lines below it, each with what it means. */
  readonly notes: readonly (readonly [words: string, meaning: Parameters<Paint>[1]])[];
}

const header = {
  project: 'PROJECT',
  projectId: 'PROJECT ID',
  kind: 'KIND',
  cloud: 'CLOUD',
  region: 'REGION',
  id: 'CONNECTION',
  service: 'SERVICE',
  status: 'STATUS',
} as const;
type Column = keyof typeof header;
const everyColumn = Object.keys(header) as readonly Column[];

/**
 * Draws the view: a line for each connection and interface endpoint, then what could not be polled and what to do. A wide
 * one has endpoint services and limits besides.
 */
export function pollTable(view: FleetView, paint: Paint, isWide = false, width = Number.POSITIVE_INFINITY): string {
  const byName = view.projects.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  const rows = byName.flatMap((project) =>
    project.sources.flatMap((source) => rowsOf(project, source).map(inPlainLines)),
  );
  // The kind is left out where all are those of clusters, the default.
  const kinds = view.projects.flatMap(({ sources }) => sources.map(({ source }) => source.kind));
  const hasKinds = kinds.some((kind) => kind !== 'cluster' && !listsClusters(kind));
  const all = everyColumn.filter((column) => (column !== 'kind' || hasKinds) && (column !== 'service' || isWide));
  // On a narrow terminal the ids of projects go first, then the table.
  const widthOf = (some: readonly Column[]) => {
    const { widths } = layout(header, some, rows);
    return some.reduce((sum, column) => sum + widths[column] + 2, -2);
  };
  const columns = widthOf(all) <= width ? all : all.filter((column) => column !== 'projectId');
  const { widths, line } = layout(header, columns, rows);

  const body = rows.flatMap((row) => {
    const plain = line(row);
    const painted = `${plain.slice(0, plain.length - row.status.length)}${paint(row.status, row.meaning)}`;
    const before = columns.slice(0, columns.indexOf('id'));
    const indent = ' '.repeat(before.reduce((sum, column) => sum + widths[column] + 2, 0));
    const notes = row.notes.map(([words, meaning]) => `${indent}  ${paint(oneLine(words), meaning)}`);
    return row.errorMessage === null
      ? [painted, ...notes]
      : [painted, `${indent}  ${paint(oneLine(row.errorMessage), row.meaning)}`, ...notes];
  });
  const fits = widthOf(columns) <= width;
  const wideTable = [paint(line(header), 'bold'), ...body, ''];
  const table = rows.length === 0 ? [] : fits ? wideTable : [...rows.flatMap((row) => stacked(row, paint)), ''];
  const clusters = byName.flatMap((project) => clustersOf(project, view.at));
  const limits = isWide ? limitLines({ projects: byName }, paint) : [];
  return [
    ...table,
    ...clusterTable(clusters, paint),
    ...limits,
    ...failureLines(view, paint),
    summary(view, rows, clusters),
    '',
  ].join('\n');
}

/** The lines of a row for a terminal that is too narrow for the table. */
function stacked(
  { project, projectId, kind, cloud, region, id, status, meaning, errorMessage, notes }: Row,
  paint: Paint,
) {
  const place = [kind === 'cluster' ? '' : kind, cloud, region].filter((part) => part !== '').join(' ');
  const message = errorMessage === null ? [] : [`    ${paint(oneLine(errorMessage), meaning)}`];
  const own = project === '' ? [] : [`${paint(project, 'bold')} ${projectId}`, `  ${place}`];
  return [
    ...own,
    `  ${id} ${paint(status, meaning)}`,
    ...message,
    ...notes.map(([words, tone]) => `    ${paint(oneLine(words), tone)}`),
  ];
}

/** Every cell without what could steer the terminal or break its columns. */
function inPlainLines(row: Row): Row {
  const cells = everyColumn.map((column) => [column, plainLine(row[column])]);
  return { ...row, ...Object.fromEntries(cells) };
}

function rowsOf({ id: projectId, name }: ProjectStatus, { source, state }: SourceStatus): readonly Row[] {
  const snapshot = state.ledger?.snapshot;
  if (!snapshot) return [];
  return snapshot.connections.flatMap((connection) => {
    const { id, cloudProvider: cloud, region, interfaceEndpoints, endpointServiceName: service } = connection;
    const { kind } = source;
    const told = toldOf(connection, classOfConnection(kind, snapshot.api, connection), connection.unreadable);
    const notes = connectionNotes(kind, snapshot.api, connection).map(
      ({ words, isWarning }) => [words, isWarning ? 'needs_user' : 'faint'] as const,
    );
    const own: Row = { project: name, projectId, kind, cloud, region, id: shortId(id), service, ...told, notes };
    return [
      own,
      ...interfaceEndpoints.map((endpoint, index): Row => {
        const branch = index === interfaceEndpoints.length - 1 ? '└' : '├';
        return {
          project: '',
          projectId: '',
          kind: '',
          cloud: '',
          region: '',
          id: `${branch} ${shortId(endpoint.id)}`,
          service: (endpoint.detail?.addresses ?? []).join(' '),
          ...toldOf(endpoint.detail, classOfInterfaceEndpoint(kind, cloud, endpoint), endpoint.unreadable),
          notes: membersOf(endpoint),
        };
      }),
    ];
  });
}

function membersOf({ detail, unreadable }: InterfaceEndpoint): Row['notes'] {
  const words = detail && unreadable === undefined ? failedMembersWords(detail) : null;
  return words === null ? [] : [[words, 'failed']];
}

/** What stands in the row of a thing. Of one that cannot be read that is why. */
function toldOf(
  facts: { readonly status: string | null; readonly errorMessage: string | null } | null,
  meaning: StatusClass,
  unreadable: string | undefined,
): Pick<Row, 'status' | 'meaning' | 'errorMessage'> {
  if (unreadable !== undefined) return { status: 'unreadable', meaning, errorMessage: unreadable };
  return { status: facts?.status ?? '', meaning, errorMessage: facts?.errorMessage ?? null };
}

/** Azure's ids are whole resource paths: the resource group and the name tell them apart. */
function shortId(id: string): string {
  const [, group] = /\/resourceGroups\/([^/]+)\//i.exec(id) ?? [];
  return group === undefined ? id : `${group}/${id.slice(id.lastIndexOf('/') + 1)}`;
}

/** What could not be polled, by cause: one cause is told once, however many lists it hides. */
export function failureLines(view: FleetView, paint: Paint): readonly string[] {
  const attempts = view.projects.flatMap(({ name, sources }) =>
    sources.flatMap(({ source, state: { freshness } }) =>
      freshness.failure
        ? [{ source, project: plainLine(name), outcome: { ok: false, failure: freshness.failure } as const }]
        : [],
    ),
  );
  const lines = causeLines(attempts, 'Not polled').map((line) => plainLine(line).trimEnd());
  const painted = lines.map((line) => line.replace(/^Not polled/, (verdict) => paint(verdict, 'failed')));
  return painted.length > 0 ? [...painted, ''] : [];
}

/** How many clusters are in trouble. */
export function troubledClusters(view: FleetView): number {
  const clusters = view.projects.flatMap((project) => clustersOf(project, view.at));
  return clusters.filter(({ standing }) => isClusterTroubled(standing)).length;
}

/** The last line: how much there is, and how much of it is in trouble. */
export function summaryLine(view: FleetView): string {
  const rows = view.projects.flatMap((project) => project.sources.flatMap((source) => rowsOf(project, source)));
  return summary(
    view,
    rows,
    view.projects.flatMap((project) => clustersOf(project, view.at)),
  );
}

function summary({ projects }: FleetView, rows: readonly Row[], clusters: readonly PolledCluster[]): string {
  const sources = projects.flatMap((project) => project.sources);
  const failed = sources.filter(({ state }) => state.freshness.failure !== null).length;
  const interfaceEndpoints = rows.filter(({ id }) => /^[├└]/.test(id)).length;
  const troubled = rows.filter(
    ({ meaning, errorMessage, notes }) =>
      meaning === 'failed' || errorMessage !== null || notes.some(([, told]) => told === 'failed'),
  ).length;
  return [
    counted(projects.length, 'project'),
    counted(rows.length - interfaceEndpoints, 'connection'),
    counted(interfaceEndpoints, 'interface endpoint'),
    `${troubled} in trouble`,
    ...clusterSummary(clusters),
    ...(failed > 0 ? [`${failed} of ${counted(sources.length, 'list')} could not be polled`] : []),
  ].join(', ');
}
