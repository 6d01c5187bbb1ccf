import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dashboards } from '../../../dashboards/all.ts';
import { type DashboardFile, dashboardsFolder, questions, readDashboards } from '../../support/dashboards.ts';

const files = Object.entries(readDashboards());

test('the files are what the code makes: run `node scripts/dashboards.ts`', () => {
  const made = Object.entries(dashboards()).map(([name, text]) => [`${name}.json`, text]);
  const found = files.map(([name]) => [name, readFileSync(dashboardsFolder + name, 'utf8')]);
  expect(found.toSorted()).toEqual(made.toSorted());
});

test.each(files)(
  '%s: every panel says what it shows, and asks the data source that was chosen',
  (_name, { panels }) => {
    const shown = panels.filter(({ type }) => type !== 'row');
    expect(shown.length).toBeGreaterThan(10);
    for (const { title, description, datasource, targets = [], type, fieldConfig } of shown) {
      expect([title, description]).toEqual([title, expect.stringMatching(/^\S.{10,}[^.]$/s)]);
      expect([title, datasource?.uid, ...targets.map((target) => target.datasource.uid)]).toEqual([
        title,
        ...[undefined, ...targets].map(() => '${datasource}'),
      ]);
      if (type === 'timeseries' || type === 'stat')
        expect([title, fieldConfig?.defaults.unit]).toEqual([title, expect.any(String)]);
    }
  },
);

test.each(files)(
  '%s: variables choose data source, job and instance, and every series is chosen by them',
  (_name, board) => {
    expect(board.templating.list.slice(0, 3).map(({ name }) => name)).toEqual(['datasource', 'job', 'instance']);
    for (const { title, targets = [] } of board.panels) {
      for (const { expr } of targets) {
        const selectors = expr.match(/[a-z_]+\{[^}]*\}/g) ?? [];
        const free = selectors.filter((selector) => !/^ALERTS|job=~"\$job", instance=~"\$instance"/.test(selector));
        expect([title, free]).toEqual([title, []]);
      }
    }
  },
);

test.each(files)('%s: links lead to the others, the status page and the runbooks', (_name, { links }) => {
  expect(links.map(({ title, url = '' }) => [title, url])).toEqual([
    ['Other dashboards', ''],
    ['Status page', '${status_page}/'],
    ['Runbooks', 'docs/runbooks/README.md'],
  ]);
});

test.each(files)('%s: no panel covers another', (_name, { panels }: DashboardFile) => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});

test('identities are unique', () => {
  expect(files.map(([, { uid }]) => uid).toSorted()).toEqual([
    'atlas-private-endpoint-exporter',
    'atlas-private-endpoint-overview',
    'atlas-private-endpoint-project',
  ]);
  const places = questions().map(({ where }) => where);
  expect(new Set(places).size).toBe(places.length);
});
