/** What Helm does with the chart that only an API server can show: its test, edits by hand, restarts, disruptions. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { leastValues as base, createNamespace, type Namespace } from '../../support/cluster/release.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { until } from '../../support/wait.ts';

const cluster = inject('cluster');

describe.each([4, 3])('Helm %i', (major) => {
  let helm: Helm;
  const namespaces: Namespace[] = [];
  const fresh = async (more: { readonly quota?: boolean } = {}) => {
    const namespace = await createNamespace(cluster, helm, { level: 'restricted', ...more });
    namespaces.push(namespace);
    return namespace;
  };
  beforeAll(() => {
    helm = unpackHelms().find((one) => one.major === major) as Helm;
  });
  afterAll(async () => {
    for (const namespace of namespaces) await namespace[Symbol.asyncDispose]();
  });
  const uidOf = async (namespace: Namespace) => (await namespace.pods('exporter'))[0]?.metadata.uid;
  const testPods = (namespace: Namespace, ...output: readonly string[]) =>
    namespace.kubectl(['get', 'pods', '-l', 'app.kubernetes.io/component=test', ...output]);

  test.concurrent('the pod of a good `helm test` stays for its log, under a quota and with a client certificate too', async () => {
    const namespace = await fresh({ quota: true });
    const webConfig = { existingSecret: 'exporter-web', scheme: 'HTTPS' };
    const values = { ...base, webConfig, helmTest: { clientCertSecret: 'client', caSecret: 'authority' } };
    await namespace.install('exporter', values);
    await namespace.ready('exporter');
    expect(await namespace.helm('test', 'exporter', '--timeout', '60s')).toMatchObject({ code: 0, stderr: '' });
    const [pod] = JSON.parse(await testPods(namespace, '-o', 'json')).items;
    expect(pod.status.phase).toBe('Succeeded');
    const secrets = JSON.stringify(pod.spec.volumes);
    expect(secrets).toContain('"client"');
    expect(secrets).toContain('"authority"');
    // Once more: the pod of the time before makes room.
    expect(await namespace.helm('test', 'exporter', '--timeout', '60s')).toMatchObject({ code: 0 });
    expect(JSON.parse(await testPods(namespace, '-o', 'json')).items).toHaveLength(1);
  });

  test.concurrent('the pod of a `helm test` that failed is gone', async () => {
    const namespace = await fresh();
    // No node takes the pods, so that the test can end this one as a kubelet would.
    await namespace.install('exporter', { ...base, nodeSelector: { nowhere: 'yes' } });
    const tested = namespace.helm('test', 'exporter', '--timeout', '60s');
    const name = await until('the pod', async () => (await testPods(namespace, '-o', 'name')).trim() || false);
    const failed = JSON.stringify({ status: { phase: 'Failed' } });
    await namespace.kubectl(['patch', name, '--subresource=status', '--type=merge', '-p', failed]);
    expect((await tested).code).not.toBe(0);
    await until('the end of the pod', async () => (await testPods(namespace, '-o', 'name')) === '');
  });

  test.concurrent('a ConfigMap that was edited: what the README says', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    const [name = ''] = (
      await namespace.kubectl(['get', 'configmap', '-o', 'name', '-l', 'app.kubernetes.io/instance=exporter'])
    )
      .trim()
      .split('\n');
    const config = JSON.parse(await namespace.kubectl(['get', name, '-o', 'json']));
    const [key = ''] = Object.keys(config.data);
    const edited = { ...config, data: { ...config.data, [key]: `${config.data[key]}\n# By hand\n` } };
    await namespace.kubectl(['replace', '-f', '-'], edited);
    const changed = { ...base, config: { ...base.config, poll: { schedule: '0 * * * * *' } } };
    if (major === 4) {
      await expect(namespace.upgrade('exporter', changed)).rejects.toThrow(/conflict/);
      await namespace.upgrade('exporter', changed, '--force-conflicts');
    } else {
      await namespace.upgrade('exporter', changed);
    }
    const { data } = JSON.parse(await namespace.kubectl(['get', name, '-o', 'json']));
    expect(data[key]).not.toContain('By hand');
    expect(data[key]).toContain('0 * * * * *');
  });

  test.concurrent('what a reload takes leaves the pod as it is, and what needs a restart replaces it', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    const first = await uidOf(namespace);
    const reloaded = { ...base, config: { ...base.config, poll: { schedule: '0 * * * * *' } } };
    await namespace.upgrade('exporter', reloaded);
    await namespace.ready('exporter');
    expect(await uidOf(namespace)).toBe(first);
    await namespace.upgrade('exporter', { ...base, config: { ...base.config, state: { changesKept: 500 } } });
    await namespace.ready('exporter');
    expect(await uidOf(namespace)).not.toBe(first);
  });

  test.concurrent('`--reuse-values` brings what was set, and what is set anew', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', { ...base, podLabels: { team: 'db' } });
    await namespace.ready('exporter');
    await namespace.upgrade('exporter', {}, '--reuse-values', '--set', 'shards=2');
    const set = await namespace.ready('exporter');
    expect([set.spec.replicas, set.spec.template.metadata.labels.team]).toEqual([2, 'db']);
  });

  test.concurrent('a PodDisruptionBudget lets as many pods go as values.yaml says', async () => {
    const namespace = await fresh();
    const allowed = async () => {
      const { items } = JSON.parse(await namespace.kubectl(['get', 'poddisruptionbudget', '-o', 'json']));
      const [{ metadata, status }] = items;
      return (
        status.observedGeneration === metadata.generation && status.expectedPods === 3 && status.disruptionsAllowed
      );
    };
    await namespace.install('exporter', { ...base, shards: 3, podDisruptionBudget: { enabled: true } });
    await namespace.ready('exporter');
    await until('one', async () => (await allowed()) === 1);
    const percentage = { enabled: true, maxUnavailable: '34%' };
    await namespace.upgrade('exporter', { ...base, shards: 3, podDisruptionBudget: percentage });
    await until('two: percentages are rounded up', async () => (await allowed()) === 2);
  });

  test.concurrent('a claim that outlived its StatefulSet is not taken over with another class or a smaller size', async () => {
    const namespace = await fresh();
    await namespace.install('exporter', base);
    await namespace.ready('exporter');
    await namespace.kubectl(['delete', 'statefulset', '-l', 'app.kubernetes.io/instance=exporter', '--cascade=orphan']);
    await expect(namespace.upgrade('exporter', { ...base, persistence: { storageClass: 'fast' } })).rejects.toThrow(
      /persistence\.storageClass: the claim state-\S+-0 is there with the class \S+ and would keep it\.\nSet it back, or delete the claim/,
    );
    await expect(namespace.upgrade('exporter', { ...base, persistence: { size: '9Gi' } })).rejects.toThrow(
      /persistence\.size: the claim state-\S+-0 is there with 1Gi and would keep it\.\nGrow it first: kubectl -n \S+ patch pvc state-/,
    );
  });
});
