import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load.ts';
import { checkSchedule } from '../../src/runtime/cron.ts';
import { chartFolder, type Helm, mounted, type Rendered, unpackHelms } from '../support/helm.ts';

const values = Object.fromEntries(
  readdirSync(join(chartFolder, 'ci')).map((name) => [
    name.replace('-values.yaml', ''),
    readFileSync(join(chartFolder, 'ci', name), 'utf8'),
  ]),
);
let helms: readonly Helm[];
let helm: Helm;
beforeAll(() => {
  helms = unpackHelms();
  [helm] = helms as [Helm];
});

// biome-ignore lint/suspicious/noExplicitAny: a rendered object is whatever the template says it is
type Loose = any;
const of = (objects: readonly Rendered[], kind: string): Loose => objects.find((object) => object.kind === kind);
const podOf = (objects: readonly Rendered[]): Loose => of(objects, 'StatefulSet').spec.template.spec;

describe.each(Object.keys(values))('%s', (name) => {
  const objects = (by = helm) => by.template(values[name] ?? '');

  test('renders the same with both majors, and names each object once', () => {
    const [four, three] = helms.map((by) => objects(by));
    expect(three).toEqual(four);
    const names = (four ?? []).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('holds every pod to the "restricted" Pod Security standard', () => {
    const pods = objects().flatMap((object: Loose) =>
      object.kind === 'Pod' ? [object.spec] : object.kind === 'StatefulSet' ? [object.spec.template.spec] : [],
    );
    expect(pods.length).toBe(2);
    for (const pod of pods) {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      });
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']) expect(pod[field]).toBeUndefined();
      for (const volume of pod.volumes ?? [])
        expect(
          ['configMap', 'secret', 'emptyDir', 'persistentVolumeClaim', 'projected', 'downwardAPI'].some(
            (type) => type in volume,
          ),
        ).toBe(true);
      for (const container of pod.containers) {
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.securityContext.capabilities.add).toBeUndefined();
        expect(container.securityContext.privileged).toBeUndefined();
        expect(container.securityContext.procMount).toBeUndefined();
        for (const port of container.ports ?? []) expect(port.hostPort).toBeUndefined();
      }
    }
  });

  test('gives the exporter a config that it accepts', async () => {
    using secrets = mounted({ 'public-key': 'a', 'private-key': 'b', 'client-id': 'a', 'client-secret': 'b' });
    const yaml = of(objects(), 'ConfigMap').data['exporter.yaml'].replaceAll('/var/run/secrets/atlas', secrets.folder);
    using config = mounted({ 'exporter.yaml': yaml });
    const loaded = await loadConfig({ file: join(config.folder, 'exporter.yaml'), env: {}, cwd: '/', checkSchedule });
    expect(loaded).toMatchObject({ ok: true, config: { state: { path: '/var/lib/exporter/state.db' } } });
  });
});

test('lint and package', () => {
  for (const by of helms) {
    expect(by.run('lint', '--strict', chartFolder, '-f', join(chartFolder, 'ci/minimal-values.yaml'))).toMatchObject({
      code: 0,
    });
    using folder = mounted({});
    expect(by.run('package', chartFolder, '-d', folder.folder)).toMatchObject({ code: 0 });
  }
});

test('keys are mounted as files, whole folders, never as variables', () => {
  const objects = helm.template(values['made-secret'] ?? '');
  const [container] = podOf(objects).containers;
  expect(container.env.map(({ name }: Loose) => name)).toEqual(['POD_NAME']);
  expect(container.volumeMounts.filter((mount: Loose) => 'subPath' in mount)).toEqual([]);
  expect(Buffer.from(of(objects, 'Secret').data['private-key'], 'base64').toString()).toBe('not-a-real-key');
  expect(JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'))).not.toContain('not-a-real-key');
});

describe('features', () => {
  test('shards', () => {
    const objects = helm.template(values['shards'] ?? '');
    expect(of(objects, 'StatefulSet').spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel' });
    expect(podOf(objects).containers[0].args).toContain('--total-shards=3');
    expect(podOf(objects).topologySpreadConstraints).toHaveLength(1);
    expect(of(objects, 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
  });

  test('persistence is a claim for each pod, or an emptyDir', () => {
    expect(
      of(helm.template(values['minimal'] ?? ''), 'StatefulSet').spec.volumeClaimTemplates[0].spec.resources.requests
        .storage,
    ).toBe('1Gi');
    const without = helm.template(values['empty-dir'] ?? '');
    expect(of(without, 'StatefulSet').spec.volumeClaimTemplates).toBeUndefined();
    expect(podOf(without).volumes).toContainEqual({ name: 'state', emptyDir: {} });
  });

  test('the headless Service publishes pods that are not ready', () => {
    const services = helm.template(values['minimal'] ?? '').filter(({ kind }) => kind === 'Service') as Loose[];
    expect(services.find(({ metadata }) => metadata.name.endsWith('-pods')).spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: true,
    });
  });

  test('monitoring: monitors, every alert of the rule files, dashboards', () => {
    const objects = helm.template(values['monitoring'] ?? '');
    expect(of(objects, 'ServiceMonitor').spec.endpoints[0]).toMatchObject({
      port: 'metrics',
      path: '/metrics',
      scheme: 'http',
    });
    expect(of(objects, 'PodMonitor').spec.podMetricsEndpoints[0]).toMatchObject({ port: 'metrics' });
    const alertsIn = (groups: Loose[]) => groups.flatMap(({ rules }) => rules).filter((rule: Loose) => rule.alert);
    const rules = readdirSync(join(chartFolder, 'files/rules')).flatMap(
      (name) => parse(readFileSync(join(chartFolder, 'files/rules', name), 'utf8')).groups,
    );
    const alerts = alertsIn(of(objects, 'PrometheusRule').spec.groups);
    expect(alerts.map(({ alert }: Loose) => alert)).toEqual(alertsIn(rules).map(({ alert }: Loose) => alert));
    for (const { labels, annotations } of alerts) {
      expect(['page', 'warning', 'info']).toContain(labels.severity);
      expect(labels.team).toBe('db');
      expect(annotations.runbook_url).toMatch(/^https:\/\/runbooks\.example\/\w+\.md$/);
    }
  });

  test('rules: what is overridden changes, and nothing else does', () => {
    const base = parse(values['minimal'] ?? '');
    const rulesWith = (prometheusRule: object) =>
      of(
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

  test('web config, network policy, image, extras', () => {
    const web = podOf(helm.template(values['web-config'] ?? '')).containers[0];
    expect(web.args).toContain('--web.config.file=/etc/exporter-web/web-config.yml');
    expect(web.readinessProbe.httpGet.scheme).toBe('HTTPS');
    const policy = of(helm.template(values['network-policy'] ?? ''), 'NetworkPolicy').spec;
    expect(policy.egress.flatMap(({ ports }: Loose) => ports.map(({ port }: Loose) => port))).toEqual([
      53, 53, 443, 3128,
    ]);
    expect(podOf(helm.template(values['image'] ?? '')).containers[0].image).toMatch(
      /^registry\.example\/atlas-private-endpoint-exporter@sha256:/,
    );
    const extras = helm.template(values['extras'] ?? '');
    expect(podOf(extras)).toMatchObject({
      serviceAccountName: 'mine',
      containers: [{ args: expect.arrayContaining(['--web.enable-lifecycle']) }, { name: 'side' }],
    });
    expect(extras.map(({ metadata }) => metadata.name)).toContain('exporter-extra');
    expect(podOf(helm.template(values['scheduling'] ?? ''))).toMatchObject({
      nodeSelector: { disk: 'ssd' },
      priorityClassName: 'monitoring',
    });
  });
});

describe('values that are wrong are refused with a message that says so', () => {
  const base = { credentials: { existingSecret: 'a' }, config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] } };
  test.each([
    ['nothing to watch', { credentials: { existingSecret: 'a' } }, 'There is nothing to watch: set config.projects'],
    ['no key', { config: base.config }, 'There is no Atlas key: set credentials.existingSecret'],
    ['an unknown value', { ...base, replicas: 3 }, 'replicas'],
    ['an unknown nested value', { ...base, image: { name: 'x' } }, 'name'],
    ['a bad id', { ...base, config: { projects: [{ id: 'payments' }] } }, 'id'],
    ['no shards', { ...base, shards: 0 }, 'shards'],
    ['a bad digest', { ...base, image: { digest: 'latest' } }, 'digest'],
    [
      'an unknown alert',
      { ...base, prometheusRule: { enabled: true, alerts: { Nope: { for: '1m' } } } },
      'prometheusRule.alerts.Nope: there is no such alert',
    ],
    [
      'an unknown threshold',
      { ...base, prometheusRule: { enabled: true, thresholds: { nope: 1 } } },
      'prometheusRule.thresholds.nope: there is no such threshold',
    ],
  ])('%s', (_name, bad, message) => {
    for (const by of helms) expect(() => by.template(bad)).toThrow(message);
  });
});
