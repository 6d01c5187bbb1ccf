import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  connectionClass,
  connectionStatuses,
  interfaceEndpointClass,
  interfaceEndpointStatuses,
  type Kind,
  kinds,
} from '../../../src/domain/status.ts';
import { catalogue } from '../../../src/metrics/catalogue.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { readRules } from '../../support/rule-overrides.ts';

const docs = new URL('../../../docs/', import.meta.url).pathname;
const rules = ruleFiles.map(readRules).flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter(({ alert }) => alert !== undefined);
const names = alerts.map(({ alert = '' }) => alert);
const expressions = rules.map(({ expr }) => expr);
const rows = readFileSync(`${docs}alerts.md`, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | ?\|$/g, '').trim()));

test.each(alerts)('$alert says what it must', ({ alert, labels, annotations = {} }) => {
  expect(labels?.['severity']).toMatch(/^(critical|warning|info)$/);
  // Links are made where it is known where they lead to.
  expect(Object.keys(annotations)).toEqual(['summary', 'description']);
  // A notification of several alerts shows what all of them have in common.
  expect(annotations['summary']).toMatch(/^[A-Z][^{]+\.$/);
  expect(alert).toMatch(/^AtlasPrivateEndpoint/);
});

test('an alert has one rule for each severity, or one that stands for many', () => {
  const told = alerts.map(({ alert, labels, annotations }) =>
    [alert, labels?.['severity'], annotations?.['summary']].join(),
  );
  expect(new Set(told).size).toBe(alerts.length);
});

test('groups are small enough for Mimir, say their interval, and use nothing that 2.42 refuses', () => {
  for (const file of ruleFiles.map(readRules)) {
    for (const group of file.groups) {
      expect(group.rules.length).toBeLessThanOrEqual(20);
      expect(Object.keys(group)).toEqual(['name', 'interval', 'rules']);
    }
  }
});

test('no alert waits by a `for` that Prometheus begins anew after a restart', () => {
  const waits = alerts.flatMap(({ alert, for: wait }) => (wait === undefined ? [] : [[alert, wait] as const]));
  const shorter = waits.filter(([, wait]) => Number(/^(\d+)m$/.exec(wait)?.[1]) < 10 || !/^\d+m$/.test(wait));
  expect(shorter).toEqual([]);
  expect(waits.length).toBeGreaterThan(0);
});

test('a text asks one question at most, by an exact name and over no range', () => {
  for (const { annotations = {} } of alerts) {
    const text = Object.values(annotations).join('\n');
    // Of a link whose clusters are known: which, and where there are many how many more.
    const links = text.includes('mongodb_atlas:endpoint_clusters:held') ? 1 : 0;
    // Of a cluster: which regions lack an endpoint, and why Atlas could not make the managed string.
    const most = 1 + links + (text.includes('_cluster_private_connection_string_error_info') ? 1 : 0);
    expect(text.match(/\| query|:= query/g)?.length ?? 0).toBeLessThanOrEqual(most);
    expect(text).not.toMatch(/__name__|\[\d/);
  }
});

test('presence is by a short list of labels, and a name is no label of an alert', () => {
  for (const expr of expressions) expect(expr).not.toMatch(/\bwithout\b|__name__/);
  for (const { expr, labels = {} } of alerts) {
    if (/group_left \(project_name/.test(expr)) expect(labels).toMatchObject({ project_name: '' });
    if (/trouble:named/.test(expr)) expect(labels).toMatchObject({ project_name: '', clusters: '', text: '' });
  }
});

test('every alert has a runbook, and every runbook an alert', () => {
  const runbooks = readdirSync(`${docs}runbooks`).filter((name) => name.startsWith('AtlasPrivateEndpoint'));
  expect(runbooks.toSorted()).toEqual([...new Set(names)].map((name) => `${name}.md`).sort());
  for (const runbook of runbooks) {
    const text = readFileSync(`${docs}runbooks/${runbook}`, 'utf8').replace(/^```.*?^```$/gms, '');
    expect([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading).slice(0, 5)).toEqual([
      runbook.replace('.md', ''),
      'Meaning',
      'Impact',
      'Diagnosis',
      'Mitigation',
    ]);
  }
});

test('the table of alerts says what the rules say', () => {
  const told = rows.flatMap(([alert = '', severity = '', , wait]) => {
    const name = /^\[(\w+)\]\(runbooks\/\1\.md\)$/.exec(alert)?.[1];
    return name === undefined ? [] : [[name, severity.split(', ').sort(), wait] as const];
  });
  const bySeverity = Map.groupBy(alerts, ({ alert }) => alert ?? '');
  expect(told.map(([name, severities]) => [name, severities]).toSorted()).toEqual(
    [...bySeverity]
      .map(([name, all]) => [name, [...new Set(all.map(({ labels }) => labels?.['severity'] ?? ''))].sort()])
      .toSorted(),
  );
  for (const [name, , wait] of told) {
    for (const { for: pending = wait } of bySeverity.get(name) ?? []) expect([name, wait]).toEqual([name, pending]);
  }
});

test('the table of alerts says which incident shows each of them, or why none does', () => {
  const incidents = ['incidents.ts', 'clusters.ts']
    .map((file) => readFileSync(new URL(`../../e2e/incidents/${file}`, import.meta.url), 'utf8'))
    .join('');
  const situations = readFileSync(new URL('../../e2e/reachability/situations.ts', import.meta.url), 'utf8');
  const cells = rows.flatMap((row) => (row[0]?.startsWith('[') ? [row.at(-1) ?? ''] : []));
  const unfounded = cells.filter((cell) => {
    if (/^rule tests only: .{15,}/.test(cell)) return false;
    const where = cell.startsWith('nine situations: ') ? situations : incidents;
    const entries = cell.replace('nine situations: ', '').split('; ');
    return entries.some((entry) => !where.includes(`'${entry.replace(/ \(.*\)$/, '')}'`));
  });
  expect(unfounded).toEqual([]);
  expect(cells.length).toBe(new Set(names).size);
});

test('the table of thresholds says what the rules say, and one threshold is one number', () => {
  const told = rows.flatMap(([name = '', value]) => (/^`\w+`$/.test(name) ? [`${value} ${name.slice(1, -1)}`] : []));
  const found = expressions.flatMap((expr) =>
    [...expr.matchAll(/([0-9.]+) # threshold: (\w+)$/gm)].map(([, value, name]) => `${value} ${name}`),
  );
  expect(told.toSorted()).toEqual([...new Set(found)].sort());
});

test('every metric that a rule reads is exposed, and every record that it reads is made', () => {
  const exposed = new Set(catalogue.map(({ name }) => name));
  const made = new Set(rules.map(({ record }) => record));
  const texts = rules.flatMap(({ expr, annotations = {} }) => [expr, ...Object.values(annotations)]);
  const read = new Set(texts.flatMap((text) => text.match(/\bmongodb_atlas[:_][\w:]+/g) ?? []));
  // Records that an operator makes, to say that something is meant.
  const yours = ['mongodb_atlas:exporter_retired', 'mongodb_atlas:listing_accepted'];
  const known = [...exposed, ...made, ...yours];
  const unknown = [...read].filter((name) => !known.includes(name));
  expect(unknown).toEqual([]);
  expect(read.size).toBeGreaterThan(30);
});

test('every record that the documentation names is made', () => {
  const files = ['alerts.md', ...readdirSync(`${docs}runbooks`).map((name) => `runbooks/${name}`)];
  const named = files.flatMap((file) =>
    (readFileSync(`${docs}${file}`, 'utf8').match(/\bmongodb_atlas:[\w:]+/g) ?? []).map((record) => ({ file, record })),
  );
  const made = new Set(rules.map(({ record }) => record));
  const yours = ['mongodb_atlas:exporter_retired', 'mongodb_atlas:listing_accepted'];
  expect(named.filter(({ record }) => !made.has(record) && !yours.includes(record))).toEqual([]);
  expect(named.length).toBeGreaterThan(5);
});

test('what tells exporters apart is spelled in one way, for who has other labels', () => {
  for (const expr of expressions) {
    const rest = expr.replaceAll('cluster, job, namespace', '').replace(/"[^"]*"/g, '');
    expect(rest).not.toMatch(/\b(cluster|job|namespace|pod|container|node)\b/);
  }
});

/** Which statuses of which kinds a condition is about, by the selectors of its rule. */
function selects(condition: string, family: 'connection' | 'interface_endpoint') {
  const rule = rules.find(
    ({ record, labels }) => record === 'mongodb_atlas:condition:now' && labels?.['condition'] === condition,
  );
  const selectors = [...(rule?.expr.matchAll(/mongodb_atlas:status:now\{([^}]*)\}/g) ?? [])];
  const matchers = selectors.map(([, text = '']) =>
    [...text.matchAll(/(\w+)(!=|=~?)"([^"]*)"/g)].map(([, label = '', operator, words = '']) => ({
      label,
      not: operator === '!=',
      words: new RegExp(`^(${words})$`),
    })),
  );
  const id = family === 'connection' ? '' : 'vpce-1';
  return (labels: Readonly<Record<string, string>>) => {
    const all = { ...labels, interface_endpoint_id: id };
    return matchers.some((some) =>
      some.every(({ label, not, words }) => words.test(all[label as keyof typeof all] ?? '') !== not),
    );
  };
}

test.each([
  ['failed', 'failed'],
  ['deleting', 'deleting'],
  ['waiting', 'needs_user'],
  ['unknown', 'unknown'],
] as const)('the condition "%s" is about what the exporter calls %s, of every kind', (condition, wanted) => {
  const ofConnection = selects(condition, 'connection');
  const ofInterfaceEndpoint = selects(condition, 'interface_endpoint');
  const judged = kinds.flatMap((kind: Kind) => [
    ...connectionStatuses(kind).map((status) => ({
      ...{ kind, status },
      selected: ofConnection({ kind, status }),
      wanted: connectionClass(kind, 'v2', status, 0) === wanted,
    })),
    ...(['AWS', 'AZURE', 'GCP'] as const).flatMap((cloud) =>
      interfaceEndpointStatuses(kind, cloud).map((status) => ({
        ...{ kind, cloud, status },
        selected: ofInterfaceEndpoint({ kind, status }),
        wanted: interfaceEndpointClass(kind, cloud, status) === wanted,
      })),
    ),
  ]);
  expect(judged.filter(({ selected, wanted }) => selected !== wanted)).toEqual([]);
  expect(judged.some(({ selected }) => selected)).toBe(true);
});

test('every alert on one link says in the same words which clusters hang on it', () => {
  const ofLink = rules.filter(({ annotations = {} }) =>
    annotations['description']?.includes('Private{{ end }} endpoint connection {{ $labels.connection_id }}'),
  );
  const told = ofLink.map(({ alert, annotations = {} }) => [
    alert,
    /\{\{- if and \$labels\.clusters \(eq \$labels\.kind "cluster"\) \}\}.*$/.exec(
      annotations['description'] ?? '',
    )?.[0],
  ]);
  // Nothing hangs on a link to which nothing is attached.
  const others = told.filter(([alert]) => alert !== 'AtlasPrivateEndpointNothingAttached');
  expect(others.length).toBeGreaterThan(10);
  expect(new Set(others.map(([, words]) => words)).size).toBe(1);
  expect(others[0]?.[1]).toContain('Clusters that hang on it');
});
