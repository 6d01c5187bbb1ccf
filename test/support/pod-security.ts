/**
 * Pod Security Standards, level "restricted": its fourteen controls, and the one that Kubernetes 1.34 added (hosts of probes
 * and hooks). Each is a function that names what breaks it, written from
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/, because no API server can be had here.
 */

// biome-ignore lint/suspicious/noExplicitAny: a rendered object is whatever the template says it is
type Loose = any;

/** Pairs of a place and a value that is not allowed there. */
type Control = (spec: Loose, metadata: Loose) => readonly (readonly [place: string, value: unknown])[];

const containersOf = (spec: Loose): readonly Loose[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...(spec.ephemeralContainers ?? []),
];

/** Everything with a securityContext: the pod, then its containers. */
const partsOf = (spec: Loose): readonly Loose[] => [{ ...spec, name: 'pod' }, ...containersOf(spec)];

/** For fields that may be left out: what is there must be one of `allowed`. */
const optional =
  (field: string, read: (part: Loose) => unknown, allowed: readonly unknown[], parts = partsOf): Control =>
  (spec) =>
    parts(spec).flatMap((part) => {
      const value = read(part);
      return value === undefined || value === null || allowed.includes(value)
        ? []
        : [[`${part.name}.${field}`, value] as const];
    });

/** For fields that a container must have, itself or from its pod. */
const inherited =
  (field: string, read: (part: Loose) => unknown, good: (value: unknown) => boolean): Control =>
  (spec) =>
    partsOf(spec).flatMap((part) => {
      const own = read(part);
      if (part.name === 'pod' && own === undefined) return [];
      const value = own ?? read(spec);
      return good(value) ? [] : [[`${part.name}.${field}`, value] as const];
    });

const each =
  (field: string, read: (container: Loose) => unknown, good: (value: unknown) => boolean): Control =>
  (spec) =>
    containersOf(spec).flatMap((container) =>
      good(read(container)) ? [] : [[`${container.name}.${field}`, read(container)] as const],
    );

const volumeTypes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
];
const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];
const seLinuxTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

const handlersOf = (container: Loose): readonly Loose[] =>
  [
    container.livenessProbe,
    container.readinessProbe,
    container.startupProbe,
    container.lifecycle?.postStart,
    container.lifecycle?.preStop,
  ].filter(Boolean);

export const controls: Readonly<Record<string, Control>> = {
  'host processes of Windows': optional(
    'windowsOptions.hostProcess',
    (part) => part.securityContext?.windowsOptions?.hostProcess,
    [false],
  ),
  'namespaces of the host': (spec) =>
    ['hostNetwork', 'hostPID', 'hostIPC'].flatMap((field) => (spec[field] ? [[field, spec[field]] as const] : [])),
  'privileged containers': each(
    'privileged',
    (one) => one.securityContext?.privileged,
    (value) => !value,
  ),
  'ports of the host': (spec) =>
    containersOf(spec).flatMap(({ name, ports }) =>
      (ports ?? []).flatMap(({ hostPort }: Loose) => (hostPort ? [[`${name}.hostPort`, hostPort] as const] : [])),
    ),
  'hosts of probes and hooks': each(
    'host',
    (one) => handlersOf(one).flatMap(({ httpGet, tcpSocket }) => httpGet?.host ?? tcpSocket?.host ?? []),
    (value) => Array.isArray(value) && value.length === 0,
  ),
  AppArmor: (spec, metadata) => [
    ...optional('appArmorProfile', (part) => part.securityContext?.appArmorProfile?.type, [
      'RuntimeDefault',
      'Localhost',
    ])(spec, metadata),
    ...Object.entries<string>(metadata.annotations ?? {}).filter(
      ([key, value]) =>
        key.startsWith('container.apparmor.security.beta.kubernetes.io/') &&
        !/^(?:runtime\/default|localhost\/.*)$/.test(value),
    ),
  ],
  'SELinux options': (spec, metadata) => [
    ...optional(
      'seLinuxOptions.type',
      (part) => part.securityContext?.seLinuxOptions?.type,
      seLinuxTypes,
    )(spec, metadata),
    ...optional('seLinuxOptions.user', (part) => part.securityContext?.seLinuxOptions?.user, [''])(spec, metadata),
    ...optional('seLinuxOptions.role', (part) => part.securityContext?.seLinuxOptions?.role, [''])(spec, metadata),
  ],
  'the mount of /proc': each(
    'procMount',
    (one) => one.securityContext?.procMount ?? 'Default',
    (value) => value === 'Default',
  ),
  sysctls: (spec) =>
    (spec.securityContext?.sysctls ?? [])
      .filter(({ name }: Loose) => !safeSysctls.includes(name))
      .map(({ name }: Loose) => ['sysctls', name] as const),
  'types of volumes': (spec) =>
    (spec.volumes ?? []).flatMap(({ name, ...type }: Loose) =>
      Object.keys(type).every((key) => volumeTypes.includes(key)) ? [] : [[`volumes.${name}`, type] as const],
    ),
  'escalation of privileges': each(
    'allowPrivilegeEscalation',
    (one) => one.securityContext?.allowPrivilegeEscalation,
    (value) => value === false,
  ),
  'running as another user than root': inherited(
    'runAsNonRoot',
    (part) => part.securityContext?.runAsNonRoot,
    (value) => value === true,
  ),
  'the number of that user': optional(
    'runAsUser',
    (part) => (part.securityContext?.runAsUser === 0 ? 'root' : undefined),
    [],
  ),
  seccomp: inherited(
    'seccompProfile.type',
    (part) => part.securityContext?.seccompProfile?.type,
    (value) => value === 'RuntimeDefault' || value === 'Localhost',
  ),
  capabilities: (spec) =>
    containersOf(spec).flatMap(({ name, securityContext }) => {
      const { drop = [], add = [] } = securityContext?.capabilities ?? {};
      const more = add.filter((capability: string) => capability !== 'NET_BIND_SERVICE');
      return drop.includes('ALL') && more.length === 0 ? [] : [[`${name}.capabilities`, { drop, add }] as const];
    }),
};

/** What of a pod is not allowed, as in `seccomp: test.seccompProfile.type is undefined`. */
export function violationsOf(spec: Loose, metadata: Loose = {}): readonly string[] {
  return Object.entries(controls).flatMap(([name, control]) =>
    control(spec, metadata).map(([place, value]) => `${name}: ${place} is ${JSON.stringify(value)}`),
  );
}
