import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ciValues, type Loose, objectOf, podOf } from '../../support/chart.ts';
import { type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';

let helm: Helm;
beforeAll(() => {
  [helm] = unpackHelms() as [Helm];
});

const rendered = (name: string): readonly Rendered[] => helm.template(ciValues[name] ?? '');
const servicesOf = (objects: readonly Rendered[]) =>
  Object.fromEntries(objects.filter(({ kind }) => kind === 'Service').map((one) => [one.metadata.name, one as Loose]));
const configOf = (objects: readonly Rendered[]): Loose => parse(objectOf(objects, 'ConfigMap').data['exporter.yaml']);
const name = 'exporter-atlas-private-endpoint-exporter';

describe('config and keys', () => {
  test('the config is a ConfigMap, the key an existing Secret; both are mounted as whole folders', () => {
    const objects = rendered('minimal');
    expect(configOf(objects)).toEqual({
      credentials: {
        main: {
          digest: {
            publicKeyFile: '/var/run/secrets/atlas/public-key',
            privateKeyFile: '/var/run/secrets/atlas/private-key',
          },
        },
      },
      projects: [{ id: '5df264b8f10fab7d2cad2f0d' }],
      state: { path: '/var/lib/exporter/state.db' },
    });
    expect(objectOf(objects, 'Secret')).toBeUndefined();
    const { volumes, containers } = podOf(objects);
    expect(volumes).toEqual([
      { name: 'config', configMap: { name } },
      { name: 'atlas', secret: { secretName: 'atlas-key', defaultMode: 0o440 } },
    ]);
    expect(containers[0].volumeMounts).toEqual([
      { name: 'config', mountPath: '/etc/exporter', readOnly: true },
      { name: 'atlas', mountPath: '/var/run/secrets/atlas', readOnly: true },
      { name: 'state', mountPath: '/var/lib/exporter' },
    ]);
  });

  test.each([
    ['made-secret', { 'public-key': 'abcdefgh', 'private-key': 'not-a-real-key' }],
    ['service-account', { 'client-id': 'mdb_sa_id_0', 'client-secret': 'not-a-real-secret' }],
  ])('%s: a Secret is made, and is the only place of the key', (values, key) => {
    const objects = rendered(values);
    const secret = objectOf(objects, 'Secret');
    const data = Object.entries<string>(secret.data).map(([entry, text]) => [
      entry,
      Buffer.from(text, 'base64').toString(),
    ]);
    expect(Object.fromEntries(data)).toEqual(key);
    expect(podOf(objects).volumes).toContainEqual({
      name: 'atlas',
      secret: { secretName: secret.metadata.name, defaultMode: 0o440 },
    });
    const elsewhere = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
    for (const text of Object.values(key)) expect(elsewhere).not.toContain(text);
    expect(podOf(objects).containers[0].env.map((variable: Loose) => variable.name)).toEqual(['POD_NAME']);
  });

  test('several keys in one Secret, and every part of the config', () => {
    const { config } = parse(ciValues['several-keys'] ?? '');
    expect(configOf(rendered('several-keys'))).toEqual({
      ...config,
      state: { ...config.state, path: '/var/lib/exporter/state.db' },
    });
  });

  test('without a Secret nothing is made and nothing is mounted for it', () => {
    const objects = rendered('own-secret');
    expect(objectOf(objects, 'Secret')).toBeUndefined();
    expect(podOf(objects).volumes.map((volume: Loose) => volume.name)).toEqual(['config', 'vault']);
    expect(podOf(objects).containers[0].volumeMounts.map((mount: Loose) => mount.mountPath)).toEqual([
      '/etc/exporter',
      '/var/lib/exporter',
      '/vault',
    ]);
  });

  test('a change of the config leaves the pods; one that only a start reads replaces them', () => {
    const base = parse(ciValues['minimal'] ?? '');
    const podsWith = (config: object) =>
      objectOf(helm.template({ ...base, config: { ...base.config, ...config } }), 'StatefulSet').spec;
    expect(podsWith({ poll: { spread: '5s' }, atlas: { timeout: '5s', caFile: '/etc/ca.pem' } })).toEqual(podsWith({}));
    expect(podsWith({ state: { changesKept: 5 } })).not.toEqual(podsWith({}));
  });
});

describe('the state', () => {
  test('is on a volume for each pod, which outlives the release but not the shard', () => {
    const { spec } = objectOf(rendered('minimal'), 'StatefulSet');
    expect(spec.volumeClaimTemplates).toEqual([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'state' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ]);
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Delete', whenDeleted: 'Retain' });
  });

  test('the claim is as it is asked for', () => {
    const { spec } = objectOf(rendered('claim'), 'StatefulSet');
    expect(spec.volumeClaimTemplates[0]).toMatchObject({
      metadata: { name: 'state' },
      spec: {
        accessModes: ['ReadWriteOncePod'],
        storageClassName: 'fast',
        resources: { requests: { storage: '5Gi' } },
      },
    });
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Retain', whenDeleted: 'Delete' });
  });

  test('or in an emptyDir', () => {
    const objects = rendered('empty-dir');
    const { spec } = objectOf(objects, 'StatefulSet');
    expect(spec.volumeClaimTemplates).toBeUndefined();
    expect(spec.persistentVolumeClaimRetentionPolicy).toBeUndefined();
    expect(podOf(objects).volumes).toContainEqual({ name: 'state', emptyDir: { sizeLimit: '1Gi' } });
  });
});

describe('shards', () => {
  test('are pods that start together, know their number by their name, and are spread', () => {
    const objects = rendered('shards');
    const { spec } = objectOf(objects, 'StatefulSet');
    expect(spec).toMatchObject({ replicas: 3, podManagementPolicy: 'Parallel', serviceName: `${name}-pods` });
    const { containers, topologySpreadConstraints } = podOf(objects);
    expect(containers[0].args).toContain('--total-shards=3');
    expect(containers[0].env).toContainEqual({
      name: 'POD_NAME',
      valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
    });
    expect(topologySpreadConstraints).toEqual([
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: spec.selector,
      },
    ]);
    expect(objectOf(objects, 'PodDisruptionBudget').spec).toEqual({ maxUnavailable: '33%', selector: spec.selector });
  });

  test('helm test asks each of them', () => {
    const [container] = objectOf(rendered('shards'), 'Pod').spec.containers;
    expect(container.env[0].value.split(' ')).toEqual(
      [0, 1, 2].map((ordinal) => `http://${name}-${ordinal}.${name}-pods.default.svc:27900/metrics`),
    );
  });
});

describe('Services', () => {
  test('one for people, one for scrapers that has pods before they are ready', () => {
    const objects = rendered('minimal');
    const { selector } = objectOf(objects, 'StatefulSet').spec;
    expect(servicesOf(objects)).toMatchObject({
      [name]: {
        spec: { type: 'ClusterIP', selector: selector.matchLabels, ports: [{ name: 'metrics', port: 27900 }] },
      },
      [`${name}-pods`]: {
        spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: selector.matchLabels },
      },
    });
  });

  test('type, port, labels and annotations', () => {
    const objects = rendered('service');
    expect(servicesOf(objects)[name]).toMatchObject({
      metadata: { annotations: { a: 'b' }, labels: { c: 'd' } },
      spec: { type: 'NodePort', ports: [{ port: 9100, targetPort: 'metrics', nodePort: 30900 }] },
    });
    expect(objectOf(objects, 'ServiceAccount')).toMatchObject({
      metadata: { annotations: { e: 'f' } },
      automountServiceAccountToken: false,
    });
  });

  test('no selector takes the pod of helm test for an exporter', () => {
    const objects = rendered('monitoring');
    const { labels } = objectOf(objects, 'Pod').metadata;
    const selectors = objects.flatMap((object: Loose) => {
      const { selector } = object.spec ?? {};
      return selector && object.kind !== 'ServiceMonitor' ? [selector.matchLabels ?? selector] : [];
    });
    expect(selectors).toHaveLength(3);
    for (const selector of selectors)
      expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false);
  });
});

describe('NOTES say what to do next', () => {
  const notesOf = (values: string, more: object = {}) =>
    helm.notes({ ...parse(ciValues[values] ?? ''), ...more }).replace(/\s+/g, ' ');

  test('how to look, and what is not set up yet', () => {
    const notes = notesOf('minimal');
    expect(notes).toContain('projects named 1, organizations 0, pods 1');
    expect(notes).toContain(`rollout status statefulset/${name}`);
    expect(notes).toContain('helm -n default test exporter');
    expect(notes).toContain('Prometheus is not told of it: set serviceMonitor.enabled');
    expect(notes).toContain('Nobody is alerted yet: set prometheusRule.enabled');
    expect(notes).not.toContain('emptyDir');
  });

  test.each([
    ['empty-dir', /when the pod is replaced .* what changed meanwhile is not told, and counters begin at 0/],
    ['shards', /each of the 3 pods shows its own projects/],
    ['ingress', /https:\/\/exporter\.example/],
    ['web-config', /https:\/\/localhost:27900.*auth_excluded_paths of web-config\.yml must list/],
  ])('%s', (values, text) => expect(notesOf(values)).toMatch(text));

  test('that runbooks want an address', () => {
    expect(notesOf('minimal', { prometheusRule: { enabled: true } })).toContain('set prometheusRule.exporterUrl');
    expect(notesOf('monitoring')).not.toContain('exporterUrl');
  });
});
