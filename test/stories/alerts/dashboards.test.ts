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

const ofFilters = ['team', 'project', 'cloud', 'kind'];
const onBoards: Readonly<Record<string, readonly string[]>> = {
  'overview.json': ofFilters,
  'project.json': ofFilters,
  'exporter.json': ['instance'],
};

test.each(files)(
  '%s: has its filters, and each asks anew, sorts, and lets through what lacks its label',
  (name, board) => {
    const { list } = board.templating;
    expect(list.map((variable) => variable.name).toSorted()).toEqual(
      ['datasource', 'cluster', 'job', 'status_page', ...(onBoards[name] ?? [])].toSorted(),
    );
    const asked = list.filter(({ type }) => type === 'query');
    expect(asked.length).toBeGreaterThan(2);
    for (const variable of asked) {
      expect([variable.name, variable.refresh, variable.allValue]).toEqual([variable.name, 2, '.*']);
      expect([variable.name, variable.sort]).not.toEqual([variable.name, 0]);
      expect([variable.name, variable.sort]).toEqual([variable.name, expect.any(Number)]);
    }
  },
);

/** All that a board asks of Prometheus but its variables. */
function asks(board: DashboardFile) {
  return [
    ...board.panels.flatMap(({ title, type, targets = [] }) =>
      targets.map(({ expr, instant }) => ({ title, type, expr, over: instant !== true })),
    ),
    ...(board.annotations.list ?? []).flatMap(({ name, expr }) =>
      expr === undefined ? [] : [{ title: name, type: 'annotation', expr, over: true }],
    ),
  ];
}
const selectors = (expr: string) => expr.match(/[a-zA-Z_:]+\{[^}]*\}/g) ?? [];
const missing = (selector: string, wanted: readonly string[]) =>
  wanted.filter((word) => !selector.includes(`"$${word}`));

test.each(files)('%s: every series is chosen by the filters', (name, board) => {
  for (const { title, expr } of asks(board)) {
    for (const selector of selectors(expr)) {
      const wanted = ['cluster', 'job'];
      // A prober has a job of its own, and knows clusters alone, which have no kind.
      if (/^probe_/.test(selector)) wanted.splice(0, 2, 'project', 'cloud');
      else if (/^mongodb_atlas_cluster_/.test(selector)) wanted.push('project', 'cloud');
      else if (name === 'exporter.json') wanted.push('instance');
      // Names and teams are looked up for what is chosen.
      else if (!/^mongodb_atlas_project_info/.test(selector)) wanted.push('project', 'cloud', 'kind');
      if (/^ALERTS/.test(selector)) expect(selector).toContain('|"');
      if (/^mongodb_atlas_(?:project_(?!info)|cluster_)/.test(selector)) wanted.splice(3);
      expect([title, selector, missing(selector, wanted)]).toEqual([title, selector, []]);
    }
    if (name !== 'exporter.json') expect([title, expr]).toEqual([title, expect.stringMatching(/team!?[=!]~"\$team"/)]);
    expect(expr.match(/\bmongodb_atlas\w+(?![\w:{])/g) ?? []).toEqual([]);
  }
});

test.each(files)(
  '%s: nothing is green without data, and no count of nothing hides that some cannot be seen',
  (_name, board) => {
    for (const { expr } of asks(board)) expect(expr).not.toMatch(/vector\(/);
    const stats = board.panels.filter(({ type }) => type === 'stat');
    expect(stats.length).toBeGreaterThan(5);
    for (const { title, fieldConfig } of stats) {
      expect([title, fieldConfig?.defaults.thresholds?.steps[0]]).not.toEqual([
        title,
        expect.objectContaining({ color: 'green' }),
      ]);
    }
  },
);

test.each(['overview.json', 'project.json'])(
  '%s: what is counted says when none was seen of what cannot be seen',
  (name) => {
    const board = readDashboards()[name];
    for (const title of ['Failed', 'Not ready', 'With an error']) {
      const panel = board?.panels.find((one) => one.title === title);
      expect(panel?.targets?.[0]?.expr).toMatch(
        / or \(0 \* count\(.* unless on \(\) count\(.*\)\) or 0 \* count\(.*\) - 1$/s,
      );
      expect(JSON.stringify(panel?.fieldConfig?.defaults.mappings)).toContain(
        '"-1":{"text":"none seen","color":"orange"}',
      );
    }
  },
);

test('ranges of the overview read what the rules counted', () => {
  const over = asks(readDashboards()['overview.json'] as DashboardFile).filter((one) => one.over);
  expect(over.length).toBeGreaterThan(8);
  for (const { title, expr } of over) {
    // Series of the exporter itself only where single projects are chosen, and to know the teams.
    const own = selectors(expr).filter(
      (selector) => !/^mongodb_atlas:/.test(selector) && !/!~"\$project\$team\.\+"|team!~"\$team"/.test(selector),
    );
    expect([title, own]).toEqual([title, []]);
  }
});

test.each(files)('%s: tables have an end, and the highest are chosen at one moment', (_name, board) => {
  for (const { title, type, expr, over } of asks(board)) {
    if (type === 'table') expect([title, expr]).toEqual([title, expect.stringMatching(/\b(top|bottom)k\(\d+, /)]);
    const chosen = /\btopk\(/.test(expr) && over;
    if (chosen) expect([title, expr]).toEqual([title, expect.stringContaining('[$__range] @ end()')]);
  }
});

test('rows of the overview have names and kinds, and what is gone is among them', () => {
  const { panels = [] } = readDashboards()['overview.json'] ?? {};
  const tables = panels.filter(({ type }) => type === 'table');
  expect(tables.map(({ title }) => title)).toContain('What is gone');
  for (const { title, transformations = [] } of tables) {
    const { renameByName } = transformations.find(({ id }) => id === 'organize')?.options ?? {};
    expect([title, Object.values(renameByName ?? {})]).toEqual([
      title,
      // What is probed, and what is cut off, is of clusters.
      expect.arrayContaining(
        title.endsWith('what answers')
          ? ['Project', 'Cloud']
          : ['Project', ...(title.startsWith('Clusters') ? ['Cluster'] : ['Kind', 'Cloud'])],
      ),
    ]);
  }
  const gone = panels.find(({ title, type }) => title === 'Gone' && type === 'stat');
  expect(gone?.targets?.[0]?.expr).toContain('removed_timestamp_seconds');
});

test.each(['overview.json', 'project.json'])(
  '%s: the oldest data turns red, and what was never read is counted',
  (name) => {
    const panel = readDashboards()[name]?.panels.find(({ title }) => title === 'Oldest data');
    expect(panel?.fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value)).toEqual([null, 0, 600, 900]);
    expect(panel?.targets?.[0]?.expr).not.toContain('> 0');
    expect(JSON.stringify(panel?.fieldConfig?.defaults.mappings)).toContain('never read');
    const blind = readDashboards()['overview.json']?.panels.find(({ title }) => title === 'Blind');
    expect(blind?.targets?.[0]?.expr).toContain('last_success_timestamp_seconds');
  },
);

test('quantiles are those of classic and of native histograms', () => {
  const quantiles = files.flatMap(([, board]) => asks(board)).filter(({ expr }) => expr.includes('histogram_quantile'));
  expect(quantiles.length).toBe(3);
  for (const { expr } of quantiles) expect(expr).toMatch(/_bucket\{.* or histogram_quantile\([^{]*seconds\{/);
});

test.each(files)('%s: links lead to the others, the status page and the runbooks, and are encoded', (_name, board) => {
  expect(board.links.map(({ title, url = '' }) => [title, url])).toEqual([
    ['Other dashboards', ''],
    ['Status page', '${status_page}/'],
    ['Runbooks', '${status_page}/help'],
  ]);
  const urls = JSON.stringify(board.panels).match(/"url":"(?:[^"\\]|\\.)*"/g) ?? [];
  for (const url of urls) {
    const plain = (url.match(/\$\{[^}]*\}/g) ?? []).filter((word) => !word.includes(':percentencode'));
    expect(plain.filter((word) => !['${status_page}', '${__url_time_range}'].includes(word))).toEqual([]);
  }
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

test('clusters that are cut off and links that end are on the overview, regions and clusters on the board of a project', () => {
  const titles = (name: string) => readDashboards()[name]?.panels.map(({ title }) => title);
  expect(titles('overview.json')).toEqual(
    expect.arrayContaining([
      'Clusters cut off',
      'Clusters without a private connection string',
      'Links with a deadline',
    ]),
  );
  expect(titles('project.json')).toEqual(
    expect.arrayContaining(['Each cluster', 'Regions of clusters', 'Clusters on each interface endpoint']),
  );
});
