/** What can be changed of a release and what cannot, exactly as the chart's README says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Loose } from '../../support/chart.ts';
import { leastValues as base, createNamespace, type Namespace } from '../../support/cluster/release.ts';
import { chartFolder, type Helm, unpackHelms } from '../../support/helm.ts';
import { until } from '../../support/wait.ts';

const cluster = inject('cluster');
const readme = readFileSync(join(chartFolder, 'README.md'), 'utf8');

/** The commands of a section of the README, block by block. */
function commands(title: string): readonly string[] {
  const [, section = ''] = new RegExp(`^#+ ${title}\n(.*?)(?=^#+ |(?![\\s\\S]))`, 'ms').exec(readme) ?? [];
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
}

const [replace = '', moved = ''] = commands('What cannot be changed');

/** What Kubernetes refuses, and what the StatefulSet and its claims have to be in the end. */
const refused: readonly {
  readonly name: string;
  readonly from: object;
  readonly to: object;
  readonly recipe: string;
  readonly seen: (found: Found) => unknown;
  readonly wanted: unknown;
}[] = [
  {
    name: 'persistence.enabled from true to false',
    from: {},
    to: { persistence: { enabled: false } },
    recipe: replace,
    seen: ({ volumes }) => volumes,
    wanted: expect.arrayContaining([{ name: 'state', emptyDir: {} }]),
  },
  {
    name: 'persistence.enabled from false to true',
    from: { persistence: { enabled: false } },
    to: {},
    recipe: replace,
    seen: ({ claims }) => claims.map(({ status }) => status.phase),
    wanted: ['Bound'],
  },
  {
    name: 'nameOverride',
    from: {},
    to: { nameOverride: 'atlas' },
    recipe: replace,
    seen: ({ pods, claims }) => [pods[0].metadata.labels['app.kubernetes.io/name'], claims.length],
    wanted: ['atlas', 1],
  },
  {
    name: 'persistence.storageClass',
    from: {},
    to: { persistence: { storageClass: 'fast' } },
    recipe: moved,
    seen: ({ claims }) => claims.map(({ spec }) => spec.storageClassName),
    wanted: ['fast'],
  },
  {
    name: 'persistence.accessModes',
    from: {},
    to: { persistence: { accessModes: ['ReadWriteOncePod'] } },
    recipe: moved,
    seen: ({ claims }) => claims.map(({ spec }) => spec.accessModes),
    wanted: [['ReadWriteOncePod']],
  },
];

/** What the chart says, before Kubernetes is asked. */
const refusal = (name: string) =>
  new RegExp(
    `nobody change of it: ${name.split(' ')[0]} .*as the chart's README says under "What cannot be changed"`,
    's',
  );

interface Found {
  readonly pods: readonly Loose[];
  readonly claims: readonly Loose[];
  readonly volumes: readonly Loose[];
}

test('the README has both recipes', () => {
  expect(replace).toContain('--cascade=orphan');
  expect(moved).toContain('delete pvc');
});

describe.each([4, 3])('Helm %i', (major) => {
  let helm: Helm;
  beforeAll(() => {
    helm = unpackHelms().find((one) => one.major === major) as Helm;
  });
  const namespaces: Namespace[] = [];
  const fresh = async () => {
    const namespace = await createNamespace(cluster, helm, { level: 'restricted' });
    namespaces.push(namespace);
    return namespace;
  };
  afterAll(async () => {
    for (const namespace of namespaces) await namespace[Symbol.asyncDispose]();
  });

  const claimsOf = (namespace: Namespace) => namespace.claims('exporter');
  const find = async (namespace: Namespace): Promise<Found> => {
    const pods = await namespace.pods('exporter');
    return { pods, claims: await claimsOf(namespace), volumes: pods[0]?.spec.volumes ?? [] };
  };
  /** Nothing of the release is left but its claims. */
  const uninstall = async (namespace: Namespace) => {
    expect(await namespace.helm('uninstall', 'exporter')).toMatchObject({ code: 0 });
    await until('the end of the pods', async () => (await namespace.pods('exporter')).length === 0);
  };

  test.concurrent.each(refused)(
    '$name: refused, then done by the recipe of the README',
    async ({ name, from, to, recipe, seen, wanted }) => {
      const namespace = await fresh();
      await namespace.install('exporter', { ...base, ...from });
      await namespace.ready('exporter');
      await expect(namespace.upgrade('exporter', { ...base, ...to })).rejects.toThrow(refusal(name));

      const done = await namespace.shell(recipe, { ...base, ...to });
      expect([done.code, done.stderr]).toEqual([0, '']);
      await namespace.ready('exporter');
      const found = await find(namespace);
      expect(found.pods).toHaveLength(1);
      expect(seen(found)).toEqual(wanted);

      await namespace.upgrade('exporter', { ...base, ...to, shards: 2 });
      await namespace.ready('exporter');
      expect((await find(namespace)).pods).toHaveLength(2);
      await uninstall(namespace);
    },
  );

  test.concurrent('the recipe goes back over such a change too, with `helm rollback` in its last line, and the state stays', async () => {
    const namespace = await fresh();
    const values = { ...base, persistence: { retentionPolicy: { whenDeleted: 'Delete' } } };
    await namespace.install('exporter', values);
    await namespace.ready('exporter');
    const [claim] = await claimsOf(namespace);
    const changed = { ...values, nameOverride: 'atlas' };
    expect(await namespace.shell(replace, changed)).toMatchObject({ code: 0 });
    await namespace.ready('exporter');
    expect(await namespace.helm('rollback', 'exporter', '1')).not.toMatchObject({ code: 0 });
    const back = replace.replace(/helm upgrade.*/, 'helm rollback exporter 1');
    expect(await namespace.shell(back, values)).toMatchObject({ code: 0, stderr: '' });
    await namespace.ready('exporter');
    const { pods, claims } = await find(namespace);
    expect(pods.map(({ metadata }) => metadata.labels['app.kubernetes.io/name'])).toEqual([
      'atlas-private-endpoint-exporter',
    ]);
    expect(claims.map(({ metadata }) => metadata.uid)).toEqual([claim.metadata.uid]);
  });

  test.concurrent('fullnameOverride: a plain upgrade is enough, no pod of the old name stays', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    const renamed = { ...base, fullnameOverride: 'endpoints' };
    await namespace.upgrade('exporter', renamed);
    await until('the end of the old pod', async () => {
      const names = (await namespace.pods('exporter')).map(({ metadata }) => metadata.name);
      return `${names}` === 'endpoints-0';
    });
    await namespace.ready('exporter');
    const claims = (await claimsOf(namespace)).map(({ metadata }) => metadata.name).toSorted();
    expect(claims).toEqual(['state-endpoints-0', 'state-exporter-atlas-private-endpoint-exporter-0']);
    await uninstall(namespace);
  });

  test.concurrent('persistence.size: the claims grow by the commands of the README, and new shards have the new size', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    const values = { ...base, persistence: { size: '5Gi' } };
    await expect(namespace.upgrade('exporter', values)).rejects.toThrow(refusal('persistence.size'));
    const [, , grow = ''] = commands('What cannot be changed');
    expect(await namespace.shell(grow + replace, values)).toMatchObject({ code: 0, stderr: '' });
    await namespace.upgrade('exporter', { ...values, shards: 2 });
    await namespace.ready('exporter');
    const sizes = (await claimsOf(namespace)).map(({ spec }) => spec.resources.requests.storage);
    expect(sizes).toEqual(['5Gi', '5Gi']);
  });

  test.concurrent('shards 1, 4, 1: pods and claims follow, and the first pod stays as it is', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', { ...base, shards: 1 });
    await namespace.ready('exporter');
    await namespace.upgrade('exporter', { ...base, shards: 4 });
    await namespace.ready('exporter');
    expect((await find(namespace)).pods).toHaveLength(4);
    expect(await claimsOf(namespace)).toHaveLength(4);
    await namespace.upgrade('exporter', { ...base, shards: 1 });
    await namespace.ready('exporter');
    await until('the end of the claims', async () => (await claimsOf(namespace)).length === 1);
    expect((await find(namespace)).pods).toHaveLength(1);
  });

  test.concurrent('what is no part of the selector or of the claims changes by a plain upgrade, and rolls back', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    const changed = {
      ...base,
      podLabels: { a: 'b' },
      log: { level: 'debug' },
      persistence: { retentionPolicy: { whenScaled: 'Retain', whenDeleted: 'Retain' } },
      image: { tag: '9.9.9' },
    };
    await namespace.upgrade('exporter', changed);
    const set = await namespace.ready('exporter');
    expect(set.spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Retain', whenDeleted: 'Retain' });
    expect((await find(namespace)).pods[0].metadata.labels['a']).toBe('b');
    expect(await namespace.helm('rollback', 'exporter', '1')).toMatchObject({ code: 0 });
    await namespace.ready('exporter');
    expect((await find(namespace)).pods[0].metadata.labels['a']).toBeUndefined();
  });

  test.concurrent('uninstall leaves the claims, and an install finds them again', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    const [before] = await claimsOf(namespace);
    await uninstall(namespace);
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    expect((await claimsOf(namespace)).map(({ metadata }) => metadata.uid)).toEqual([before.metadata.uid]);
    await uninstall(namespace);
    const text = readme.replace(/\s+/g, ' ');
    const remove = /`(kubectl delete pvc -l app\.kubernetes\.io\/instance=exporter)`/.exec(text)?.[1] ?? 'false';
    expect(await namespace.shell(remove, {})).toMatchObject({ code: 0 });
    expect(await claimsOf(namespace)).toEqual([]);
  });

  test.concurrent('two releases in one namespace do not touch each other', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.install('exporter2', base);
    await namespace.ready('exporter');
    await namespace.ready('exporter2');
    const uids = async () => (await namespace.pods('exporter')).map(({ metadata }) => metadata.uid);
    const before = await uids();
    expect(await namespace.helm('uninstall', 'exporter2')).toMatchObject({ code: 0 });
    await until('its end', async () => (await namespace.pods('exporter2')).length === 0);
    expect(await uids()).toEqual(before);
  });
});
