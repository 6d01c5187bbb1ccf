/**
 * A pod of the chart as a node runs it, without a container engine: namespaces of its own for mounts, processes and network,
 * a read-only root, the user of the securityContext and no capabilities; volumes by the kubelet's own writer, probes by the
 * kubelet's own prober from outside the pod. Needs root.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Loose, objectOf } from '../chart.ts';
import { runToEnd } from '../cluster/kubectl.ts';
import type { Rendered } from '../helm.ts';
import { until } from '../wait.ts';
import type { Image } from './image.ts';
import { toStartScript } from './start-script.ts';
import { type Files, writeVolume } from './volumes.ts';

export type ProbeName = 'startupProbe' | 'livenessProbe' | 'readinessProbe';

export interface RunningPod extends AsyncDisposable {
  readonly ip: string;
  /** The exporter's process as the host sees it. */
  pid(): number;
  output(): string;
  /** Writes the ConfigMap or Secret of a volume anew, as the kubelet does some time after it was changed. */
  write(volume: string, files: Files): void;
  /** Asks once, as the kubelet would, and says what it saw. */
  probe(name: ProbeName): Promise<{ readonly ok: boolean; readonly told: string }>;
  /** What the kubelet does with the probes until the pod is ready: null, or the probe that would have restarted the container. */
  becomesReady(): Promise<ProbeName | null>;
  /** SIGTERM, and SIGKILL after the grace period of the pod. */
  end(): Promise<{ readonly code: number | string | null; readonly seconds: number }>;
}

export interface PodOptions {
  readonly objects: readonly Rendered[];
  /** What the chart does not make: the files of each Secret and ConfigMap by its name. */
  readonly given?: Readonly<Record<string, Files>>;
  readonly image: Image;
  /** The kubelet's writer and prober. */
  readonly kubelet: string;
  /** For volumes and the root; another pod can go on with the state in it. */
  readonly folder: string;
  readonly delaySeconds?: number;
}

let links = 0;

/** The addresses of a link between this machine and one pod: the host has `.1`, where a simulated Atlas can listen. */
export function createLink(): { readonly host: string; readonly pod: string; readonly name: string } {
  const number = (process.pid % 200) * 64 + (links++ % 64);
  const net = `10.${213 + (number >> 12)}.${(number >> 4) & 255}`;
  const base = (number & 15) * 4 + 1;
  return { host: `${net}.${base}`, pod: `${net}.${base + 1}`, name: `pod${number}` };
}

export async function startPod(options: PodOptions, link = createLink()): Promise<RunningPod> {
  const { objects, image, folder, kubelet, delaySeconds = 0 } = options;
  const { metadata, spec } = objectOf(objects, 'StatefulSet').spec.template as Loose;
  const pod = { metadata, spec };
  const group: number = spec.securityContext.fsGroup ?? -1;
  const volumes = Object.fromEntries(
    ['state', ...spec.volumes.map(({ name }: Loose) => name)].map((name) => [name, join(folder, 'volumes', name)]),
  );
  const modeOf = (name: string): number => {
    const { configMap, secret } = spec.volumes.find((one: Loose) => one.name === name) ?? {};
    return (configMap ?? secret)?.defaultMode ?? 0o644;
  };
  const write = (name: string, files: Files) =>
    writeVolume(kubelet, volumes[name] ?? '', files, { group, mode: modeOf(name) });
  for (const volume of spec.volumes) {
    const files = filesOf(volume, options);
    if (files) write(volume.name, files);
  }
  mkdirSync(volumes['state'] ?? '', { recursive: true, mode: 0o775 });
  chownSync(volumes['state'] ?? '', 0, group);
  execFileSync('chmod', ['2775', volumes['state'] ?? '']);

  const script = join(folder, 'start.sh');
  const environment = { POD_NAME: `${objectOf(objects, 'StatefulSet').metadata.name}-0` };
  writeFileSync(script, toStartScript(pod, image, { folder, volumes }, { environment, delaySeconds }));
  writeFileSync(join(folder, 'address'), `${link.pod}/30`);
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const words = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--net',
    '--fork',
    '--kill-child',
    'bash',
    script,
  ];
  const child = spawn('setpriv', words, { stdio: ['ignore', log, log], env: { PATH: process.env['PATH'] } });
  closeSync(log);
  const output = () => readFileSync(logFile, 'utf8');
  await connect(child, link, join(folder, 'waits'), output);
  const probe = (name: ProbeName) => ask(kubelet, link.pod, spec.containers[0], name);
  const end = async () => {
    const started = performance.now();
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(pidOf(child), 'SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), spec.terminationGracePeriodSeconds * 1_000);
      await once(child, 'exit');
      clearTimeout(hard);
    }
    return { code: child.signalCode ?? child.exitCode, seconds: (performance.now() - started) / 1000 };
  };
  return {
    ip: link.pod,
    pid: () => pidOf(child),
    output,
    write,
    probe,
    becomesReady() {
      return becomesReady(spec.containers[0], (name) => {
        if (child.exitCode !== null) throw new Error(`The pod has ended with ${child.exitCode}: ${output()}`);
        return probe(name);
      });
    },
    end,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** The first process of the pod is the only child of `unshare`. */
function pidOf(child: ChildProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  return Number(children.split(' ')[0]);
}

/** Gives the pod its link, which goes when the pod's network does. */
async function connect(
  child: ChildProcess,
  { host, name }: ReturnType<typeof createLink>,
  waits: string,
  output: () => string,
): Promise<void> {
  await until('the pod to wait for its network', async () => {
    if (child.exitCode !== null) throw new Error(`The pod has ended: ${output()}`);
    return readFileSync(waits, 'utf8') === '';
  });
  const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', `${child.pid}`);
  ip('addr', 'add', `${host}/30`, 'dev', name);
  ip('link', 'set', name, 'up');
}

/** null: an emptyDir, or a claim. */
function filesOf({ configMap, secret }: Loose, { objects, given = {} }: PodOptions): Files | null {
  const made = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name) as Loose;
  const files = given[configMap?.name ?? secret?.secretName];
  if (files) return files;
  if (configMap) return made('ConfigMap', configMap.name).data;
  if (!secret) return null;
  const data: Files = made('Secret', secret.secretName).data;
  return Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));
}

async function ask(kubelet: string, ip: string, container: Loose, name: ProbeName) {
  const { httpGet, timeoutSeconds = 1 } = container[name];
  const { scheme = 'HTTP', path, port, httpHeaders = [] } = httpGet;
  const number = container.ports.find((one: Loose) => one.name === port)?.containerPort ?? port;
  const headers = Object.groupBy(httpHeaders as readonly Loose[], (one) => one.name);
  const values = Object.entries(headers).map(([header, all = []]) => [header, all.map(({ value }) => value)]);
  const { code, stdout, stderr } = await runToEnd(
    kubelet,
    ['probe', scheme.toLowerCase(), ip, `${number}`, path, `${timeoutSeconds}s`],
    { env: { PATH: process.env['PATH'] }, input: JSON.stringify(Object.fromEntries(values)) },
  );
  if (code > 1) throw new Error(`The prober cannot ask: ${stderr}`);
  return { ok: code === 0, told: stdout.trim() };
}

async function becomesReady(
  container: Loose,
  probe: (name: ProbeName) => Promise<{ readonly ok: boolean }>,
): Promise<ProbeName | null> {
  for (const name of ['startupProbe', 'readinessProbe'] as const) {
    const { initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 } = container[name];
    await new Promise((resolve) => setTimeout(resolve, initialDelaySeconds * 1_000));
    let failures = 0;
    while (!(await probe(name)).ok) {
      failures++;
      if (name === 'startupProbe' && failures >= failureThreshold) return name;
      await new Promise((resolve) => setTimeout(resolve, periodSeconds * 1_000));
    }
  }
  return (await probe('livenessProbe')).ok ? null : 'livenessProbe';
}
