import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Loose, objectOf } from './chart.ts';
import { run, tryRun } from './containers.ts';
import type { Rendered } from './helm.ts';
import { until } from './wait.ts';

/** The user and group of the chart's pods. */
const user = 65532;

export interface Place {
  /** For the volumes; what of them is ConfigMap or Secret lies in `<folder>/<name of the volume>`. */
  readonly folder: string;
  /** Where the exporter listens, on 127.0.0.1. */
  readonly port: number;
}

/**
 * The pod `ordinal` that Kubernetes would make of the rendered StatefulSet, as podman can play it, with its claims. What differs:
 *
 * - ConfigMaps and Secrets are folders of this machine that `writeVolume` fills as the kubelet does;
 * - the user of a volume is an annotation of its claim, because podman knows no fsGroup;
 * - it shares the network of this machine, where the simulated Atlas is, and listens on a port of loopback;
 * - probes are left out: podman has no timers here, so the test asks for them.
 */
export function toPlayable(objects: readonly Rendered[], ordinal: number, { folder, port }: Place): readonly object[] {
  const set = objectOf(objects, 'StatefulSet');
  const name = `${set.metadata.name}-${ordinal}`;
  const { spec, metadata } = set.spec.template;
  const claims = (set.spec.volumeClaimTemplates ?? []).map((claim: Loose) => ({
    ...claim,
    metadata: {
      name: `${claim.metadata.name}-${name}`,
      annotations: { 'volume.podman.io/uid': `${user}`, 'volume.podman.io/gid': `${user}` },
    },
  }));
  const volumes = [
    ...spec.volumes.map((volume: Loose) => ofThisMachine(volume, folder)),
    ...claims.map((claim: Loose, at: number) => ({
      name: set.spec.volumeClaimTemplates[at].metadata.name,
      persistentVolumeClaim: { claimName: claim.metadata.name },
    })),
  ];
  const containers = spec.containers.map(({ startupProbe, livenessProbe, readinessProbe, ports, ...one }: Loose) => ({
    ...one,
    args: [...one.args, `--web.listen-address=127.0.0.1:${port}`],
  }));
  return [...claims, toPod(name, metadata, { ...spec, containers, volumes })];
}

/** The pod of `helm test`, looking for the shards where they listen on this machine. */
export function toPlayableTest(objects: readonly Rendered[], ports: readonly number[]): readonly object[] {
  const { metadata, spec } = objectOf(objects, 'Pod');
  const targets = ports.map((port) => `http://127.0.0.1:${port}/metrics`).join(' ');
  const containers = spec.containers.map((one: Loose) => ({
    ...one,
    env: one.env.map(({ name, value }: Loose) => ({ name, value: name === 'TARGETS' ? targets : value })),
  }));
  return [toPod(metadata.name, metadata, { ...spec, containers })];
}

function toPod(name: string, metadata: object, spec: Loose): object {
  const { fsGroup: _, fsGroupChangePolicy: __, ...securityContext } = spec.securityContext;
  const pod = { ...spec, hostNetwork: true, restartPolicy: 'Never', securityContext };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name }, spec: pod };
}

function ofThisMachine(volume: Loose, folder: string): object {
  if (!volume.configMap && !volume.secret) return volume;
  return { name: volume.name, hostPath: { path: join(folder, volume.name), type: 'Directory' } };
}

let writes = 0;

/**
 * Fills the folder of a ConfigMap or Secret as the kubelet does: the files lie in a folder of their own, `..data` is a link to
 * it that is swapped in one step, and the names of the files are links through `..data`.
 */
export function writeVolume(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  const version = `..2026_01_01_00_00_00.${writes++}`;
  mkdirSync(join(folder, version), { mode: 0o755 });
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, version, name);
    writeFileSync(file, text, { mode: 0o440 });
    chownSync(file, 0, user);
    rmSync(join(folder, name), { force: true });
    symlinkSync(`..data/${name}`, join(folder, name));
  }
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

export interface Pod extends Disposable {
  readonly name: string;
  /** Of the exporter's container. */
  readonly container: string;
  state(): { readonly Status: string; readonly ExitCode: number; readonly StartedAt: string; readonly Pid: number };
  /** What JavaScript in the container prints. */
  evaluate(script: string): string;
  logs(): string;
  /** What SIGKILL and a new start of the container do; the pod stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** As a replaced pod: it is removed, its claims are not. */
  remove(): void;
}

/** Plays the objects; the one pod among them is given. */
export function playPod(objects: readonly object[], file: string): Pod {
  const { metadata, spec } = objects.find((object: Loose) => object.kind === 'Pod') as Loose;
  // A claim that is there already is used again: podman would refuse to make it.
  const made = objects.filter((object: Loose) => object.kind === 'Pod' || !volumeExists(object.metadata.name));
  writeFileSync(file, made.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n'));
  run('podman', 'play', 'kube', file);
  const container = `${metadata.name}-${spec.containers[0].name}`;
  const state = () => JSON.parse(run('podman', 'inspect', '--format', '{{json .State}}', container));
  const remove = () => void tryRun('podman', 'pod', 'rm', '--force', '--time', '10', metadata.name);
  return {
    name: metadata.name,
    container,
    state,
    evaluate: (script) => run('podman', 'exec', container, 'node', '-e', script),
    logs() {
      const { stdout, stderr } = tryRun('podman', 'logs', container);
      return stdout + stderr;
    },
    async kill() {
      run('podman', 'kill', '--signal', 'KILL', container);
      await until('its end', async () => state().Status === 'exited');
    },
    // Podman refuses as long as it is busy with the end of the pod around it.
    start: () => until('its start', async () => tryRun('podman', 'start', container).code === 0).then(() => {}),
    remove,
    [Symbol.dispose]: remove,
  };
}

function volumeExists(name: string): boolean {
  return tryRun('podman', 'volume', 'exists', name).code === 0;
}
