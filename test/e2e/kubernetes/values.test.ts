/** Every values file of the chart's `ci` folder on a real API server, with both majors of Helm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { ciValues, type Loose } from '../../support/chart.ts';
import { createNamespace, type Level, type Namespace } from '../../support/cluster/release.ts';
import { chartFolder, type Helm, unpackHelms } from '../../support/helm.ts';
import { until } from '../../support/wait.ts';

const cluster = inject('cluster');
const names = Object.keys(ciValues);
const fileOf = (name: string) => join(chartFolder, 'ci', `${name}-values.yaml`);

const sets = [...names, 'everything'];
/** Not with all others: the node's network, one namespace for several releases, another type of Service than `load-balancer`. */
const apart = ['host-network', 'namespaces', 'reachability', 'service'];

/** Every other file that does not contradict those before it, as the chart says. */
const everything: readonly string[] = (() => {
  const [helm] = unpackHelms() as readonly [Helm];
  const taken: string[] = [];
  for (const name of names.filter((name) => !apart.includes(name))) {
    const files = [...taken, fileOf(name)].flatMap((file) => ['-f', file]);
    const apis = ['--api-versions', 'monitoring.coreos.com/v1'];
    if (helm.run('template', 'x', chartFolder, ...apis, ...files).code === 0) taken.push(fileOf(name));
  }
  return taken;
})();

test('most files go together', () => {
  expect(everything.length).toBeGreaterThanOrEqual(names.length - apart.length - 5);
});

describe.each([4, 3])('Helm %i', (major) => {
  let helm: Helm;
  const namespaces = new Map<string, Namespace>();
  const files = new Map<string, readonly string[]>([
    ...names.map((name) => [name, [fileOf(name)]] as const),
    ['everything', everything],
  ]);
  beforeAll(async () => {
    helm = unpackHelms().find((one) => one.major === major) as Helm;
    for (const level of ['restricted', 'baseline', 'privileged'] as const) {
      namespaces.set(level, await createNamespace(cluster, helm, { level }));
    }
    namespaces.set('quota', await createNamespace(cluster, helm, { level: 'restricted', quota: true }));
  });
  afterAll(async () => {
    for (const namespace of namespaces.values()) await namespace[Symbol.asyncDispose]();
  });

  /** What uses the node's network is not for namespaces that refuse it. */
  const among = (name: string, level: Level | 'quota'): Namespace => {
    const uses = (files.get(name) ?? []).some((file) => /^hostNetwork: true$/m.test(readFileSync(file, 'utf8')));
    const namespace = namespaces.get(uses ? 'privileged' : level);
    if (!namespace) throw new Error(`No namespace for ${level}`);
    return namespace;
  };

  test.concurrent.each(sets)(
    '%s: admitted without a warning, no drift, an upgrade without a change changes nothing',
    async (name) => {
      const namespace = among(name, 'restricted');
      const release = `h${major}-${name}`;
      const values = files.get(name) ?? [];
      const { stderr, manifest } = await namespace.install(release, values);
      expect(stderr).toBe('');
      const set = await namespace.ready(release);
      // It throws what differs.
      expect(await namespace.kubectl(['diff', '-f', '-'], manifest)).toBe('');

      const pods = await uids(namespace, release);
      expect(pods).toHaveLength(set.spec.replicas);
      const before = await snapshot(namespace, manifest);
      expect(before.length).toBeGreaterThan(3);
      expect(await namespace.upgrade(release, values)).toEqual({ stderr: '', manifest });
      expect(await snapshot(namespace, manifest)).toEqual(before);
      await namespace.ready(release);
      expect(await uids(namespace, release)).toEqual(pods);

      expect(await namespace.helm('uninstall', release)).toMatchObject({ code: 0, stderr: '' });
      await until('the end of the pods', async () => (await namespace.pods(release)).length === 0, 120);
    },
  );

  test.concurrent.each([
    ['baseline', 'minimal'],
    ['baseline', 'everything'],
    ['quota', 'minimal'],
    ['quota', 'shards'],
    ['quota', 'everything'],
  ] as const)('in a namespace with %s: %s', async (level, name) => {
    const values = files.get(name) ?? [];
    const namespace = among(name, level);
    const release = `h${major}-${level}-${name}`;
    expect((await namespace.install(release, values)).stderr).toBe('');
    await namespace.ready(release);
    expect(await namespace.helm('test', release, '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(await namespace.helm('uninstall', release)).toMatchObject({ code: 0, stderr: '' });
    await until('the end of the pods', async () => (await namespace.pods(release)).length === 0, 120);
  });
});

test.concurrent.each([4, 3])(
  'Helm %i: the longest names and labels that the chart lets pass are admitted',
  async (major) => {
    const helm = unpackHelms().find((one) => one.major === major) as Helm;
    await using namespace = await createNamespace(cluster, helm, { level: 'restricted' });
    const release = 'r'.repeat(53);
    // Kubernetes takes 63.
    const longest = (key: string, toValue: (text: string) => unknown) => {
      const tried = [70, 64, 63].map((length) => toValue('n'.repeat(length)));
      const found = tried.find((value) => {
        const set = ['--set-json', `${key}=${JSON.stringify(value)}`];
        return helm.run('template', release, chartFolder, '-f', fileOf('minimal'), ...set).code === 0;
      });
      expect(found).toBeDefined();
      return found;
    };
    const values = {
      ...parse(ciValues['labels'] ?? ''),
      nameOverride: longest('nameOverride', (text) => text),
      commonLabels: longest('commonLabels', (text) => ({ team: text })),
      podLabels: longest('podLabels', (text) => ({ team: text })),
    };
    expect((await namespace.install(release, values)).stderr).toBe('');
    await namespace.ready(release);
    expect(await namespace.helm('uninstall', release)).toMatchObject({ code: 0, stderr: '' });
  },
);

test('a pod that the level forbids is seen to be refused', async () => {
  const [helm] = unpackHelms() as readonly [Helm];
  await using namespace = await createNamespace(cluster, helm, { level: 'restricted' });
  const values = { ...parse(ciValues['minimal'] ?? ''), securityContext: { allowPrivilegeEscalation: true } };
  const { stderr } = await namespace.install('refused', values);
  expect(stderr).toMatch(/violate PodSecurity \W+restricted/);
  await until('the refusal', async () => {
    const events = await namespace.kubectl(['get', 'events', '--field-selector=reason=FailedCreate', '-o', 'name']);
    return events !== '';
  });
  expect(await namespace.pods('refused')).toEqual([]);
});

/** Everything of the release as the cluster has it, without what controllers write. */
async function snapshot(namespace: Namespace, manifest: string): Promise<readonly Loose[]> {
  const answer = await namespace.kubectl(['get', '-o', 'json', '-f', '-'], manifest);
  return JSON.parse(answer).items.map(({ metadata, status: _, ...rest }: Loose) => {
    const { resourceVersion: __, managedFields: ___, ...kept } = metadata;
    return { ...rest, metadata: kept };
  });
}

async function uids(namespace: Namespace, release: string): Promise<readonly string[]> {
  return (await namespace.pods(release)).map(({ metadata }) => metadata.uid).toSorted();
}
