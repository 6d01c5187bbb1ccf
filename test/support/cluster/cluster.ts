/**
 * A Kubernetes on loopback: etcd, API server, controller manager and scheduler, with nodes that run nothing. Or the cluster
 * that KUBECONFIG names, with the same nodes.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideTool } from '../../tools/provide.ts';
import { newestHelm, unpackHelm } from '../helm.ts';
import { freePort, until } from '../wait.ts';
import { createApi } from './api.ts';
import { createFakeNodes, fakeNodes, kwokArguments } from './fake-nodes.ts';
import { createKeys } from './keys.ts';
import { createKubectl, type Kubectl } from './kubectl.ts';
import { createProcesses, type Processes } from './processes.ts';
import { startProvisioner, toStorageClasses } from './provisioner.ts';

export interface Cluster {
  readonly kubeconfig: string;
  /** The path of the program. */
  readonly kubectl: string;
  /** Where the API is asked without kubectl and without a certificate. */
  readonly api: string;
}

/** Throws an Error that says what to do when a tool, a port or the cluster cannot be had. */
export async function startCluster(findPort = freePort): Promise<Cluster & AsyncDisposable> {
  await using building = new AsyncDisposableStack();
  const folder = createFolder();
  building.defer(() => rmSync(folder, { recursive: true, force: true }));
  const processes = building.use(createProcesses(folder));
  const program = join(unpackHelm(newestHelm), 'kubectl');
  const named = process.env['KUBECONFIG'];
  const kubeconfig = named || (await startApiServer(folder, processes, findPort));
  const kubectl = createKubectl(program, kubeconfig);
  if (named) await borrow(kubectl, named, building);
  const proxy = await findPort();
  processes.start(program, 'proxy', `--kubeconfig=${kubeconfig}`, `--port=${proxy}`);
  const url = `http://127.0.0.1:${proxy}`;
  const api = createApi(url);
  await until(
    'a ready API server',
    async () => {
      processes.expectAlive();
      return (await api.ask('GET', '/readyz')).status === 200;
    },
    120,
  );
  if (!named) await startControllers(folder, processes, findPort);
  await furnish(kubectl);
  building.use(startProvisioner(api));
  const { kwok = '', ...stages } = provideTool('kwok');
  const port = await findPort();
  processes.start(kwok, ...kwokArguments(folder, { kubeconfig, port, stages: Object.values(stages) }));
  const ready = ['wait', '--for=condition=Ready', '--timeout=0', ...fakeNodes.map((name) => `node/${name}`)];
  await until(
    'ready nodes',
    async () => {
      processes.expectAlive();
      return kubectl(ready).then(() => true);
    },
    120,
  );
  const running = building.move();
  return { kubeconfig, kubectl: program, api: url, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** A folder of this process; those of processes that were killed are removed. */
function createFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^cluster-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    console.log(`Removing "${join(tmpdir(), name)}": the run that it belonged to was killed`);
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `cluster-${process.pid}-`));
}

/** The path of the kubeconfig of its administrator. */
async function startApiServer(folder: string, processes: Processes, findPort: typeof freePort): Promise<string> {
  if (!existsSync('/usr/bin/etcd')) {
    throw new Error('There is no "/usr/bin/etcd". Install the package "etcd-server" of Debian');
  }
  const { 'kube-apiserver': apiServer = '' } = provideTool('kubernetes');
  const [etcd, peer, port] = await Promise.all(Array.from({ length: 3 }, findPort));
  createKeys(folder, `https://127.0.0.1:${port}`);
  const key = (name: string) => join(folder, name);
  const etcdUrl = `http://127.0.0.1:${etcd}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  processes.start(
    '/usr/bin/etcd',
    `--data-dir=${key('etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
  );
  processes.start(
    apiServer,
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${key('apiserver.crt')}`,
    `--tls-private-key-file=${key('apiserver.key')}`,
    `--client-ca-file=${key('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-signing-key-file=${key('service-accounts.key')}`,
    `--service-account-key-file=${key('service-accounts.pub')}`,
    // Both families, for the values that ask for one of them.
    '--service-cluster-ip-range=10.96.0.0/16,fd00:10:96::/108',
    // Debian's etcd 3.4 cannot stream lists. A client that is refused asks otherwise at once; one that is let try loses half a
    // minute each time.
    '--feature-gates=WatchList=false',
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    '--enable-admission-plugins=NodeRestriction,PodSecurity,ResourceQuota,LimitRanger,PersistentVolumeClaimResize',
  );
  return key('admin.kubeconfig');
}

async function startControllers(folder: string, processes: Processes, findPort: typeof freePort): Promise<void> {
  const programs = provideTool('kubernetes');
  const [first, second] = await Promise.all([findPort(), findPort()]);
  const start = (name: string, port: number, ...more: readonly string[]) => {
    const config = join(folder, `${name}.kubeconfig`);
    processes.start(
      programs[name] ?? name,
      `--kubeconfig=${config}`,
      `--authentication-kubeconfig=${config}`,
      `--authorization-kubeconfig=${config}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      '--leader-elect=false',
      ...more,
    );
  };
  start(
    'kube-controller-manager',
    first,
    `--service-account-private-key-file=${join(folder, 'service-accounts.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
    '--use-service-account-credentials',
  );
  start('kube-scheduler', second);
}

/**
 * The suite makes and deletes namespaces, and no pod of it can run: it keeps off clusters that are not of this machine. The
 * nodes that are there take no pods until the end.
 */
async function borrow(kubectl: Kubectl, kubeconfig: string, building: AsyncDisposableStack): Promise<void> {
  const server = (await kubectl(['config', 'view', '--minify', '-o', 'jsonpath={.clusters[0].cluster.server}'])).trim();
  if (!/^https:\/\/(127\.0\.0\.1|localhost|\[::1\]|0\.0\.0\.0)(:|\/|$)/.test(server)) {
    throw new Error(
      `KUBECONFIG "${kubeconfig}" names "${server}", which is not on this machine. ` +
        'Name a cluster of kind or k3d, or unset KUBECONFIG to have one started',
    );
  }
  const nodes = (await kubectl(['get', 'nodes', '-o', 'name'])).split('\n').filter((name) => name !== '');
  const real = nodes.filter((name) => !fakeNodes.includes(name.replace('node/', '')));
  if (real.length > 0) await kubectl(['cordon', ...real]);
  building.defer(async () => {
    if (real.length > 0) await kubectl(['uncordon', ...real]);
    await kubectl(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], list(toClasses()));
    await kubectl(['delete', 'node', '--ignore-not-found', ...fakeNodes]);
  });
}

/** What the chart's ci values take for granted. */
async function furnish(kubectl: Kubectl): Promise<void> {
  const definitions = (['operator', 'gateway', 'autoscaler'] as const).flatMap((tool) =>
    Object.values(provideTool(tool)),
  );
  await kubectl(['apply', '--server-side', '--force-conflicts', ...definitions.flatMap((file) => ['-f', file])]);
  const items = [
    ...toClasses(),
    ...['exporters', 'monitoring', 'grafana'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    })),
    grafanaDashboards,
  ];
  await kubectl(['apply', '-f', '-'], list(items));
  await createFakeNodes(kubectl);
}

function toClasses(): readonly object[] {
  return [
    ...toStorageClasses(),
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'monitoring' }, value: 1000 },
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'gvisor' }, handler: 'runsc' },
  ];
}

const list = (items: readonly object[]) => ({ apiVersion: 'v1', kind: 'List', items });

/** The operator's own definition is in no module that can be had: this one takes any fields. */
const grafanaDashboards = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'grafanadashboards.grafana.integreatly.org' },
  spec: {
    group: 'grafana.integreatly.org',
    scope: 'Namespaced',
    names: { kind: 'GrafanaDashboard', plural: 'grafanadashboards', singular: 'grafanadashboard' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};
