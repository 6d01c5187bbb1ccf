/** The chart in a namespace of a cluster, as people install it: Helm and kubectl, and what became of the pods. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Loose } from '../chart.ts';
import { chartFolder, type Helm } from '../helm.ts';
import { until } from '../wait.ts';
import { createApi } from './api.ts';
import type { Cluster } from './cluster.ts';
import { createKubectl, type Ended, type Kubectl, runToEnd } from './kubectl.ts';

export interface Namespace extends AsyncDisposable {
  readonly name: string;
  /** In this namespace. */
  readonly kubectl: Kubectl;
  /** Helm in this namespace; a failure is part of the answer. */
  helm(...args: readonly string[]): Promise<Ended>;
  /** Runs the commands of a page, with this namespace as kubectl's and Helm's own, beside a file `values.yaml`. */
  shell(script: string, values: object): Promise<Ended>;
  /** As `helm`, with the chart and these values. Throws what Helm said when it fails. */
  install(release: string, values: object | readonly string[], ...more: readonly string[]): Promise<Applied>;
  upgrade(release: string, values: object | readonly string[], ...more: readonly string[]): Promise<Applied>;
  /** The exporter's pods of a release, here or in the namespace that its values name. */
  pods(release: string): Promise<readonly Loose[]>;
  /** The claims of a release. */
  claims(release: string): Promise<readonly Loose[]>;
  /** Waits until the StatefulSet of a release has rolled out, and gives it. */
  ready(release: string): Promise<Loose>;
}

export interface Applied {
  /** What Helm warned of. */
  readonly stderr: string;
  /** The objects that it asked for. */
  readonly manifest: string;
}

export type Level = 'restricted' | 'baseline' | 'privileged';

/** The least that an install needs. */
export const leastValues = {
  credentials: { existingSecret: 'atlas-key' },
  config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] },
};

/** Where `ci/namespaces-values.yaml` puts its pods. */
const overridden = 'exporters';

let made = 0;

/** A namespace that enforces a level of Pod Security; `quota` adds a ResourceQuota and a LimitRange. */
export async function createNamespace(
  cluster: Cluster,
  helm: Helm,
  { level, quota = false }: { readonly level: Level; readonly quota?: boolean },
): Promise<Namespace> {
  const name = `e2e-${level}-${process.pid}-${Date.now().toString(36)}-${made++}`;
  const everywhere = createKubectl(cluster.kubectl, cluster.kubeconfig);
  await everywhere(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: toObjects(name, level, quota) });
  const folder = join(helm.environment['HELM_CACHE_HOME'] ?? '', name);
  const kubeconfig = writeKubeconfig(folder, cluster, name);
  const kubectl = createKubectl(cluster.kubectl, kubeconfig);
  symlinkSync(cluster.kubectl, join(folder, 'kubectl'));
  symlinkSync(helm.program, join(folder, 'helm'));
  const env = { ...helm.environment, KUBECONFIG: kubeconfig, PATH: `${folder}:${process.env['PATH']}` };
  const run = (...args: readonly string[]) => runToEnd(helm.program, args, { env });
  const valuesOf = (values: object | readonly string[]) => {
    if (Array.isArray(values)) return values.flatMap((file: string) => ['-f', file]);
    const file = join(folder, `values-${made++}.yaml`);
    writeFileSync(file, stringify(values));
    return ['-f', file];
  };
  const apply = async (...args: readonly string[]): Promise<Applied> => {
    const { code, stdout, stderr } = await run(...args, '-o', 'json');
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`);
    return { stderr, manifest: JSON.parse(stdout).manifest };
  };
  const api = createApi(cluster.api);
  const list = async (path: string, release: string): Promise<readonly Loose[]> => {
    const labels = `labelSelector=app.kubernetes.io/instance%3D${release}`;
    const [group, kind] = [path.slice(0, path.lastIndexOf('/')), path.slice(path.lastIndexOf('/') + 1)];
    const lists = [name, overridden].map((one) => api.ask('GET', `${group}/namespaces/${one}/${kind}?${labels}`));
    return (await Promise.all(lists)).flatMap(({ body }) => body.items as readonly Loose[]);
  };
  return {
    name,
    kubectl,
    helm: run,
    shell(script, values) {
      writeFileSync(join(folder, 'values.yaml'), stringify(values));
      return runToEnd('bash', ['--norc', '-euc', script.replaceAll(' . ', ` ${chartFolder} `)], { env, cwd: folder });
    },
    install: (release, values, ...more) => apply('install', release, chartFolder, ...valuesOf(values), ...more),
    upgrade: (release, values, ...more) => apply('upgrade', release, chartFolder, ...valuesOf(values), ...more),
    claims: (release) => list('/api/v1/persistentvolumeclaims', release),
    async pods(release) {
      const pods = await list('/api/v1/pods', release);
      return pods.filter(({ metadata }) => metadata.labels['app.kubernetes.io/component'] === 'exporter');
    },
    async ready(release) {
      try {
        return await until(
          `pods of ${release}`,
          async () => {
            const [set] = await list('/apis/apps/v1/statefulsets', release);
            return isRolledOut(set) && set;
          },
          240,
        );
      } catch (error) {
        const events = await kubectl([
          'get',
          'events',
          '--field-selector=type=Warning',
          '-o',
          'custom-columns=:.message',
        ]);
        throw new Error(`The pods of ${release} do not get ready: ${events.trim().split('\n').slice(-5).join('\n')}`, {
          cause: error,
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await everywhere(['delete', 'namespace', name, '--wait=false']);
    },
  };
}

function isRolledOut({ metadata, spec, status }: Loose): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    status.replicas === spec.replicas &&
    (status.readyReplicas ?? 0) === spec.replicas &&
    (status.updatedReplicas ?? 0) === spec.replicas &&
    status.currentRevision === status.updateRevision
  );
}

/** The cluster's, with a namespace that commands need not name. */
function writeKubeconfig(folder: string, { kubeconfig }: Cluster, namespace: string): string {
  mkdirSync(folder, { recursive: true });
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const contexts = config.contexts.map((one: Loose) => ({ ...one, context: { ...one.context, namespace } }));
  const path = join(folder, 'kubeconfig');
  writeFileSync(path, JSON.stringify({ ...config, contexts }), { mode: 0o600 });
  return path;
}

/** The namespace, and in it what the chart's ci values take for granted. */
function toObjects(name: string, level: Level, quota: boolean): readonly object[] {
  const labels = Object.fromEntries(['enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]));
  const limits = { cpu: '1', memory: '1Gi' };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'mine', namespace: name } },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'exporter-state', namespace: name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    },
    ...(quota
      ? [
          {
            apiVersion: 'v1',
            kind: 'ResourceQuota',
            metadata: { name: 'quota', namespace: name },
            spec: { hard: { pods: '10', 'requests.cpu': '32', 'requests.memory': '64Gi', 'limits.memory': '64Gi' } },
          },
          {
            apiVersion: 'v1',
            kind: 'LimitRange',
            metadata: { name: 'limits', namespace: name },
            spec: {
              limits: [
                { type: 'Container', max: { cpu: '2', memory: '4Gi' }, min: { memory: '16Mi' }, default: limits },
              ],
            },
          },
        ]
      : []),
  ];
}
