import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ciValues, type Loose, objectOf } from '../../support/chart.ts';
import { chartFolder, type Helm, unpackHelms } from '../../support/helm.ts';

let helm: Helm;
beforeAll(() => {
  [helm] = unpackHelms() as [Helm];
});

const filesOf = (folder: string) =>
  readdirSync(join(chartFolder, folder)).map(
    (name) => [name, readFileSync(join(chartFolder, folder, name), 'utf8')] as const,
  );
const alertsIn = (groups: Loose[]): Loose[] => groups.flatMap(({ rules }) => rules).filter((rule: Loose) => rule.alert);

test('every alert of the rule files, with its labels and its runbook', () => {
  const rules = filesOf('files/rules').flatMap(([, text]) => parse(text).groups);
  const { groups } = objectOf(helm.template(ciValues['monitoring'] ?? ''), 'PrometheusRule').spec;
  const alerts = alertsIn(groups);
  expect(groups[0]).toEqual({ name: 'mine', rules: [{ record: 'mine:up:sum', expr: 'sum(up)' }] });
  expect(alerts.map(({ alert }) => alert)).toEqual(alertsIn(rules).map(({ alert }) => alert));
  for (const { labels, annotations } of alerts) {
    expect(['page', 'warning', 'info']).toContain(labels.severity);
    expect(labels.team).toBe('db');
    expect(annotations.runbook_url).toMatch(/^https:\/\/runbooks\.example\/\w+\.md$/);
  }
});

test('missing shards are among them', () => {
  const alerts = alertsIn(objectOf(helm.template(ciValues['monitoring'] ?? ''), 'PrometheusRule').spec.groups);
  expect(alerts.find(({ alert }) => alert === 'AtlasPrivateEndpointShardMissing')).toMatchObject({
    expr: expect.stringContaining('mongodb_atlas:total_shards:max - mongodb_atlas:shards:count > 0'),
    labels: { severity: 'page' },
  });
});

test('every dashboard is a ConfigMap that the sidecar finds', () => {
  const objects = helm.template(ciValues['monitoring'] ?? '') as Loose[];
  const found = objects.filter(({ metadata }) => metadata.labels.grafana_dashboard === '1');
  const files = filesOf('files/dashboards');
  expect(found.map(({ kind, data }) => [kind, Object.keys(data)])).toEqual(
    files.map(([name]) => ['ConfigMap', [`atlas-private-endpoint-exporter-${name}`]]),
  );
  for (const [at, [name, text]] of files.entries()) {
    const published = JSON.stringify(JSON.parse(text)).replaceAll('docs/runbooks/', 'https://runbooks.example/');
    expect(JSON.stringify(JSON.parse(found[at].data[`atlas-private-endpoint-exporter-${name}`]))).toBe(published);
  }
});

test('rules: what is overridden changes, and nothing else does', () => {
  const base = parse(ciValues['minimal'] ?? '');
  const rulesWith = (prometheusRule: object) =>
    objectOf(
      helm.template({ ...base, prometheusRule: { enabled: true, ...prometheusRule } }),
      'PrometheusRule',
    ).spec.groups.flatMap(({ rules }: Loose) => rules);
  const plain = rulesWith({});
  const first = plain.find((rule: Loose) => rule.alert).alert;
  expect(rulesWith({ alerts: { [first]: { enabled: false } } })).toEqual(
    plain.filter(({ alert }: Loose) => alert !== first),
  );
  const changed = rulesWith({ alerts: { [first]: { for: '42m', severity: 'page', labels: { a: 'b' } } } });
  expect(changed.find(({ alert }: Loose) => alert === first)).toMatchObject({
    for: '42m',
    labels: { severity: 'page', a: 'b' },
  });
  const threshold = rulesWith({ thresholds: { connectionStuckSeconds: 7777 } });
  expect(JSON.stringify(threshold)).toContain('7777 # threshold: connectionStuckSeconds');
  expect(
    threshold.filter((rule: Loose, index: number) => JSON.stringify(rule) !== JSON.stringify(plain[index])).length,
  ).toBeGreaterThan(0);
});
