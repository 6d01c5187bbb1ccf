/** The script that makes the root of a container and becomes its first process. */
import { join } from 'node:path';
import type { Loose } from '../chart.ts';
import type { Image } from './image.ts';

export interface Mounts {
  /** For the root that is made. */
  readonly folder: string;
  /** The folder of each volume by its name. */
  readonly volumes: Readonly<Record<string, string>>;
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** Of the pod's first container. It runs in namespaces of its own, as root, and gives up all rights with its last line. */
export function toStartScript(
  pod: Loose,
  image: Image,
  { folder, volumes }: Mounts,
  {
    environment,
    delaySeconds,
  }: { readonly environment: Readonly<Record<string, string>>; readonly delaySeconds: number },
): string {
  const [container] = pod.spec.containers;
  const root = join(folder, 'root');
  const { runAsUser: user, runAsGroup: group, fsGroup } = { ...pod.spec.securityContext, ...container.securityContext };
  const readOnly = (target: string) => `mount -o remount,bind,ro ${target}`;
  const lines = [
    'set -e',
    `mkdir -p ${root} && mount -t tmpfs none ${root} && cd ${root}`,
    'mkdir -p usr etc/ssl/certs proc dev app tmp',
    'for name in bin lib lib64 sbin; do ln -s usr/$name $name; done',
    `mount --bind /usr usr && ${readOnly('usr')}`,
    'mount -t tmpfs none usr/local && mkdir usr/local/bin && touch usr/local/bin/node',
    `mount --bind ${image.node} usr/local/bin/node`,
    // What is linked into the folder of the app lies outside the new root.
    'mkdir app/dist app/node_modules && touch app/package.json',
    ...['dist', 'node_modules', 'package.json'].map(
      (name) => `mount --bind $(readlink -f ${join(image.app, name)}) app/${name} && ${readOnly(`app/${name}`)}`,
    ),
    `printf '%s\\n' 'exporter:x:${user}:${group}::/:/bin/sh' > etc/passwd`,
    `printf '127.0.0.1 localhost\\n' > etc/hosts`,
    'cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ 2>/dev/null || true',
    'for name in null zero random urandom; do touch dev/$name && mount --bind /dev/$name dev/$name; done',
    'mount -t proc proc proc',
    ...container.volumeMounts.flatMap(({ name, mountPath, readOnly: fixed }: Loose) => [
      `mkdir -p .${mountPath} && mount --bind ${volumes[name]} .${mountPath}`,
      ...(fixed ? [readOnly(`.${mountPath}`)] : []),
    ]),
    ...(container.securityContext?.readOnlyRootFilesystem ? [`mount -o remount,ro ${root}`] : []),
    // The network: a link to the host appears when the host has made it.
    `touch ${join(folder, 'waits')}`,
    'until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done',
    'ip link set lo up',
    `ip addr add $(cat ${join(folder, 'address')}) dev eth0 && ip link set eth0 up`,
    `sleep ${delaySeconds}`,
  ];
  const words = [...image.entrypoint, ...container.args];
  const variables = Object.entries({
    ...image.environment,
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: '/',
    ...environment,
  });
  const become = [
    ...['exec', 'chroot', root, '/usr/bin/setpriv', '--reuid', user, '--regid', group, '--groups', fsGroup ?? group],
    ...(container.securityContext?.allowPrivilegeEscalation === false ? ['--no-new-privs'] : []),
    ...(container.securityContext?.capabilities?.drop?.includes('ALL')
      ? ['--bounding-set=-all', '--inh-caps=-all']
      : []),
    // The signal at the death of the parent is set anew: Linux forgets unshare's as the user changes.
    ...['--pdeathsig', 'KILL'],
    ...['/usr/bin/env', '-i', '-C', '/app', ...variables.map(([name, value]) => quote(`${name}=${value}`))],
    ...words.map(quote),
  ];
  return [...lines, become.join(' '), ''].join('\n');
}
