/** Nodes that run nothing: kwok says of each pod on them that it is ready, and of the pod of `helm test` that it is done. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Kubectl } from './kubectl.ts';

/** What kwok is told to do with a pod that Helm runs as a test. */
const testPodSucceeds = {
  apiVersion: 'kwok.x-k8s.io/v1alpha1',
  kind: 'Stage',
  metadata: { name: 'test-pod-succeeds' },
  spec: {
    resourceRef: { apiGroup: 'v1', kind: 'Pod' },
    selector: {
      matchAnnotations: { 'helm.sh/hook': 'test' },
      matchExpressions: [
        { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' },
        { key: '.status.phase', operator: 'In', values: ['Running'] },
      ],
    },
    next: { statusTemplate: 'phase: Succeeded' },
  },
};

/** Enough of them for releases that each want the same port of a node. */
export const fakeNodes = ['kwok-0', 'kwok-1', 'kwok-2', 'kwok-3', 'kwok-4', 'kwok-5'];
const annotation = { 'kwok.x-k8s.io/node': 'fake' };

/** The arguments of kwok; `stages` are the files that come with it. */
export function kwokArguments(
  folder: string,
  { kubeconfig, port, stages }: { kubeconfig: string; port: number; stages: readonly string[] },
): readonly string[] {
  const config = join(folder, 'kwok.yaml');
  const texts = [...stages.map((stage) => readFileSync(stage, 'utf8')), stringify(testPodSucceeds)];
  writeFileSync(config, texts.join('\n---\n'));
  return [
    `--kubeconfig=${kubeconfig}`,
    '--manage-all-nodes=false',
    '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
    `--server-address=127.0.0.1:${port}`,
    `--config=${config}`,
  ];
}

/** Labelled as the values of `ci/scheduling-values.yaml` want a node. */
export async function createFakeNodes(kubectl: Kubectl): Promise<void> {
  const items = fakeNodes.map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: annotation,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        arch: 'amd64',
        disk: 'ssd',
      },
    },
  }));
  await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
}
