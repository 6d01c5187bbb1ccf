import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ciValues, type Loose, objectOf, podOf, podsOf } from '../../support/chart.ts';
import { type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';

let helm: Helm;
beforeAll(() => {
  [helm] = unpackHelms() as [Helm];
});

const rendered = (values: string): readonly Rendered[] => helm.template(ciValues[values] ?? '');
const exporterOf = (objects: readonly Rendered[]): Loose => podOf(objects).containers[0];

describe('probes', () => {
  test('a start has two minutes; what is alive and what is ready are asked for apart', () => {
    const { startupProbe, livenessProbe, readinessProbe } = exporterOf(rendered('minimal'));
    const get = (path: string) => ({ path, port: 'metrics', scheme: 'HTTP' });
    expect(startupProbe).toEqual({ httpGet: get('/-/healthy'), periodSeconds: 2, failureThreshold: 60 });
    expect(livenessProbe).toMatchObject({ httpGet: get('/-/healthy'), timeoutSeconds: 5 });
    expect(readinessProbe).toMatchObject({ httpGet: get('/-/ready') });
  });

  test('times of one and a handler of another are taken over', () => {
    const { startupProbe, livenessProbe, readinessProbe } = exporterOf(rendered('probes'));
    expect(startupProbe).toMatchObject({ httpGet: { path: '/-/healthy' }, periodSeconds: 3, failureThreshold: 100 });
    expect(livenessProbe).toEqual({
      tcpSocket: { port: 'metrics' },
      periodSeconds: 20,
      timeoutSeconds: 5,
      failureThreshold: 4,
    });
    expect(readinessProbe.httpGet).toBeUndefined();
    expect(readinessProbe.exec.command).toEqual(['node', '-e', 'process.exit(0)']);
  });
});

describe('web config', () => {
  test('is mounted, and probes and scrapes speak TLS', () => {
    const objects = rendered('web-config');
    const web = exporterOf(objects);
    expect(web.args).toContain('--web.config.file=/etc/exporter-web/web-config.yml');
    expect(web.volumeMounts).toContainEqual({ name: 'web', mountPath: '/etc/exporter-web', readOnly: true });
    expect(podOf(objects).volumes).toContainEqual({
      name: 'web',
      secret: { secretName: 'exporter-web', defaultMode: 0o440 },
    });
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
      expect(web[probe].httpGet.scheme).toBe('HTTPS');
    const basicAuth = {
      username: { name: 'scrape', key: 'username' },
      password: { name: 'scrape', key: 'password' },
    };
    expect(objectOf(objects, 'ServiceMonitor').spec.endpoints).toEqual([
      expect.objectContaining({
        scheme: 'https',
        basicAuth,
        tlsConfig: { ca: { secret: { name: 'exporter-web', key: 'ca.crt' } }, serverName: 'exporter' },
      }),
    ]);
    expect(objectOf(rendered('web-config-pods'), 'PodMonitor').spec.podMetricsEndpoints).toEqual([
      expect.objectContaining({ scheme: 'https', basicAuth, tlsConfig: { insecureSkipVerify: true } }),
    ]);
  });

  test('helm test gets the certificate and the password as files', () => {
    const { containers, volumes } = objectOf(rendered('web-config'), 'Pod').spec;
    expect(containers[0].env).toContainEqual({ name: 'TLS_SERVER_NAME', value: 'exporter' });
    expect(containers[0].env).toContainEqual({ name: 'TIMEOUT_SECONDS', value: '30' });
    expect(containers[0].env[0].value).toMatch(/^https:/);
    expect(containers[0].volumeMounts.map(({ mountPath }: Loose) => mountPath)).toEqual([
      '/var/run/secrets/test/auth',
      '/var/run/secrets/test/ca',
    ]);
    expect(volumes.map(({ secret }: Loose) => secret.secretName)).toEqual(['scrape', 'exporter-web']);
  });
});

describe('monitors', () => {
  test('ServiceMonitor: the headless Service, and only it', () => {
    const objects = rendered('monitoring');
    const { spec, metadata } = objectOf(objects, 'ServiceMonitor');
    expect(metadata.labels.release).toBe('prometheus');
    expect(spec.endpoints).toEqual([
      {
        port: 'metrics',
        path: '/metrics',
        scheme: 'http',
        interval: '1m30s',
        honorLabels: true,
        relabelings: [{ targetLabel: 'team', replacement: 'db' }],
        metricRelabelings: [{ sourceLabels: ['__name__'], regex: 'nodejs_.*', action: 'drop' }],
      },
    ]);
    const chosen = objects.filter(({ kind, metadata: { labels = {} } }) => {
      const wanted = Object.entries(spec.selector.matchLabels);
      return kind === 'Service' && wanted.every(([key, value]) => labels[key] === value);
    });
    expect(chosen.map((service) => service.metadata.name)).toEqual(['exporter-atlas-private-endpoint-exporter-pods']);
    expect(spec.namespaceSelector).toEqual({ matchNames: ['default'] });
  });

  test('PodMonitor', () => {
    const objects = rendered('pod-monitor');
    const { spec, metadata } = objectOf(objects, 'PodMonitor');
    expect(metadata.labels.release).toBe('prometheus');
    expect(spec.selector).toEqual(objectOf(objects, 'StatefulSet').spec.selector);
    expect(spec.podMetricsEndpoints[0]).toMatchObject({
      port: 'metrics',
      interval: '1m',
      scrapeTimeout: '20s',
      metricRelabelings: [{ action: 'drop' }],
    });
    expect(objectOf(objects, 'ServiceMonitor')).toBeUndefined();
  });
});

test('NetworkPolicy: in by the port of the metrics, out to DNS, 443 and a proxy; helm test may come in', () => {
  const objects = rendered('network-policy');
  const { spec } = objectOf(objects, 'NetworkPolicy');
  const { labels } = objectOf(objects, 'Pod').metadata;
  expect(spec.podSelector).toEqual(objectOf(objects, 'StatefulSet').spec.selector);
  expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
  const [monitoring, own] = spec.ingress[0].from;
  expect(spec.ingress[0].ports).toEqual([{ port: 'metrics', protocol: 'TCP' }]);
  expect(monitoring).toEqual({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } });
  expect(labels).toMatchObject(own.podSelector.matchLabels);
  expect(spec.egress.flatMap(({ ports }: Loose) => ports.map(({ port }: Loose) => port))).toEqual([
    53, 53, 5353, 5353, 443, 3128,
  ]);
});

test('NetworkPolicy and PodDisruptionBudget are off by default', () => {
  const kinds = rendered('minimal').map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['ConfigMap', 'Pod', 'Service', 'Service', 'ServiceAccount', 'StatefulSet']);
});

test('image: by tag, by digest, from one registry for all', () => {
  const imagesOf = (values: string | object) =>
    podsOf(helm.template(values)).map(({ spec }) => spec.containers[0].image);
  const plain = parse(ciValues['minimal'] ?? '');
  const repository = 'atlas-private-endpoint-exporter';
  expect(new Set(imagesOf(plain))).toEqual(new Set([`docker.io/${repository}:0.1.0`]));
  expect(new Set(imagesOf({ ...plain, image: { tag: 'main', registry: 'registry.example:5000/team' } }))).toEqual(
    new Set([`registry.example:5000/team/${repository}:main`]),
  );
  const [digest, ofTest] = imagesOf(ciValues['image'] ?? '');
  expect(digest).toMatch(/^registry\.example\/team\/exporter@sha256:[0-9a-f]{64}$/);
  expect(ofTest).toBe(digest);
  for (const { spec } of podsOf(rendered('image')))
    expect(spec.imagePullSecrets).toEqual([{ name: 'all' }, { name: 'registry' }]);
});

test('extras: flags, variables, volumes, containers, objects', () => {
  const objects = rendered('extras');
  const { volumes, containers, serviceAccountName } = podOf(objects);
  expect(containers[0].args.at(-1)).toBe('--web.enable-lifecycle');
  expect(containers[0].env.at(-1)).toEqual({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' });
  expect(containers[0].volumeMounts.at(-1)).toEqual({ name: 'ca', mountPath: '/etc/ca', readOnly: true });
  expect(volumes.at(-1)).toEqual({ name: 'ca', configMap: { name: 'ca' } });
  expect(containers[1]).toMatchObject({ name: 'side', image: 'side' });
  expect(objects.map(({ metadata }) => metadata.name)).toContain('exporter-extra');
  expect(serviceAccountName).toBe('mine');
  expect(objectOf(objects, 'ServiceAccount')).toBeUndefined();
});

test('scheduling', () => {
  const objects = rendered('scheduling');
  expect(podOf(objects)).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' }],
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: {} } },
    priorityClassName: 'monitoring',
  });
  expect(objectOf(objects, 'StatefulSet').spec.template.metadata).toMatchObject({
    labels: { a: 'b' },
    annotations: { c: 'd' },
  });
  expect(objectOf(objects, 'Pod').spec).toMatchObject({ nodeSelector: { disk: 'ssd' } });
});

test('names, logs, resources and grace', () => {
  const objects = rendered('names');
  const set = objectOf(objects, 'StatefulSet');
  expect(set.metadata).toMatchObject({ name: 'atlas-endpoints', labels: { 'app.kubernetes.io/name': 'atlas' } });
  expect(objects.filter(({ metadata }) => !metadata.name.startsWith('atlas-endpoints'))).toEqual([]);
  expect(exporterOf(objects)).toMatchObject({
    args: expect.arrayContaining(['--log.level=debug', '--log.format=pretty']),
    resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '2Gi' } },
  });
  expect(podOf(objects).terminationGracePeriodSeconds).toBe(60);
});
