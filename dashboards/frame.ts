/** What the dashboards have in common: variables, links, and annotations of what changed. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';
import { both, maxBy, minBy, type Scope, thingLabels } from './queries.ts';

const tag = 'atlas-private-endpoint-exporter';

/** An empty dashboard that is found by the others. */
export function frame(uid: string, title: string, description: string): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(title)
    .uid(`atlas-private-endpoint-${uid}`)
    .description(description)
    .tags([tag])
    .timezone('browser')
    .readonly()
    .tooltip(dashboard.DashboardCursorSync.Crosshair)
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(several('job', 'Job', 'label_values(mongodb_atlas_exporter_build_info, job)'))
    .withVariable(
      several('instance', 'Instance', 'label_values(mongodb_atlas_exporter_build_info{job=~"$job"}, instance)'),
    )
    .withVariable(
      new dashboard.TextBoxVariableBuilder('status_page')
        .label('Status page')
        .description('Where the exporter can be reached from your browser')
        .defaultValue('http://localhost:27900'),
    )
    .link(
      new dashboard.DashboardLinkBuilder('Other dashboards')
        .type(dashboard.DashboardLinkType.Dashboards)
        .tags([tag])
        .includeVars(true)
        .keepTime(true),
    )
    .link(link('Status page', '${status_page}/', 'What the exporter sees, and what to do about it'))
    .link(link('Runbooks', 'docs/runbooks/README.md', 'What to do when an alert fires'));
}

function link(title: string, url: string, tooltip: string): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder(title)
    .type(dashboard.DashboardLinkType.Link)
    .icon('external link')
    .url(url)
    .tooltip(tooltip)
    .targetBlank(true);
}

/** A variable of which any number may be chosen; all of them unless told. */
export function several(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** What changed, at the time at which the exporter saw it. */
export function changes(scope: Scope): readonly dashboard.AnnotationQueryBuilder[] {
  const at = (series: string) => `(${series}) * 1000 >= $__from`;
  return [
    annotation(
      'Error messages',
      'red',
      at(maxBy(`${thingLabels}, change`, both(scope, 'error_message_last_change_timestamp_seconds'))),
      'Error message {{change}}',
    ),
    annotation(
      'Statuses',
      'blue',
      at(minBy(thingLabels, both(scope, 'status_since_timestamp_seconds'))),
      'Another status',
    ),
    annotation('Removals', 'orange', at(maxBy(thingLabels, both(scope, 'removed_timestamp_seconds'))), 'Gone'),
  ];
}

function annotation(name: string, color: string, expr: string, titleFormat: string) {
  return new dashboard.AnnotationQueryBuilder()
    .name(name)
    .datasource(datasource)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .titleFormat(titleFormat)
    .textFormat('{{connection_id}} {{interface_endpoint_id}}')
    .tagKeys('cloud_provider')
    .step('60s')
    .useValueForTime(true);
}
