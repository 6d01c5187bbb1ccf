import { beforeAll, describe, expect, test } from 'vitest';
import { ciValues, type Loose, podOf, podsOf } from '../../support/chart.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { controls, violationsOf } from '../../support/pod-security.ts';

let helm: Helm;
beforeAll(() => {
  [helm] = unpackHelms() as [Helm];
});

describe('every pod of the chart keeps to Pod Security "restricted"', () => {
  test.each(Object.keys(ciValues))('%s', (name) => {
    const pods = podsOf(helm.template(ciValues[name] ?? ''));
    expect(pods).toHaveLength(name === 'no-helm-test' ? 1 : 2);
    const allowed = name === 'host-network' ? ['namespaces of the host: hostNetwork is true'] : [];
    const [ofExporter, ofTest] = pods.map(({ spec, metadata }) => violationsOf(spec, metadata));
    expect(ofExporter).toEqual(allowed);
    expect(ofTest ?? []).toEqual([]);
  });
});

test('no pod has a token or rights, and every root is read-only', () => {
  for (const [name, values] of Object.entries(ciValues)) {
    const objects = helm.template(values);
    expect(objects.map(({ kind }) => kind).filter((kind) => /Role|Binding/.test(kind))).toEqual([]);
    for (const { spec } of podsOf(objects)) {
      const asked = name === 'workload' && spec.restartPolicy === undefined;
      expect(spec.automountServiceAccountToken).toBe(asked);
      expect(spec.enableServiceLinks).toBe(name === 'pod-spec' && spec.restartPolicy === undefined ? undefined : false);
      expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    }
  }
});

test('the pods run as the user of the image, or as whom the platform chooses', () => {
  const userOf = (name: string) => podsOf(helm.template(ciValues[name] ?? '')).map(({ spec }) => spec.securityContext);
  for (const context of userOf('minimal'))
    expect(context).toMatchObject({ runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 });
  for (const context of [...userOf('platform-user'), ...userOf('openshift')]) {
    expect(context).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const field of ['runAsUser', 'runAsGroup', 'fsGroup']) expect(context[field]).toBeUndefined();
  }
});

describe('each control sees what it forbids', () => {
  const container = (more: object) => (spec: Loose) => Object.assign(spec.containers[0], more);
  const secured = (more: object) => (spec: Loose) => Object.assign(spec.containers[0].securityContext, more);
  const bad: Readonly<Record<string, (spec: Loose, metadata: Loose) => unknown>> = {
    'host processes of Windows': (spec) => {
      spec.securityContext.windowsOptions = { hostProcess: true };
    },
    'namespaces of the host': (spec) => Object.assign(spec, { hostPID: true }),
    'privileged containers': secured({ privileged: true }),
    'ports of the host': container({ ports: [{ containerPort: 1, hostPort: 1 }] }),
    'hosts of probes and hooks': container({ livenessProbe: { httpGet: { host: 'elsewhere', port: 1 } } }),
    AppArmor: (_, metadata) =>
      Object.assign(metadata, {
        annotations: { 'container.apparmor.security.beta.kubernetes.io/exporter': 'unconfined' },
      }),
    'SELinux options': secured({ seLinuxOptions: { type: 'spc_t' } }),
    'the mount of /proc': secured({ procMount: 'Unmasked' }),
    sysctls: (spec) => {
      spec.securityContext.sysctls = [{ name: 'kernel.msgmax', value: '1' }];
    },
    'types of volumes': (spec) => spec.volumes.push({ name: 'host', hostPath: { path: '/' } }),
    'escalation of privileges': secured({ allowPrivilegeEscalation: undefined }),
    'running as another user than root': secured({ runAsNonRoot: false }),
    'the number of that user': (spec) => Object.assign(spec.securityContext, { runAsUser: 0 }),
    seccomp: (spec) => Object.assign(spec.securityContext, { seccompProfile: undefined }),
    capabilities: secured({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } }),
  };

  test.each(Object.keys(controls))('%s', (name) => {
    const spec = structuredClone(podOf(helm.template(ciValues['minimal'] ?? '')));
    const metadata = {};
    bad[name]?.(spec, metadata);
    const seen = violationsOf(spec, metadata);
    expect(seen.length).toBeGreaterThan(0);
    for (const violation of seen) expect(violation.startsWith(`${name}: `)).toBe(true);
  });

  test('an init container is looked at too', () => {
    const spec = { ...podOf(helm.template(ciValues['minimal'] ?? '')), initContainers: [{ name: 'init' }] };
    expect(violationsOf(spec).map((text) => text.split(':')[0])).toEqual(['escalation of privileges', 'capabilities']);
  });
});
