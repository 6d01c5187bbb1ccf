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
    readonly datasource: { readonly uid: string };
  }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list?: readonly { readonly name: string; readonly expr: string }[] };
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
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
        expr: filledIn(query).replace(/^label_values\((.*), \w+\)$/, '$1'),
      })),
  ]);
}

function filledIn(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '30s')
    .replaceAll('$__range', '5m')
    .replaceAll('$__from', '0')
    .replace(/="\$\w+"/g, '=~".+"')
    .replace(/=~"\$\w+"/g, '=~".+"');
}
