/** Makes a volume for each claim that waits for one, as a cloud's provisioner would, and removes those that are released. */
import type { Loose } from '../chart.ts';
import type { Api } from './api.ts';

const provisioner = 'example.com/fake';
/** The default one (of several the newest is taken), and the one that `ci/claim-values.yaml` asks for. */
const storageClasses = ['e2e-default', 'fast'];
/** Claims without a class too: somebody makes a volume for them by hand. */
const provisioned: readonly string[] = [...storageClasses, ''];

export function toStorageClasses(): readonly object[] {
  return storageClasses.map((name, index) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: {
      name,
      annotations: { 'storageclass.kubernetes.io/is-default-class': String(index === 0) },
    },
    provisioner,
    allowVolumeExpansion: true,
  }));
}

export function startProvisioner(api: Api): AsyncDisposable {
  const ended = new AbortController();
  const turn = async () => {
    const [claims, volumes] = await Promise.all(
      ['persistentvolumeclaims', 'persistentvolumes'].map(async (path) => {
        const { body } = await api.ask('GET', `/api/v1/${path}`);
        return (body.items ?? []) as readonly Loose[];
      }),
    );
    for (const claim of claims ?? []) {
      if (claim.status?.phase === 'Pending' && provisioned.includes(claim.spec.storageClassName ?? '')) {
        await api.ask('POST', '/api/v1/persistentvolumes', toVolume(claim));
      }
    }
    for (const { metadata, status } of volumes ?? []) {
      if (status?.phase === 'Released') await api.ask('DELETE', `/api/v1/persistentvolumes/${metadata.name}`);
    }
  };
  const loop = (async () => {
    while (!ended.signal.aborted) {
      await turn().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      ended.abort();
      await loop;
    },
  };
}

function toVolume({ metadata, spec }: Loose): object {
  const name = `pvc-${metadata.uid}`;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: spec.resources.requests.storage },
      accessModes: spec.accessModes,
      storageClassName: spec.storageClassName ?? '',
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/nowhere/${name}` },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        name: metadata.name,
        namespace: metadata.namespace,
        uid: metadata.uid,
      },
    },
  };
}
