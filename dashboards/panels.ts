/** Panels as this project draws them: every one says what it shows, in which unit, and what its colours mean. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Condition, codes } from './queries.ts';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

interface Common {
  readonly title: string;
  readonly description: string;
  readonly width: number;
  readonly height?: number;
  readonly unit?: string;
}

/** By the text of the legend: a series, or `{{label}}`. */
type Queries = Readonly<Record<string, string>>;

function targets(queries: Queries, shape: (query: DataqueryBuilder) => DataqueryBuilder): Builder<Dataquery>[] {
  return Object.entries(queries).map(([legend, expr], index) =>
    shape(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .datasource(datasource)
        .expr(expr)
        .legendFormat(legend),
    ),
  );
}

/** Lines over time. */
export function graph({
  title,
  description,
  width,
  height = 8,
  unit = 'short',
  queries,
  stacked = false,
  points,
}: Common & {
  readonly queries: Queries;
  readonly stacked?: boolean;
  /** At most so many over the range, where each is dear; as many as the panel is wide when left out. */
  readonly points?: number;
}) {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(height)
    .unit(unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(stacked ? 40 : 10)
    .showPoints(VisibilityMode.Never)
    .legend(legend())
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    // What is counted since the evaluation before is seen by every step.
    .interval('30s')
    .targets(targets(queries, (query) => query.range()));
  if (points !== undefined) panel.maxDataPoints(points);
  return stacked ? panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal)) : panel;
}

export type Alarm = 'none' | 'red above 0' | 'red below 1' | 'amber above 0' | 'age';

/** One number. */
export function stat({
  title,
  description,
  width,
  height = 4,
  unit = 'short',
  query,
  alarm = 'none',
  text = '',
}: Common & {
  readonly query: string;
  readonly alarm?: Alarm;
  /** Shows this label instead of the number. */
  readonly text?: string;
}) {
  const panel = new StatBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(height)
    .unit(unit)
    .decimals(unit === 'short' ? 0 : 1)
    .noValue('no data')
    .mappings([...(alarm === 'age' ? [neverRead] : alarm.endsWith('above 0') ? [blindToSome] : [])])
    .colorMode(alarm === 'none' ? common.BigValueColorMode.None : common.BigValueColorMode.Background)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(thresholds(alarm))
    .targets(targets({ [text === '' ? title : `{{${text}}}`]: query }, (query) => query.instant()));
  return text === '' ? panel : panel.textMode(common.BigValueTextMode.Name);
}

/** What cannot be seen is not well: a count is -1 where none was seen and some lists could not be read. */
const blindToSome: dashboard.ValueMap = {
  type: dashboard.MappingType.ValueToText,
  options: { '-1': { text: 'none seen', color: 'orange' } },
};
/** The age of what was never read is the time since 1970. */
const neverRead: dashboard.RangeMap = {
  type: dashboard.MappingType.RangeToText,
  options: { from: 1e9, to: null, result: { text: 'never read', color: 'red' } },
};

/** The first step is what Grafana shows without data, too: it is never green. */
function thresholds(alarm: Alarm): dashboard.ThresholdsConfigBuilder {
  const steps = {
    none: [{ value: null, color: 'text' }],
    'red above 0': [
      { value: null, color: 'super-light-orange' },
      { value: 0, color: 'green' },
      { value: 1, color: 'red' },
    ],
    'amber above 0': [
      { value: null, color: 'super-light-orange' },
      { value: 0, color: 'green' },
      { value: 1, color: 'orange' },
    ],
    'red below 1': [
      { value: null, color: 'red' },
      { value: 1, color: 'green' },
    ],
    // Polls that fail are an alert after ten minutes, and series end after fifteen.
    age: [
      { value: null, color: 'super-light-orange' },
      { value: 0, color: 'green' },
      { value: 600, color: 'orange' },
      { value: 900, color: 'red' },
    ],
  } as const;
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps([...steps[alarm]]);
}

const looks: Readonly<Record<Condition, { readonly text: string; readonly color: string }>> = {
  ready: { text: 'ready', color: 'green' },
  progressing: { text: 'on its way', color: 'blue' },
  waiting: { text: 'waits for you', color: 'yellow' },
  deleting: { text: 'being deleted', color: 'orange' },
  failed: { text: 'failed', color: 'red' },
  unknown: { text: 'unknown', color: 'purple' },
};

/** Bars that change colour with the condition. */
export function timeline({ title, description, width, height = 10, queries }: Common & { readonly queries: Queries }) {
  const options = Object.fromEntries(
    Object.entries(codes).map(([name, code], index) => [String(code), { ...looks[name as Condition], index }]),
  );
  return new TimelineBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(height)
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .lineWidth(0)
    .fillOpacity(80)
    .perPage(20)
    .legend(legend())
    .noValue('none')
    .mappings([{ type: dashboard.MappingType.ValueToText, options }])
    .targets(targets(queries, (query) => query.range()));
}

/** By the number that they stand for. */
export type Words = Readonly<Record<string, { readonly text: string; readonly color: string }>>;

export interface Column {
  /** As the query has it: a label, or `Value #A`. */
  readonly field: string;
  readonly title: string;
  readonly unit?: string;
  /** It is an age: what was never read says so. */
  readonly age?: true;
  /** What is shown in place of its numbers. */
  readonly words?: Words;
  /** Where a click leads to. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** Rows of labels and values, one for each thing; queries of one table are merged by the labels they share. */
export function table({
  title,
  description,
  width,
  height = 8,
  queries,
  columns,
}: Common & {
  readonly queries: readonly string[];
  readonly columns: readonly Column[];
}) {
  const names = Object.fromEntries(columns.map(({ field, title }) => [field, title]));
  const order = Object.fromEntries(columns.map(({ field }, index) => [field, index]));
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .span(width)
    .height(height)
    .noValue('none')
    .filterable(true)
    .targets(
      targets(Object.fromEntries(queries.map((query, index) => [String(index), query])), (query) =>
        query.instant().format(PromQueryFormat.Table).legendFormat(''),
      ),
    )
    .transformations([
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names: Object.keys(names) } } },
      { id: 'organize', options: { renameByName: names, indexByName: order } },
    ]);
  for (const { title, unit, age, words, link } of columns) {
    const properties = [
      ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
      ...(age === undefined ? [] : [{ id: 'mappings', value: [neverRead] }]),
      ...(words === undefined ? [] : [{ id: 'mappings', value: [{ type: 'value', options: words }] }]),
      ...(link === undefined ? [] : [{ id: 'links', value: [{ ...link, targetBlank: false }] }]),
    ];
    if (properties.length > 0) panel.overrideByName(title, properties);
  }
  return panel;
}

function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .showLegend(true);
}
