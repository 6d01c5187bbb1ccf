/** Names, namespaces and versions that others choose: every object must be one that an API server takes. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ciValues, type Loose, minimalValues, objectOf, podOf } from '../../support/chart.ts';
import { chartFolder, type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';

let helms: readonly Helm[];
let folder: string;
beforeAll(() => {
  helms = unpackHelms();
  folder = mkdtempSync(join(tmpdir(), 'names-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const dnsLabel = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** What of the objects an API server would refuse. */
function faultsOf(objects: readonly Rendered[], namespace: string): readonly string[] {
  const faults: string[] = [];
  const want = (good: boolean, what: string, value: unknown) => {
    if (!good) faults.push(`${what}: ${JSON.stringify(value)}`);
  };
  const labels = (what: string, map: Loose) => {
    for (const [key, value] of Object.entries(map ?? {}))
      want(typeof value === 'string' && labelValue.test(value), `${what} ${key}`, value);
  };
  for (const { kind, metadata, spec } of objects as readonly Loose[]) {
    want(metadata.namespace === namespace, `${kind} namespace`, metadata.namespace);
    want(
      typeof metadata.name === 'string' && (kind === 'Service' ? dnsLabel : subdomain).test(metadata.name),
      `${kind} name`,
      metadata.name,
    );
    labels(`${kind} label`, metadata.labels);
    if (kind !== 'StatefulSet') continue;
    labels('pod label', spec.template.metadata.labels);
    // The name of a revision, `name-0123456789`, is a label of the pods, and that of a pod is a host name.
    want(metadata.name.length <= 52, 'StatefulSet length', metadata.name);
    for (const [key, value] of Object.entries(spec.selector.matchLabels))
      want(spec.template.metadata.labels[key] === value, `selector ${key}`, value);
  }
  return faults;
}

describe('names that others choose', () => {
  test.each([
    ['true', 'default'],
    ['1e3', '123'],
    ['0x1f', '0x1f'],
    ['0o17', 'no'],
    ['no', 'y'],
    ['1.5', '1e3'],
    ['123', 'true'],
    ['payments.eu', 'null'],
    ['9lives.and-more', 'off'],
    ['a'.repeat(53), 'a'.repeat(63)],
    [`${'a'.repeat(51)}-b`, 'default'],
    ['atlas-private-endpoint-exporter', 'default'],
  ])('release %s in namespace %s', (release, namespace) => {
    for (const helm of helms) {
      const objects = helm.template(ciValues['shards'] ?? '', { release, namespace });
      expect(faultsOf(objects, namespace)).toEqual([]);
      expect(objectOf(objects, 'StatefulSet').metadata.labels['app.kubernetes.io/instance']).toBe(release);
      // Who reads it as YAML 1.1, as Kubernetes' own tools do, finds the same.
      const { output } = helm.run(
        'template',
        release,
        chartFolder,
        '-n',
        namespace,
        '-f',
        join(chartFolder, 'ci/shards-values.yaml'),
      );
      expect(parseAllDocuments(output, { version: '1.1' }).flatMap((one): Rendered[] => one.toJS() ?? [])).toEqual(
        objects,
      );
    }
  });

  test('of long release names none is another', () => {
    const nameOf = (release: string) =>
      objectOf((helms[0] as Helm).template(minimalValues, { release }), 'StatefulSet').metadata.name;
    expect(nameOf('a'.repeat(20))).toBe(`${'a'.repeat(20)}-atlas-private-endpoint-exporter`);
    expect(nameOf('1e3')).toBe('r1e3-atlas-private-endpoint-exporter');
    expect(nameOf('payments.eu')).toBe('payments-eu-atlas-private-endpoint-exporter');
  });

  test.each([
    ['fullnameOverride', '1st', /fullnameOverride/],
    ['fullnameOverride', 'a.b', /fullnameOverride/],
    ['nameOverride', 'a b', /nameOverride/],
    ['namespaceOverride', 'a.b', /namespaceOverride/],
  ])('%s: %s is refused', (value, name, message) => {
    for (const helm of helms) expect(() => helm.template({ ...minimalValues, [value]: name })).toThrow(message);
  });
});

test.each([
  ['0.1.0+build.5', '0.1.0+build.5'],
  [`0.1.0-${'a'.repeat(60)}`, `0.1.0-${'a'.repeat(57)}.b`],
  ['1.0.0-rc.1', 'main@{today}: what is built'],
])('version %s of the chart, %s of the app: labels and image are valid', (version, appVersion) => {
  cpSync(chartFolder, folder, { recursive: true });
  const file = join(folder, 'Chart.yaml');
  const chart = readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8');
  writeFileSync(
    file,
    chart
      .replace(/^version: .*/m, `version: ${version}`)
      .replace(/^appVersion: .*/m, `appVersion: ${JSON.stringify(appVersion)}`),
  );
  for (const helm of helms) {
    const objects = helm.template(minimalValues, { chart: folder });
    expect(faultsOf(objects, 'default')).toEqual([]);
    if (!appVersion.includes('@'))
      expect(podOf(objects).containers[0].image).toMatch(/:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
  }
});

test('kustomize builds what every ci values file renders, with labels of its own', () => {
  for (const helm of helms) {
    const files = Object.keys(ciValues).map((name, at) => {
      const { code, output } = helm.run(
        'template',
        `r${at}`,
        chartFolder,
        '-n',
        `n${at}`,
        '-f',
        join(chartFolder, `ci/${name}-values.yaml`),
      );
      expect(code, output.slice(-500)).toBe(0);
      writeFileSync(join(folder, `${name}.yaml`), output);
      return { name, count: parseAllDocuments(output).filter((one) => one.toJS() !== null).length };
    });
    const resources = files.map(({ name }) => `${name}.yaml`);
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources,
      labels: [{ pairs: { owner: 'db' }, includeTemplates: true }],
    };
    writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    const { code, output } = helm.kubectl('kustomize', folder);
    expect(code, output.slice(0, 2000)).toBe(0);
    const built = parseAllDocuments(output).map((one): Loose => one.toJS());
    expect(built).toHaveLength(files.reduce((sum, { count }) => sum + count, 0));
    for (const { metadata } of built) expect(metadata.labels.owner).toBe('db');
  }
});

test('rendered twice it is the same to the byte, as Argo CD wants it', () => {
  for (const helm of helms) {
    const render = () =>
      helm.run(
        'template',
        'exporter',
        chartFolder,
        '-n',
        'argo',
        '-f',
        join(chartFolder, 'ci/monitoring-values.yaml'),
        '--include-crds',
        '--api-versions',
        'monitoring.coreos.com/v1',
      );
    const first = render();
    expect(first.code).toBe(0);
    expect(render()).toEqual(first);
  }
});
