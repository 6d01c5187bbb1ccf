/** What the dashboards have in common: variables, links, and annotations of what changed. */
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { datasource } from './panels.ts';
import { chosen, counted } from './queries.ts';

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
    .withVariable(several('cluster', 'Cluster', 'label_values(mongodb_atlas_exporter_build_info, cluster)'))
    .withVariable(several('job', 'Job', 'label_values(mongodb_atlas_exporter_build_info{cluster=~"$cluster"}, job)'))
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
    .link(link('Runbooks', '${status_page}/help', 'What to do when an alert fires'));
}

function link(title: string, url: string, tooltip: string): dashboard.DashboardLinkBuilder {
  return new dashboard.DashboardLinkBuilder(title)
    .type(dashboard.DashboardLinkType.Link)
    .icon('external link')
    .url(url)
    .tooltip(tooltip)
    .targetBlank(true);
}

/** A variable that is asked for anew with every look, in the order of the alphabet. */
function asked(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalCaseInsensitiveAsc)
    .allValue('.*');
}

/** One of which any number may be chosen; all of them unless told, also those that do not have the label. */
export function several(name: string, label: string, query: string): dashboard.QueryVariableBuilder {
  return asked(name, label, query)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: 'All', value: '$__all' });
}

/** Projects: shown by name, chosen by id, so that a link and a chosen one survive a rename. */
function projects(many: boolean): dashboard.QueryVariableBuilder {
  const query = `query_result(group by (atlas_project_id, project_name) (mongodb_atlas_project_info{${chosen}, team=~"$team"}))`;
  return (many ? several('project', 'Project', query) : asked('project', 'Project', query)).regex(
    '/atlas_project_id="(?<value>[^"]+)".*project_name="(?<text>[^"]*)"/',
  );
}

/** What narrows a dashboard of projects down. */
export function filters(manyProjects: boolean): readonly dashboard.QueryVariableBuilder[] {
  const lists = (label: string) => `label_values(mongodb_atlas_exporter_source_up{${chosen}}, ${label})`;
  return [
    several('team', 'Team', `label_values(mongodb_atlas_project_info{${chosen}}, team)`),
    projects(manyProjects),
    several('cloud', 'Cloud', lists('cloud_provider')),
    several('kind', 'Kind', lists('kind')),
  ];
}

/** What changed, within the minute (or what the range makes of it) in which it was seen. Records of the rules. */
export function changes(): readonly dashboard.AnnotationQueryBuilder[] {
  const seen = (by: string, record: string) => `sum by (project_name, kind, cloud_provider${by}) (${counted(record)})`;
  return [
    annotation(
      'Error messages',
      'red',
      seen(', change', 'mongodb_atlas:message_changes:sum'),
      'Error message {{change}}',
    ),
    annotation('Statuses', 'blue', seen(', status', 'mongodb_atlas:statuses_entered:sum'), 'Entered {{status}}'),
    annotation('Removals', 'orange', seen('', 'mongodb_atlas:removals:count'), 'Gone'),
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
    .textFormat('{{project_name}} {{cloud_provider}} {{kind}}')
    .tagKeys('cloud_provider')
    .step('60s');
}
