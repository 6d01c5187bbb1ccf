/** What the chart's dashboards ask Prometheus, with its variables filled in. */
import { readdirSync, readFileSync } from 'node:fs';

export const dashboardsFolder = new URL('../../helm/atlas-private-endpoint-exporter/files/dashboards/', import.meta.url)
  .pathname;

export interface Panel {
  readonly id?: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly {
    readonly refId: string;
    readonly expr: string;
    readonly instant?: boolean;
    readonly datasource: { readonly uid: string };
  }[];
  readonly maxDataPoints?: number;
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
      readonly mappings?: readonly { readonly type: string; readonly options: unknown }[];
    };
    readonly overrides?: readonly {
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly transformations?: readonly { readonly id: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list?: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string;
      readonly refresh?: number;
      readonly sort?: number;
      readonly allValue?: string;
    }[];
  };
  readonly links: readonly { readonly title: string; readonly url?: string }[];
}

export function readDashboards(): Readonly<Record<string, DashboardFile>> {
  const files = readdirSync(dashboardsFolder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [name, JSON.parse(readFileSync(dashboardsFolder + name, 'utf8')) as DashboardFile]),
  );
}

export interface Question {
  /** As in `overview.json, Failed, A`. */
  readonly where: string;
  readonly expr: string;
}

/** Every expression: of panels, of annotations, and of variables. */
export function questions(): readonly Question[] {
  return Object.entries(readDashboards()).flatMap(([file, { panels, annotations, templating }]) => [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({ where: `${file}, ${title}, ${refId}`, expr: filledIn(expr) })),
    ),
    ...(annotations.list ?? []).map(({ name, expr }) => ({ where: `${file}, ${name}`, expr: filledIn(expr) })),
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => ({
        where: `${file}, variable ${name}`,
        expr: filledIn(query).replace(/^(?:label_values\((.*), \w+\)|query_result\((.*)\))$/, '$1$2'),
      })),
  ]);
}

/** As Grafana does while all of everything is chosen, but with shorter ranges. */
export function filledIn(expr: string, ranges = { rate: '30s', interval: '5m', range: '5m' }): string {
  return expr
    .replaceAll('$__rate_interval', ranges.rate)
    .replaceAll('$__interval', ranges.interval)
    .replaceAll('$__range', ranges.range)
    .replace(/\$[a-z]+/g, '.*');
}
