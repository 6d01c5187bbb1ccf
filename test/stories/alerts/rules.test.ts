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
import { ruleFiles } from '../../support/promtool.ts';
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
  expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook_url']);
  expect(annotations['runbook_url']).toBe(`docs/runbooks/${alert}.md`);
});

test('every alert has one rule', () => {
  expect(new Set(names).size).toBe(names.length);
});

test('every alert has a runbook, and every runbook an alert', () => {
  const runbooks = readdirSync(`${docs}runbooks`).filter((name) => name.startsWith('AtlasPrivateEndpoint'));
  expect(runbooks.toSorted()).toEqual(names.map((name) => `${name}.md`).sort());
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
  const told = rows.flatMap(([alert = '', severity, , wait]) => {
    const name = /^\[(\w+)\]\(runbooks\/\1\.md\)$/.exec(alert)?.[1];
    return name === undefined ? [] : [[name, severity, wait]];
  });
  expect(told.toSorted()).toEqual(
    alerts.map(({ alert, labels, for: wait = 'none' }) => [alert, labels?.['severity'], wait]).sort(),
  );
});

test('the table of alerts says which incident shows each of them, or why none does', () => {
  const incidents = readFileSync(new URL('../../e2e/incidents/incidents.ts', import.meta.url), 'utf8');
  const cells = rows.flatMap((row) => (row[0]?.startsWith('[') ? [row.at(-1) ?? ''] : []));
  const unfounded = cells.filter((cell) => {
    if (/^rule tests only: .{15,}/.test(cell)) return false;
    return cell.split('; ').some((entry) => !incidents.includes(`'${entry.replace(/ \(.*\)$/, '')}'`));
  });
  expect(unfounded).toEqual([]);
  expect(cells.length).toBe(names.length);
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
  const unknown = [...read].filter((name) => !exposed.has(name) && !made.has(name) && name !== 'mongodb_atlas_');
  expect(unknown).toEqual([]);
  expect(read.size).toBeGreaterThan(30);
});

test('labels that are meant to be replaced are spelled in one way', () => {
  const targetLabels = 'instance, pod, container, endpoint, node';
  for (const expr of expressions) {
    const rest = expr.replaceAll(targetLabels, '').replaceAll('(job, instance)', '');
    expect(rest).not.toMatch(/\b(instance|pod|container|endpoint|node)\b/);
  }
});

/** Which statuses of which kinds a condition is about, by the selectors of its rule. */
function selects(condition: string, family: 'connection' | 'interface_endpoint') {
  const rule = rules.find(
    ({ record, labels }) => record === 'mongodb_atlas:condition:now' && labels?.['condition'] === condition,
  );
  const selectors = [...(rule?.expr.matchAll(new RegExp(`endpoint_${family}_status\\{([^}]*)\\}`, 'g')) ?? [])];
  const matchers = selectors.map(([, text = '']) =>
    [...text.matchAll(/(\w+)=~?"([^"]*)"/g)].map(
      ([, label = '', words = '']) => [label, new RegExp(`^(${words})$`)] as const,
    ),
  );
  return (labels: Readonly<Record<string, string>>) =>
    matchers.some((all) => all.every(([label, words]) => words.test(labels[label] ?? '')));
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
