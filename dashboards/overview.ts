import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { ofAllProjects } from './clusters.ts';
import { changes, filters, frame } from './frame.ts';
import { type Column, graph, stat, table } from './panels.ts';
import * as q from './queries.ts';
import { bothHalves } from './reachability.ts';

const things = q.thingLabels;
/** Rows of a table: the numbers above it say how many there are. */
const rows = 100;

const toProject = {
  title: 'This project',
  url: '/d/atlas-private-endpoint-project?var-project=${__data.fields["Project id"]:percentencode}&var-datasource=${datasource:percentencode}&var-cluster=${cluster:percentencode}&var-job=${job:percentencode}&${__url_time_range}',
};

const listColumns: readonly Column[] = [
  { field: 'project_name', title: 'Project', link: toProject },
  { field: 'kind', title: 'Kind' },
  { field: 'cloud_provider', title: 'Cloud' },
];
const thingColumns: readonly Column[] = [
  ...listColumns,
  { field: 'connection_id', title: 'Connection' },
  { field: 'interface_endpoint_id', title: 'Interface endpoint' },
];
const projectId: Column = { field: 'atlas_project_id', title: 'Project id' };

/** Every project at once: what is broken now, since when, why, and how old that knowledge is. */
export function overview(): Dashboard {
  const board = frame(
    'overview',
    'Atlas private endpoints / Overview',
    'All projects: what is broken now and what changed',
  )
    .annotations([...changes()])
    .withRow(new RowBuilder('Now'));
  for (const filter of filters(true)) board.withVariable(filter);
  for (const panel of numbers()) board.withPanel(panel);
  board.withPanel(brokenNow()).withPanel(firing()).withPanel(gone()).withRow(new RowBuilder('Clusters and deadlines'));
  for (const panel of ofAllProjects(listColumns, projectId, rows)) board.withPanel(panel);
  board
    .withRow(new RowBuilder('Does it answer'))
    .withPanel(bothHalves(rows, [{ field: 'project_name', title: 'Project', link: toProject }]))
    .withRow(new RowBuilder('Statuses'))
    .withPanel(notReady())
    .withPanel(byStatus())
    .withPanel(statusChanges())
    .withRow(new RowBuilder('Error messages'))
    .withPanel(messages())
    .withPanel(messageChanges())
    .withRow(new RowBuilder('Freshness'));
  for (const panel of freshness()) board.withPanel(panel);
  return board.build();
}

function numbers() {
  const size = { width: 3 };
  const day = 86_400;
  return [
    stat({
      ...size,
      title: 'Projects',
      description: 'Projects that are watched',
      query: `count(${q.maxBy('atlas_project_id', q.project('info'))})`,
    }),
    stat({
      ...size,
      title: 'Connections',
      description: 'Private endpoint connections, and the interface endpoints of which more than the id is known',
      query: `count(${q.maxBy(things, q.both('info'))})`,
    }),
    stat({
      ...size,
      title: 'Failed',
      description: 'Connections and interface endpoints that are FAILED or REJECTED',
      alarm: 'red above 0',
      query: q.count(`${q.maxBy(things, q.both('status', 'status=~"FAILED|REJECTED"'))} == 1`),
    }),
    stat({
      ...size,
      title: 'Not ready',
      description: 'Connections and interface endpoints that cannot be used, for whatever reason',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both('ready'))} == 0`),
    }),
    stat({
      ...size,
      title: 'With an error',
      description: 'Connections and interface endpoints for which Atlas gives an error message',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both('error'))} == 1`),
    }),
    stat({
      ...size,
      title: 'Gone',
      description: 'Connections and interface endpoints that Atlas lists no more since less than a day, meant or not',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both('removed_timestamp_seconds'))} > time() - ${day}`),
    }),
    stat({
      ...size,
      title: 'Blind',
      description:
        'Lists that could not be read when they were last polled, or never: what happens to them is not seen',
      alarm: 'red above 0',
      query: `count${q.unread} or 0 * count(${q.source('up')})`,
    }),
    stat({
      ...size,
      title: 'Oldest data',
      description: 'How long ago the list was read that was not read for longest, be it for ever',
      unit: 's',
      alarm: 'age',
      query: `max(time() - ${q.maxBy(q.sourceLabels, q.source('last_success_timestamp_seconds'))})`,
    }),
  ];
}

function brokenNow() {
  const newest = `bottomk(${rows}, ${q.age()} and on (${things}) ${q.broken})`;
  return table({
    title: 'What is broken now',
    description: `What is not ready or has an error message, with the words of Atlas, as of the last good poll of each: the ${rows} whose status is the newest`,
    width: 24,
    height: 10,
    queries: [q.namedOfLists(q.described(newest))],
    columns: [
      ...thingColumns,
      { field: 'status', title: 'Status' },
      { field: 'Value', title: 'For', unit: 's' },
      { field: 'error_message', title: 'Error message' },
      projectId,
    ],
  });
}

function firing() {
  return table({
    title: 'Alerts that fire',
    description: `Alerts of the rules that come with the exporter, if this Prometheus evaluates them; of ${rows} at most`,
    width: 24,
    queries: [`topk(${rows}, ${q.named(q.alerts)})`],
    columns: [
      {
        field: 'alertname',
        title: 'Alert',
        link: { title: 'Runbook', url: '${status_page}/help/${__value.raw:percentencode}' },
      },
      { field: 'severity', title: 'Severity' },
      ...thingColumns,
      { field: 'credential', title: 'Credential' },
      projectId,
    ],
  });
}

function gone() {
  const newest = `topk(${rows}, ${q.maxBy(things, q.both('removed_timestamp_seconds'))})`;
  return table({
    title: 'What is gone',
    description: `What Atlas lists no more, for as long as the exporter keeps its tombstone: the ${rows} that went last`,
    width: 24,
    queries: [`${q.named(newest)} * 1000`],
    columns: [...thingColumns, { field: 'Value', title: 'Since', unit: 'dateTimeAsIso' }, projectId],
  });
}

function notReady() {
  const record = q.listed('mongodb_atlas:not_ready:count');
  const by = 'project_name, kind, cloud_provider';
  const overRange = q.listed('mongodb_atlas:not_ready:count', '', '[$__range] @ end()', 'sum_over_time');
  return graph({
    title: 'Not ready, by project',
    description:
      'How many cannot be used: the twenty lists with the most and longest within the range. Nothing is drawn while all is well, or nothing is known',
    width: 24,
    stacked: true,
    points: 300,
    queries: {
      '{{project_name}} {{kind}} {{cloud_provider}}': `sum by (${by}) (${record}) and on (${by}) topk(20, sum by (${by}) (${overRange}))`,
    },
  });
}

function byStatus() {
  const series = q.summed('mongodb_atlas:connections:sum', 'mongodb_atlas_private_endpoint_connections');
  return graph({
    title: 'Connections by status',
    description: "How many connections are in each of Atlas' statuses",
    width: 12,
    stacked: true,
    queries: { '{{status}}': `sum by (status) (${q.maxBy(`${q.sourceLabels}, status`, series)}) > 0` },
  });
}

function statusChanges() {
  return graph({
    title: 'Changes of status',
    description: 'How many connections and interface endpoints entered each status, in each step of the graph',
    width: 12,
    stacked: true,
    queries: { '{{status}}': `sum by (status) (${q.counted('mongodb_atlas:statuses_entered:sum')})` },
  });
}

function messages() {
  return graph({
    title: 'Error messages by class',
    description: 'How many connections and interface endpoints have an error message, by what it is about',
    width: 12,
    stacked: true,
    queries: { '{{error_class}}': `sum by (error_class) (${q.listed('mongodb_atlas:errors:count')})` },
  });
}

function messageChanges() {
  return graph({
    title: 'Changes of error messages',
    description: 'How often a message was set, became another one, was only reworded, or was cleared, in each step',
    width: 12,
    stacked: true,
    queries: { '{{change}}': `sum by (change) (${q.counted('mongodb_atlas:message_changes:sum')})` },
  });
}

function freshness() {
  const last = q.maxBy(q.sourceLabels, q.source('last_success_timestamp_seconds'));
  const up = q.summed('mongodb_atlas:sources_up:sum', 'mongodb_atlas_exporter_source_up');
  return [
    table({
      title: 'Age of the data',
      description: 'The twenty lists that were not read for longest, be it for ever',
      width: 12,
      queries: [q.named(`topk(20, time() - ${last})`, q.sourceLabels)],
      columns: [...listColumns, { field: 'Value', title: 'Age', unit: 's', age: true }, projectId],
    }),
    graph({
      title: 'Lists that could not be read',
      description: 'Lists of projects whose last poll failed, by reason, beside those whose last poll succeeded',
      width: 12,
      stacked: true,
      queries: {
        '{{reason}}': `count by (reason) (${q.listed('mongodb_atlas:source_down:age', 'reason!=""')})`,
        'read well': `sum(${q.maxBy(q.sourceLabels, up)})`,
      },
    }),
  ];
}
