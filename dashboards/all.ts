import { exporterItself } from './exporter.ts';
import { overview } from './overview.ts';
import { project } from './project.ts';

/** The text of each dashboard's file, by its name. */
export function dashboards(): Readonly<Record<string, string>> {
  const built = { overview: overview(), project: project(), exporter: exporterItself() };
  return Object.fromEntries(
    Object.entries(built).map(([name, board]) => [name, `${JSON.stringify(board, null, 2)}\n`]),
  );
}
