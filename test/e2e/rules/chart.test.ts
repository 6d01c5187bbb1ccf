/** The chart's rules with other numbers, severities and labels: promtool tells stories to what helm renders. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { aConnection, anInterfaceEndpoint, aSource, type Poll } from '../../support/builders.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { behind, type Probed } from '../../support/probed-series.ts';
import { type Firing, promtool, type Story, testStories, toNotation } from '../../support/promtool.ts';
import { inPayments, onConnection, type Told, toStories } from '../../support/rule-behaviours.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { type RuleFile, readRules } from '../../support/rule-overrides.ts';
import { type Phase, projectId, startMinute, target, tell } from '../../support/rule-story.ts';

const thresholds = {
  failedSeconds: 240,
  lostSeconds: 240,
  errorSeconds: 360,
  unknownSeconds: 60,
  waitingSeconds: 600,
  unreadableSeconds: 300,
  connectionStuckSeconds: 1200,
  streamsStuckSeconds: 2400,
  interfaceEndpointStuckSeconds: 600,
  deletingStuckSeconds: 1800,
  stuckMarginSeconds: 121,
  clearAfterSeconds: 120,
  manyConnections: 3,
  manyProjects: 2,
  eventSeconds: 120,
  removedWindowSeconds: 600,
  stringLostWindowSeconds: 7200,
  nothingAttachedSeconds: 3600,
  sunsetSeconds: 60,
  sunsetInfoSeconds: 8640000,
  sunsetWarningSeconds: 4320000,
  sunsetCriticalSeconds: 604800,
  regionalModeChangedSeconds: 1800,
  deletedWindowSeconds: 300,
  messageChangedWindowSeconds: 900,
  flappingChanges: 4,
  refusedSeconds: 120,
  pollFailingSeconds: 420,
  unreachableMinimumSources: 2,
  unreachableRatio: 0.8,
  listingKeptRatio: 0.5,
  stateSeconds: 60,
  configSeconds: 60,
  discoverySeconds: 60,
  noProjectsSeconds: 60,
  stringLostSeconds: 60,
  stringMissingSeconds: 60,
  regionWithoutSeconds: 60,
  memberFailedSeconds: 60,
  limitNearSeconds: 60,
  absentSeconds: 240,
  hostUnreachableSeconds: 60,
  tokenSecondsLeft: 300,
  secretSecondsLeft: 604800,
  secretCriticalSecondsLeft: 86400,
  limitRatio: 0.8,
  certificateSecondsLeft: 864000,
};
const overridden = {
  enabled: true,
  thresholds,
  severityLabel: 'priority',
  severities: { critical: 'page', warning: 'ticket' },
  exporterLabels: ['kubernetes', 'job', 'namespace'],
  projectLabels: ['team'],
  exporterUrl: 'https://exporter.example/atlas/',
  grafanaUrl: 'https://grafana.example/',
  additionalRuleLabels: { owner: 'platform' },
  // No slash at its end, as people write it.
  runbookBaseUrl: 'https://runbooks.example/atlas',
  alerts: {
    AtlasPrivateEndpointFailed: { labels: { escalate: 'manager' } },
    AtlasPrivateEndpointDeleted: { enabled: false },
    AtlasPrivateEndpointRateLimited: { severity: 'critical', for: '1m' },
  },
};

let folder: string;
let helms: readonly Helm[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rules-chart-'));
  helms = unpackHelms();
});
afterAll(() => rm(folder, { recursive: true }));

/** The rules that the chart makes of these values, as a file. */
function rendered(helm: Helm, prometheusRule: object): string {
  const objects = helm.template({
    credentials: { existingSecret: 'atlas-key' },
    config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] },
    prometheusRule,
  });
  const rule = objects.find(({ kind }) => kind === 'PrometheusRule') as { spec: RuleFile } | undefined;
  if (!rule) throw new Error('No PrometheusRule');
  const path = join(folder, `rules-${helm.major}.yaml`);
  writeFileSync(path, stringify(rule.spec));
  return path;
}

function during(minutes: number, poll: Poll, rest: Partial<Phase> = {}): Phase {
  return { minutes, polls: { 'payments/AWS': poll }, projectLabels: { team: 'payments' }, ...rest };
}
/** As the overrides have it: other names and words for severities, and labels of projects and rules. */
function fires(told: Readonly<Record<string, string>>, from: number, until?: number): Firing {
  const { severity = '', ...labels } = told;
  const priority = { critical: 'page', warning: 'ticket' }[severity] ?? severity;
  const team = labels['org_id'] === undefined ? {} : { team: 'payments' };
  return {
    labels: { ...labels, ...team, priority, owner: 'platform' },
    from,
    ...(until === undefined ? {} : { until }),
  };
}
function onTarget(alertname: string, severity: string, labels: Readonly<Record<string, string>> = {}) {
  return { alertname: `AtlasPrivateEndpoint${alertname}`, severity, ...target, ...labels };
}
const status = (status: string) => [aConnection('c1', { status })];
const message = (errorMessage: string) => [aConnection('c1', { errorMessage })];
const pending = [aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1', { status: 'PENDING' })] })];
const lists = (minutes: number, aws: Poll, azure: Poll, gcp: Poll): Phase =>
  during(minutes, aws, { polls: { 'payments/AWS': aws, 'payments/AZURE': azure, 'payments/GCP': gcp } });
const failing = { alertname: 'AtlasPrivateEndpointPollFailing', severity: 'warning', ...inPayments };
const token = {
  token_expiry_timestamp_seconds: [{ labels: { credential: 'main' }, value: 60 * (startMinute + 50) }],
  api_requests_total: (minute: number) => [{ labels: { operation: 'token', code: '500' }, value: minute }],
};

const shown = (days: number): readonly Probed[] => [
  {
    ...{ address: 'pl-0:1024', projectId: projectId('payments'), cluster: 'orders', answer: 'all', endpoint: 'vpce-1' },
    certificateEnd: 60 * startMinute + days * 86_400,
  },
];

const told: readonly Told[] = [
  {
    name: 'failed',
    phases: [
      during(10, status('AVAILABLE')),
      during(10, status('FAILED')),
      during(2, [], { polls: {}, pods: [] }),
      during(10, status('FAILED'), { pods: ['b'] }),
    ],
    firing: [fires({ ...onConnection('Failed', 'critical'), escalate: 'manager' }, 14)],
  },
  { name: 'stuck', phases: [during(40, status('INITIATING'))], firing: [fires(onConnection('Stuck', 'warning'), 23)] },
  {
    name: 'stuck interface endpoint',
    phases: [during(40, pending)],
    firing: [fires(onConnection('Stuck', 'warning', 'vpce-1'), 13)],
  },
  {
    name: 'stuck deletion, of which the end is not told',
    phases: [during(40, status('DELETING')), during(10, [])],
    firing: [fires(onConnection('Stuck', 'warning'), 33, 40)],
  },
  {
    name: 'removed',
    phases: [during(10, status('AVAILABLE')), during(30, [])],
    firing: [fires(onConnection('Removed', 'critical'), 12, 20)],
  },
  {
    name: 'message changed',
    phases: [during(10, message('The link is broken.')), during(30, message('The cloud refuses.'))],
    firing: [
      fires(onConnection('ErrorPresent', 'warning'), 6),
      fires(onConnection('ErrorMessageChanged', 'warning'), 12, 25),
    ],
  },
  {
    name: 'unreachable',
    phases: [lists(10, [], [], []), lists(30, 'timeout', 'timeout', 'timeout')],
    firing: [fires(onTarget('ApiUnreachable', 'critical'), 12)],
  },
  {
    name: 'two of three are too few',
    phases: [lists(10, [], [], []), lists(30, 'timeout', 'timeout', [])],
    firing: [fires(failing, 17)],
  },
  {
    name: 'limited',
    phases: [during(10, []), during(10, 'rate_limited')],
    firing: [fires(onTarget('RateLimited', 'critical', { credential: 'main' }), 18)],
  },
  {
    name: 'token',
    phases: [during(60, [], { own: token })],
    firing: [fires(onTarget('TokenExpiring', 'warning', { credential: 'main' }), 56)],
  },
  {
    name: 'a certificate',
    phases: [
      during(20, status('AVAILABLE'), { probed: shown(11) }),
      during(20, status('AVAILABLE'), { probed: shown(9) }),
    ],
    firing: [
      fires({ alertname: 'AtlasPrivateEndpointCertificateEnds', severity: 'warning', ...inPayments, ...behind }, 30),
    ],
  },
];

/** The targets have a label `host` besides, which a new pod changes. */
function withHosts(stories: readonly Story[]): readonly Story[] {
  return stories.map((story) => ({
    ...story,
    series: new Map(
      [...story.series].map(([name, values]) => [name.replace(/pod="(\w+)"/, '$&,host="of-$1"'), values]),
    ),
  }));
}

test('with the default values it is what the files say, to the letter of every expression', () => {
  const files = ruleFiles.map(readRules).flatMap(({ groups }) => groups);
  for (const helm of helms) {
    const { groups } = readRules(rendered(helm, { enabled: true }));
    const byName = (all: RuleFile['groups']) => all.toSorted((a, b) => a.name.localeCompare(b.name));
    expect(byName(groups)).toEqual(byName(files));
  }
});

test('promtool finds nothing to say about overridden rules, and they do what was asked for', async () => {
  const streams = await toStories(
    [
      {
        name: 'stuck streams',
        phases: [during(60, status('WORKING'))],
        firing: [fires({ ...onConnection('Stuck', 'warning'), kind: 'streams' }, 43)],
      },
    ],
    { 'payments/AWS': aSource({ projectId: projectId('payments'), kind: 'streams' }) },
  );
  const stories = withHosts([...(await toStories(told)), ...streams]);
  for (const helm of helms) {
    const path = rendered(helm, overridden);
    const checked = await promtool('check', 'rules', '--lint=all', '--lint-fatal', path);
    expect(checked).toEqual({ code: 0, output: expect.stringMatching(/SUCCESS: \d+ rules found/) });
    expect(await testStories(stories, [path])).toBe('');
    const urls = readRules(path).groups.flatMap(({ rules }) =>
      rules.flatMap(({ alert, annotations }) => (alert === undefined ? [] : [[alert, annotations?.['runbook_url']]])),
    );
    expect(urls).toEqual(urls.map(([alert]) => [alert, `https://runbooks.example/atlas/${alert}.md`]));
    expect(urls.length).toBeGreaterThan(20);
  }
});

test('the values that the documentation shows are values, and do not break a rule', async () => {
  const docs = readFileSync(new URL('../../../docs/alerts.md', import.meta.url), 'utf8');
  const [, block = ''] = /^```yaml\n(prometheusRule:\n.*?)^```$/ms.exec(docs) ?? [];
  const { prometheusRule } = parse(block) as { prometheusRule: object };
  for (const helm of helms) {
    const path = rendered(helm, prometheusRule);
    expect((await promtool('check', 'rules', '--lint=all', '--lint-fatal', path)).code).toBe(0);
    const named = readRules(path).groups.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? []));
    expect(named).toContain('AtlasPrivateEndpointFailed');
    expect(named).not.toContain('AtlasPrivateEndpointDeleted');
  }
});

test('labels of your own tell exporters apart', async () => {
  const [helm] = helms;
  if (!helm) throw new Error('No helm');
  const [story] = await toStories(told.slice(0, 1));
  if (!story) throw new Error('No story');
  const of = (kubernetes: string) =>
    [...story.series].map(([name, values]) => [name.replace('{', `{kubernetes="${kubernetes}",`), values] as const);
  const firing = ['east', 'west'].flatMap((kubernetes) =>
    story.firing.map((entry) => ({ ...entry, labels: { ...entry.labels, kubernetes } })),
  );
  const both = { ...story, firing, series: new Map([...of('east'), ...of('west')]) };
  expect(await testStories([both], [rendered(helm, overridden)])).toBe('');
  expect(await testStories([both], [rendered(helm, { ...overridden, exporterLabels: [] })])).toContain('FAILED');
});

test('alerts link to the help of the exporter and to their dashboard where these are known, and else to nothing', () => {
  for (const helm of helms) {
    const { runbookBaseUrl: _, ...rest } = overridden;
    const linksOf = (values: object) =>
      readRules(rendered(helm, values)).groups.flatMap(({ rules }) =>
        rules.flatMap(({ alert, annotations = {} }) =>
          alert === undefined ? [] : [[alert, annotations['runbook_url'], annotations['dashboard_url']] as const],
        ),
      );
    for (const [alert, runbook, dashboard] of linksOf(rest)) {
      expect(runbook).toMatch(new RegExp(`^https://exporter\\.example/atlas/help/${alert}(\\?atlas_project_id=|$)`));
      expect(dashboard).toMatch(
        /^https:\/\/grafana\.example\/d\/atlas-private-endpoint-(project\?var-project=|overview$)/,
      );
    }
    expect(linksOf({ enabled: true }).every(([, ...links]) => links.every((link) => link === undefined))).toBe(true);
  }
});

test('an id of Azure is one value in the address of the help page', async () => {
  const [helm] = helms;
  if (!helm) throw new Error('No helm');
  const id = '/subscriptions/1a/resourceGroups/rg (1)&x/providers/Microsoft.Network/privateEndpoints/pe';
  const { runbookBaseUrl: _, ...rest } = overridden;
  const endpoint = anInterfaceEndpoint(id, { status: 'FAILED' }, 'AZURE');
  const series = await tell([
    {
      minutes: 20,
      polls: { 'payments/AZURE': [aConnection('c1', { cloudProvider: 'AZURE', interfaceEndpoints: [endpoint] })] },
    },
  ]);
  const path = join(folder, 'azure.yaml');
  const asked = { alertname: 'AtlasPrivateEndpointFailed', eval_time: `${startMinute + 19}m`, exp_alerts: [] };
  const input = [...series].map(([name, values]) => ({ series: name, values: toNotation(values) }));
  const tests = [{ interval: '1m', input_series: input, alert_rule_test: [asked] }];
  writeFileSync(path, stringify({ rule_files: [rendered(helm, rest)], evaluation_interval: '1m', tests }));
  const { output } = await promtool('test', 'rules', path);
  const url = new URL(/ runbook_url="([^"]+)"/.exec(output)?.[1] ?? '');
  expect(url.pathname).toBe('/atlas/help/AtlasPrivateEndpointFailed');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    ...{ atlas_project_id: projectId('payments'), kind: 'cluster', cloud_provider: 'AZURE', connection_id: 'c1' },
    interface_endpoint_id: id,
  });
});

test('what is said to be meant is a record', () => {
  for (const helm of helms) {
    const values = { enabled: true, retired: [{ job: 'old' }], acceptedListings: ['5a1b2c3d4e5f60718293a4b5'] };
    const { groups } = readRules(rendered(helm, values));
    expect(groups.find(({ name }) => name === 'atlas-private-endpoint-meant')?.rules).toEqual([
      { record: 'mongodb_atlas:exporter_retired', expr: 'vector(1)', labels: { job: 'old' } },
      { record: 'mongodb_atlas:listing_accepted', expr: 'vector(1)', labels: { org_id: '5a1b2c3d4e5f60718293a4b5' } },
    ]);
  }
});

test.each([
  ['a threshold that is no number', { thresholds: { connectionStuckSeconds: '1h' } }, 'connectionStuckSeconds'],
  ['a severity that no alert has', { severities: { page: 'critical' } }, 'page'],
  ['a label that is none', { exporterLabels: ['pod-name'] }, 'exporterLabels'],
  ['an address that is none', { exporterUrl: 'exporter.example' }, 'exporterUrl'],
  ['a label that is no text', { additionalRuleLabels: { escalate: { to: 'db' } } }, 'escalate'],
  ['a time that is none', { alerts: { AtlasPrivateEndpointFailed: { for: '5 minutes' } } }, 'for'],
])('%s is refused', (_name, prometheusRule, message) => {
  for (const helm of helms) expect(() => rendered(helm, prometheusRule)).toThrow(message);
});

test('every threshold of the files is overridden here', () => {
  const texts = JSON.stringify(ruleFiles.map(readRules));
  const named = [...texts.matchAll(/# threshold: (\w+)/g)].map(([, name]) => name);
  expect(Object.keys(thresholds).toSorted()).toEqual([...new Set(named)].sort());
});
