import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { ofOneProject } from './clusters.ts';
import { changes, filters, frame } from './frame.ts';
import { type Column, graph, stat, table, timeline } from './panels.ts';
import * as q from './queries.ts';
import { bothHalves } from './reachability.ts';

const things = q.thingLabels;
/** Rows of a table: the numbers above it say how many there are. */
const rows = 500;

const connectionColumns: readonly Column[] = [
  { field: 'kind', title: 'Kind' },
  { field: 'cloud_provider', title: 'Cloud' },
  { field: 'connection_id', title: 'Connection' },
];
const endpointColumns: readonly Column[] = [
  ...connectionColumns,
  { field: 'interface_endpoint_id', title: 'Interface endpoint' },
];

/** One project: each connection and interface endpoint, and what happened to them. */
export function project(): Dashboard {
  const board = frame(
    'project',
    'Atlas private endpoints / Project',
    'One project: its connections and interface endpoints',
  )
    .annotations([...changes()])
    .withRow(new RowBuilder('Now'));
  for (const filter of filters(false)) board.withVariable(filter);
  for (const panel of [...numbers(), connections(), endpoints()]) board.withPanel(panel);
  board.withRow(new RowBuilder('Clusters'));
  for (const panel of ofOneProject(rows)) board.withPanel(panel);
  board.withRow(new RowBuilder('Does it answer')).withPanel(bothHalves(rows, []));
  board.withRow(new RowBuilder('Statuses'));
  for (const panel of timelines()) board.withPanel(panel);
  board.withRow(new RowBuilder('What happened'));
  for (const panel of [...history(), removed()]) board.withPanel(panel);
  board.withRow(new RowBuilder('Freshness'));
  for (const panel of freshness()) board.withPanel(panel);
  return board.build();
}

function numbers() {
  const count = (statuses: string) => q.count(`${q.maxBy(things, q.both('status', `status=~"${statuses}"`))} == 1`);
  const size = { width: 4 };
  const age = `max(time() - ${q.maxBy(q.sourceLabels, q.source('last_success_timestamp_seconds'))})`;
  return [
    stat({
      ...size,
      title: 'Connections',
      description: 'Private endpoint connections of the project',
      query: q.count(q.maxBy(things, q.connection('info'))),
    }),
    stat({
      ...size,
      title: 'Interface endpoints',
      description: 'Endpoints in your own cloud accounts',
      query: q.count(q.maxBy(things, q.interfaceEndpoint('info'))),
    }),
    stat({
      ...size,
      title: 'Failed',
      description: 'FAILED or REJECTED',
      alarm: 'red above 0',
      query: count('FAILED|REJECTED'),
    }),
    stat({
      ...size,
      title: 'Not ready',
      description: 'Cannot be used, for whatever reason',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both('ready'))} == 0`),
    }),
    stat({
      ...size,
      title: 'With an error',
      description: 'Atlas gives an error message',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both('error'))} == 1`),
    }),
    stat({
      ...size,
      title: 'Oldest data',
      description: 'How long ago the list was read that was not read for longest, be it for ever',
      unit: 's',
      alarm: 'age',
      query: age,
    }),
  ];
}

type Of = (family: string, further?: string) => string;
/** The newest statuses of these, with status and error message. */
function stateOf(of: Of): string {
  return q.described(`bottomk(${rows}, ${q.age(of('status_since_timestamp_seconds'))})`);
}
const stateColumns: readonly Column[] = [
  { field: 'status', title: 'Status' },
  { field: 'Value #A', title: 'For', unit: 's' },
  { field: 'error_message', title: 'Error message' },
];

function connections() {
  const shown = (series: string) => `(${series}) and on (${things}) ${stateOf(q.connection)}`;
  return table({
    title: 'Each connection',
    description: `Every connection as of the last good poll; of more than ${rows} those whose status is the newest`,
    width: 24,
    queries: [
      stateOf(q.connection),
      shown(q.maxBy(`${things}, atlas_region, endpoint_service_name`, q.connection('info'))),
      shown(q.maxBy(things, q.connection('interface_endpoints'))),
    ],
    columns: [
      ...connectionColumns,
      { field: 'atlas_region', title: 'Region' },
      ...stateColumns,
      { field: 'Value #C', title: 'Interface endpoints' },
      { field: 'endpoint_service_name', title: 'Service' },
    ],
  });
}

function endpoints() {
  return table({
    title: 'Each interface endpoint',
    description: `Every interface endpoint of which more than the id is known, as of the last good poll; of more than ${rows} those whose status is the newest`,
    width: 24,
    queries: [stateOf(q.interfaceEndpoint)],
    columns: [
      ...endpointColumns,
      ...stateColumns.map((column) => (column.field === 'Value #A' ? { ...column, field: 'Value' } : column)),
    ],
  });
}

function timelines() {
  return [
    timeline({
      title: 'Connections over time',
      description: 'What each connection was over time; a gap is a time without data',
      width: 24,
      queries: { '{{kind}} {{cloud_provider}} {{connection_id}}': q.condition(q.connection) },
    }),
    timeline({
      title: 'Interface endpoints over time',
      description: 'What each interface endpoint was over time; a gap is a time without data',
      width: 24,
      queries: { '{{kind}} {{interface_endpoint_id}}': q.condition(q.interfaceEndpoint) },
    }),
    graph({
      title: 'Members of endpoint groups',
      description: 'GCP: how many forwarding rules of each group are in which status',
      width: 24,
      stacked: true,
      queries: {
        '{{interface_endpoint_id}} {{status}}': `${q.maxBy(`${things}, status`, q.interfaceEndpoint('members'))} > 0`,
      },
    }),
  ];
}

function history() {
  const by = (label: string, record: string) => `sum by (${label}) (${q.counted(record)})`;
  return [
    graph({
      title: 'Changes of status',
      description: 'How many connections and interface endpoints entered each status, in each step of the graph',
      width: 12,
      stacked: true,
      queries: { '{{status}}': by('status', 'mongodb_atlas:statuses_entered:sum') },
    }),
    graph({
      title: 'Changes of error messages',
      description: 'How often a message was set, became another one, was only reworded, or was cleared, in each step',
      width: 12,
      stacked: true,
      queries: { '{{change}}': by('change', 'mongodb_atlas:message_changes:sum') },
    }),
  ];
}

function removed() {
  return table({
    title: 'Gone',
    description: 'What Atlas no longer lists, for as long as the exporter keeps its tombstone',
    width: 24,
    queries: [`topk(${rows}, ${q.maxBy(things, q.both('removed_timestamp_seconds'))}) * 1000`],
    columns: [...endpointColumns, { field: 'Value', title: 'Since', unit: 'dateTimeAsIso' }],
  });
}

function freshness() {
  const last = q.maxBy(q.sourceLabels, q.source('last_success_timestamp_seconds'));
  return [
    graph({
      title: 'Age of the data',
      description: 'How long ago each list of the project was read',
      width: 12,
      unit: 's',
      queries: { '{{kind}} {{cloud_provider}}': `time() - (${last} > 0)` },
    }),
    graph({
      title: 'Polls',
      description: 'Whether the last poll of each list succeeded (1) or failed (0)',
      width: 12,
      queries: { '{{kind}} {{cloud_provider}}': q.maxBy(q.sourceLabels, q.source('up')) },
    }),
  ];
}
