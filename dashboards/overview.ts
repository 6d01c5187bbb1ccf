import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { changes, frame } from './frame.ts';
import { type Column, graph, stat, table, timeline } from './panels.ts';
import * as q from './queries.ts';

const all = q.everywhere;
const things = q.thingLabels;

const toProject = {
  title: 'This project',
  url: '/d/atlas-private-endpoint-project?var-project=${__value.text}&var-datasource=${datasource}&${__url_time_range}',
};

const thingColumns: readonly Column[] = [
  { field: 'project_name', title: 'Project', link: toProject },
  { field: 'cloud_provider', title: 'Cloud' },
  { field: 'connection_id', title: 'Connection' },
  { field: 'interface_endpoint_id', title: 'Interface endpoint' },
];

/** Every project at once: what is broken now, since when, why, and how old that knowledge is. */
export function overview(): Dashboard {
  const board = frame(
    'overview',
    'Atlas private endpoints / Overview',
    'All projects: what is broken now and what changed',
  )
    .annotations([...changes(all)])
    .withRow(new RowBuilder('Now'));
  for (const panel of numbers()) board.withPanel(panel);
  board
    .withPanel(brokenNow())
    .withPanel(firing())
    .withRow(new RowBuilder('Statuses'))
    .withPanel(notAlwaysWell())
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
  const failed = `${q.maxBy(things, q.both(all, 'status', 'status=~"FAILED|REJECTED"'))} == 1`;
  const age = `time() - min(${q.maxBy(q.sourceLabels, q.source(all, 'last_success_timestamp_seconds'))} > 0)`;
  return [
    stat({
      ...size,
      title: 'Projects',
      description: 'Projects that are watched',
      query: `count(${q.maxBy('atlas_project_id', q.project(all, 'info'))})`,
    }),
    stat({
      ...size,
      title: 'Connections',
      description: 'Private endpoint connections of all projects',
      query: `count(${q.maxBy(things, q.connection(all, 'info'))})`,
    }),
    stat({
      ...size,
      title: 'Interface endpoints',
      description: 'Endpoints in your own cloud accounts that are attached to connections',
      query: `count(${q.maxBy(things, q.interfaceEndpoint(all, 'info'))})`,
    }),
    stat({
      ...size,
      title: 'Failed',
      description: 'Connections and interface endpoints that are FAILED or REJECTED',
      alarm: 'red above 0',
      query: q.count(failed),
    }),
    stat({
      ...size,
      title: 'Not ready',
      description: 'Connections and interface endpoints that cannot be used, for whatever reason',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both(all, 'ready'))} == 0`),
    }),
    stat({
      ...size,
      title: 'With an error',
      description: 'Connections and interface endpoints for which Atlas gives an error message',
      alarm: 'amber above 0',
      query: q.count(`${q.maxBy(things, q.both(all, 'error'))} == 1`),
    }),
    stat({
      ...size,
      title: 'Blind',
      description: 'Lists of projects whose last poll failed: what happens to them is not seen',
      alarm: 'red above 0',
      query: q.count(`${q.maxBy(q.sourceLabels, q.source(all, 'up'))} == 0`),
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

function brokenNow() {
  const since = `(time() - ${q.minBy(things, q.both(all, 'status_since_timestamp_seconds'))}) and on (${things}) ${q.broken(all)}`;
  return table({
    title: 'What is broken now',
    description:
      'Everything that is not ready or has an error message, with the words of Atlas, as of the last good poll of each',
    width: 24,
    height: 10,
    queries: [
      q.named(all, `(${q.maxBy(`${things}, status`, q.both(all, 'status'))} == 1) and on (${things}) ${q.broken(all)}`),
      since,
      q.maxBy(`${things}, error_message`, q.both(all, 'error_info')),
    ],
    columns: [
      ...thingColumns,
      { field: 'status', title: 'Status' },
      { field: 'Value #B', title: 'For', unit: 's' },
      { field: 'error_message', title: 'Error message' },
    ],
  });
}

function firing() {
  return table({
    title: 'Alerts that fire',
    description: 'Alerts of the rules that come with the exporter, if this Prometheus evaluates them',
    width: 24,
    queries: ['ALERTS{alertname=~"AtlasPrivateEndpoint.+", alertstate="firing"}'],
    columns: [
      { field: 'alertname', title: 'Alert', link: { title: 'Runbook', url: 'docs/runbooks/${__value.raw}.md' } },
      { field: 'severity', title: 'Severity' },
      ...thingColumns,
      { field: 'credential', title: 'Credential' },
    ],
  });
}

function notAlwaysWell() {
  // At the end of the range on purpose: else its bars would begin only where it was not ready for the first time.
  const worst = (of: typeof q.connection) =>
    `${q.minBy(things, `min_over_time(${of(all, 'ready')}[$__range] @ end())`)} == 0`;
  const bars = (of: typeof q.connection) => `(${q.condition(all, of)}) and on (${things}) ${worst(of)}`;
  return timeline({
    title: 'What was not always well',
    description:
      'Connections and interface endpoints that were not ready at some time of the range; a gap is a time without data',
    width: 24,
    queries: {
      '{{connection_id}}': bars(q.connection),
      '{{connection_id}} {{interface_endpoint_id}}': bars(q.interfaceEndpoint),
    },
  });
}

function byStatus() {
  const series = `mongodb_atlas_private_endpoint_connections{${q.chosen}}`;
  return graph({
    title: 'Connections by status',
    description: "How many connections are in each of Atlas' statuses",
    width: 12,
    stacked: true,
    queries: { '{{status}}': `sum by (status) (${q.maxBy(`${q.sourceLabels}, status`, series)}) > 0` },
  });
}

function statusChanges() {
  const increase = (series: string) => `increase(${series}[$__rate_interval])`;
  return graph({
    title: 'Changes of status',
    description: 'How many connections and interface endpoints entered each status',
    width: 12,
    stacked: true,
    queries: {
      '{{status}}': `sum by (status) (${q.maxBy(`${things}, status`, q.both(all, 'status_changes_total', '', increase))})`,
    },
  });
}

function messages() {
  return graph({
    title: 'Error messages by class',
    description: 'How many connections and interface endpoints have an error message now, by what it is about',
    width: 12,
    stacked: true,
    queries: {
      '{{error_class}}': `sum by (error_class) (${q.maxBy(`${things}, error_class`, q.both(all, 'error_info'))})`,
    },
  });
}

function messageChanges() {
  const increase = (series: string) => `increase(${series}[$__rate_interval])`;
  return graph({
    title: 'Changes of error messages',
    description: 'How often a message was set, became another one, was only reworded, or was cleared',
    width: 12,
    stacked: true,
    queries: {
      '{{change}}': `sum by (change) (${q.maxBy(`${things}, change`, q.both(all, 'error_message_changes_total', '', increase))})`,
    },
  });
}

function freshness() {
  const last = q.maxBy(q.sourceLabels, q.source(all, 'last_success_timestamp_seconds'));
  return [
    graph({
      title: 'Age of the data',
      description: 'The ten projects one of whose lists was not read for longest',
      width: 12,
      unit: 's',
      queries: {
        '{{project_name}}': `topk(10, ${q.named(all, `max by (atlas_project_id) (time() - (${last} > 0))`)})`,
      },
    }),
    graph({
      title: 'Lists that could not be read',
      description: 'Lists of projects whose last poll failed, by reason, beside those whose last poll succeeded',
      width: 12,
      stacked: true,
      queries: {
        '{{reason}}': `count by (reason) (${q.maxBy(`${q.sourceLabels}, reason`, q.source(all, 'failure'))})`,
        'read well': `sum(${q.maxBy(q.sourceLabels, q.source(all, 'up'))})`,
      },
    }),
  ];
}
