import {
  type Dashboard,
  QueryVariableBuilder,
  RowBuilder,
  VariableHide,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { changes, frame, several } from './frame.ts';
import { type Column, datasource, graph, stat, table, timeline } from './panels.ts';
import * as q from './queries.ts';

const one = q.oneProject;
const things = q.thingLabels;

const connectionColumns: readonly Column[] = [
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
    .withVariable(
      new QueryVariableBuilder('project')
        .label('Project')
        .datasource(datasource)
        .query('label_values(mongodb_atlas_project_info{job=~"$job"}, project_name)'),
    )
    .withVariable(
      several(
        'project_id',
        'Project id',
        'label_values(mongodb_atlas_project_info{job=~"$job", project_name="$project"}, atlas_project_id)',
      ).hide(VariableHide.HideVariable),
    )
    .annotations([...changes(one)])
    .withRow(new RowBuilder('Now'));
  for (const panel of [...numbers(), connections(), endpoints()]) board.withPanel(panel);
  board.withRow(new RowBuilder('Statuses'));
  for (const panel of timelines()) board.withPanel(panel);
  board.withRow(new RowBuilder('What happened'));
  for (const panel of [...history(), removed()]) board.withPanel(panel);
  board.withRow(new RowBuilder('Freshness'));
  for (const panel of freshness()) board.withPanel(panel);
  return board.build();
}

function numbers() {
  const count = (statuses: string) =>
    q.count(`${q.maxBy(things, q.both(one, 'status', `status=~"${statuses}"`))} == 1`);
  const size = { width: 4 };
  const age = `time() - min(${q.maxBy(q.sourceLabels, q.source(one, 'last_success_timestamp_seconds'))} > 0)`;
  return [
    stat({
      ...size,
      title: 'Connections',
      description: 'Private endpoint connections of the project',
      query: q.count(q.maxBy(things, q.connection(one, 'info'))),
    }),
    stat({
      ...size,
      title: 'Interface endpoints',
      description: 'Endpoints in your own cloud accounts',
      query: q.count(q.maxBy(things, q.interfaceEndpoint(one, 'info'))),
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
      query: q.count(`${q.maxBy(things, q.both(one, 'ready'))} == 0`),
    }),
    stat({
      ...size,
      title: 'With an error',
      description: 'Atlas gives an error message',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both(one, 'error'))} == 1`),
    }),
    stat({
      ...size,
      title: 'Oldest data',
      description: 'How long ago the list was read that was not read for longest',
      unit: 's',
      query: age,
    }),
  ];
}

function stateOf(of: typeof q.connection) {
  return [
    `${q.maxBy(`${things}, status`, of(one, 'status'))} == 1`,
    `time() - ${q.minBy(things, of(one, 'status_since_timestamp_seconds'))}`,
    q.maxBy(`${things}, error_message`, of(one, 'error_info')),
  ];
}
const stateColumns: readonly Column[] = [
  { field: 'status', title: 'Status' },
  { field: 'Value #B', title: 'For', unit: 's' },
  { field: 'error_message', title: 'Error message' },
];

function connections() {
  return table({
    title: 'Each connection',
    description: 'Every connection as of the last good poll',
    width: 24,
    queries: [
      ...stateOf(q.connection),
      q.maxBy(`${things}, atlas_region, endpoint_service_name`, q.connection(one, 'info')),
      q.maxBy(things, q.connection(one, 'interface_endpoints')),
    ],
    columns: [
      ...connectionColumns,
      { field: 'atlas_region', title: 'Region' },
      ...stateColumns,
      { field: 'Value #E', title: 'Interface endpoints' },
      { field: 'endpoint_service_name', title: 'Service' },
    ],
  });
}

function endpoints() {
  return table({
    title: 'Each interface endpoint',
    description: 'Every interface endpoint of which more than the id is known, as of the last good poll',
    width: 24,
    queries: stateOf(q.interfaceEndpoint),
    columns: [...endpointColumns, ...stateColumns],
  });
}

function timelines() {
  return [
    timeline({
      title: 'Connections over time',
      description: 'What each connection was over time; a gap is a time without data',
      width: 24,
      queries: { '{{cloud_provider}} {{connection_id}}': q.condition(one, q.connection) },
    }),
    timeline({
      title: 'Interface endpoints over time',
      description: 'What each interface endpoint was over time; a gap is a time without data',
      width: 24,
      queries: { '{{interface_endpoint_id}}': q.condition(one, q.interfaceEndpoint) },
    }),
    graph({
      title: 'Members of endpoint groups',
      description: 'GCP: how many forwarding rules of each group are in which status',
      width: 24,
      stacked: true,
      queries: {
        '{{interface_endpoint_id}} {{status}}': `${q.maxBy(`${things}, status`, q.interfaceEndpoint(one, 'members'))} > 0`,
      },
    }),
  ];
}

function history() {
  const increase = (series: string) => `increase(${series}[$__rate_interval])`;
  const by = (label: string, family: string) =>
    `sum by (${label}) (${q.maxBy(`${things}, ${label}`, q.both(one, family, '', increase))})`;
  return [
    graph({
      title: 'Changes of status',
      description: 'How many connections and interface endpoints entered each status',
      width: 12,
      stacked: true,
      queries: { '{{status}}': by('status', 'status_changes_total') },
    }),
    graph({
      title: 'Changes of error messages',
      description: 'How often a message was set, became another one, was only reworded, or was cleared',
      width: 12,
      stacked: true,
      queries: { '{{change}}': by('change', 'error_message_changes_total') },
    }),
  ];
}

function removed() {
  return table({
    title: 'Gone',
    description: 'What Atlas no longer lists, for as long as the exporter keeps its tombstone',
    width: 24,
    queries: [`${q.maxBy(things, q.both(one, 'removed_timestamp_seconds'))} * 1000`],
    columns: [...endpointColumns, { field: 'Value', title: 'Since', unit: 'dateTimeAsIso' }],
  });
}

function freshness() {
  const last = q.maxBy(q.sourceLabels, q.source(one, 'last_success_timestamp_seconds'));
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
      queries: { '{{kind}} {{cloud_provider}}': q.maxBy(q.sourceLabels, q.source(one, 'up')) },
    }),
  ];
}
