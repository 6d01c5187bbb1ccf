import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { provideTool } from '../../tools/provide.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The cluster of this run. */
    cluster: Cluster;
    /** The path of the kubelet's own writer and prober. */
    kubelet: string;
  }
}

/** Starts the cluster, once for all suites of this folder. What it gives ends it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  installEtcd();
  const started = performance.now();
  const cluster = await startCluster();
  console.log(`The cluster is ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  project.provide('kubelet', provideTool('kubelet')['kubelet'] ?? '');
  project.provide('cluster', { kubeconfig: cluster.kubeconfig, kubectl: cluster.kubectl, api: cluster.api });
  return async () => cluster[Symbol.asyncDispose]();
}

function installEtcd(): void {
  if (existsSync('/usr/bin/etcd') || process.env['KUBECONFIG']) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args: readonly string[]) => spawnSync('apt-get', args, { encoding: 'utf8', env });
  apt('update', '-qq');
  const { status, stdout, stderr } = apt('install', '-y', '-qq', '--no-install-recommends', 'etcd-server');
  if (status !== 0) throw new Error(`Cannot install etcd-server: ${`${stdout}${stderr}`.slice(-2000)}`);
}
