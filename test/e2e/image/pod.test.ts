import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import type { SimulatedConnection, SimulatedProject } from '../../../src/simulator/world/model.ts';
import { type Loose, objectOf, podOf } from '../../support/chart.ts';
import { run } from '../../support/containers.ts';
import { type ParsedFamily, parse, select, valueIn } from '../../support/exposition-parser.ts';
import { type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';
import { buildImage } from '../../support/image.ts';
import { type Pod, playPod, toPlayable, writeVolume } from '../../support/pod.ts';
import { freePort, until } from '../../support/wait.ts';

const keys = {
  first: { user: 'firstkey', secret: '11111111-test-test-test-111111111111' },
  second: { user: 'secondky', secret: '22222222-test-test-test-222222222222' },
};
let helm: Helm;
let simulator: Simulator;
let project: SimulatedProject;
let folder: string;
let port: number;
let objects: readonly Rendered[];
let pod: Pod;

const values = (projects: readonly string[]) => ({
  image: { registry: 'localhost', repository: 'exporter', tag: 'podman', pullPolicy: 'Never' },
  credentials: { publicKey: keys.first.user, privateKey: keys.first.secret },
  config: {
    atlas: { baseUrl: simulator.url },
    projects: projects.map((id) => ({ id, providers: ['AWS'], kinds: ['cluster'] })),
    poll: { schedule: '*/2 * * * * *', spread: '0s', fastSchedule: false },
  },
});
const play = () => playPod(toPlayable(objects, 0, { folder, port }), join(folder, 'pod.yaml'));
const decoded = (data: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text, 'base64').toString()]));

/** A probe of the rendered pod, asked as the kubelet does. */
async function probe(name: 'startupProbe' | 'livenessProbe' | 'readinessProbe'): Promise<boolean> {
  const { scheme, path } = podOf(objects).containers[0][name].httpGet;
  return (await fetch(`${scheme.toLowerCase()}://127.0.0.1:${port}${path}`)).ok;
}
const scrape = async (): Promise<readonly ParsedFamily[]> =>
  parse(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), 'text');
const total = async (name: string, labels = {}) =>
  select(await scrape(), name, labels).reduce((sum, { value }) => sum + value, 0);
/** Two polls have succeeded since: the second of them began after this moment. */
async function polled(): Promise<void> {
  const success = () => total('mongodb_atlas_exporter_source_last_success_timestamp_seconds');
  for (let turn = 0; turn < 2; turn++) {
    const before = await success();
    await until('a poll that succeeds', async () => (await success()) > before);
  }
}

beforeAll(async () => {
  [helm] = unpackHelms() as [Helm];
  buildImage('podman');
  simulator = createSimulator({ accounts: Object.values(keys) });
  await simulator.start();
  project = simulator.world.addProject();
  folder = mkdtempSync(join(tmpdir(), 'pod-'));
  port = await freePort();
  objects = helm.template(values([project.id]));
  writeVolume(join(folder, 'config'), objectOf(objects, 'ConfigMap').data);
  writeVolume(join(folder, 'atlas'), decoded(objectOf(objects, 'Secret').data));
}, 600_000);
afterAll(async () => {
  pod?.remove();
  await simulator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

let connections: SimulatedConnection[];
let baseline: number;

test('starts, answers its probes, and is scraped', async () => {
  connections = [1, 2, 3].map(() => simulator.world.addConnection(project));
  const from = performance.now();
  pod = play();
  await until('the startup probe', () => probe('startupProbe'));
  console.log(`the startup probe is answered ${Math.round(performance.now() - from)} ms after podman play kube`);
  await until('the readiness probe', () => probe('readinessProbe'));
  expect(await probe('livenessProbe')).toBe(true);
  const families = await scrape();
  expect(valueIn(families, 'mongodb_atlas_exporter_projects')).toBe(1);
  expect(select(families, 'mongodb_atlas_private_endpoint_connection_status', { status: 'AVAILABLE' })).toHaveLength(3);
  expect(valueIn(families, 'mongodb_atlas_exporter_state_last_save_successful')).toBe(1);
  baseline = simulator.world.history.revision;
});

test('has no rights, no writable root and no key in its environment', () => {
  const status = pod.evaluate("console.log(require('fs').readFileSync('/proc/1/status', 'utf8'))");
  expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^CapBnd:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  for (const path of ['/app/x', '/tmp/x', '/etc/exporter/x', '/var/run/secrets/atlas/x'])
    expect(() => pod.evaluate(`require('fs').writeFileSync('${path}', '')`)).toThrow(/EROFS|EACCES/);
  const environment = pod.evaluate("console.log(require('fs').readFileSync('/proc/1/environ', 'utf8'))");
  expect(environment).toContain(`POD_NAME=${pod.name}`);
  for (const { user, secret } of Object.values(keys)) {
    expect(environment).not.toContain(user);
    expect(environment).not.toContain(secret);
    expect(pod.logs()).not.toContain(secret);
  }
});

/** What the exporter counted since the baseline, and what the simulator did. */
async function expectEveryChange(): Promise<void> {
  const happened = simulator.world.history.since(baseline).filter(({ kind }) => kind !== 'project');
  const pe = 'mongodb_atlas_private_endpoint_connection';
  const of = (type: string, change: string | null = null) =>
    happened.filter((entry) => entry.type === type && entry.change === change).length;
  const counted = async () => ({
    added: await total(`${pe}s_added_total`),
    removed: await total(`${pe}s_removed_total`),
    status: await total(`${pe}_status_changes_total`),
    set: await total(`${pe}_error_message_changes_total`, { change: 'set' }),
    changed: await total(`${pe}_error_message_changes_total`, { change: 'changed' }),
    cleared: await total(`${pe}_error_message_changes_total`, { change: 'cleared' }),
  });
  expect(await counted()).toEqual({
    added: of('added'),
    removed: of('removed'),
    status: of('status'),
    set: of('error_message', 'set'),
    changed: of('error_message', 'changed'),
    cleared: of('error_message', 'cleared'),
  });
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/changes?limit=1000`);
  const { changes } = (await answer.json()) as { changes: { id: number }[] };
  expect(changes.map(({ id }) => id)).toEqual(happened.map((_, at) => at + 1));
}

test('killed and started again: no change is lost, none is told twice', async () => {
  const [one, two, three] = connections as [SimulatedConnection, SimulatedConnection, SimulatedConnection];
  simulator.world.setStatus(one, 'FAILED');
  simulator.world.setErrorMessage(two, 'The endpoint was not found.');
  await polled();
  await expectEveryChange();

  await pod.kill();
  expect(pod.state()).toMatchObject({ Status: 'exited', ExitCode: 137 });
  simulator.world.setErrorMessage(two, 'The request was denied.');
  simulator.world.removeConnection(three);
  simulator.world.addConnection(project);
  await pod.start();
  await until('the readiness probe', () => probe('readinessProbe'));
  await polled();
  expect(await total('mongodb_atlas_exporter_state_restored')).toBe(1);
  await expectEveryChange();
});

test('removed and played anew on the same claim: the same', async () => {
  const [one, two] = connections as [SimulatedConnection, SimulatedConnection];
  pod.remove();
  simulator.world.setStatus(one, 'AVAILABLE');
  simulator.world.setErrorMessage(two, null);
  pod = play();
  await until('the readiness probe', () => probe('readinessProbe'));
  await polled();
  await expectEveryChange();
});

test('a new config and a new key reach the running pod', async () => {
  const before = pod.state();
  const another = simulator.world.addProject();
  const change = (projects: readonly string[]) => {
    const config: Loose = objectOf(helm.template(values(projects)), 'ConfigMap').data;
    writeVolume(join(folder, 'config'), config);
  };
  const reloaded = (wanted: number) =>
    until(
      `reload ${wanted}`,
      async () => (await total('mongodb_atlas_exporter_config_last_reload_successful')) === wanted,
    );
  const from = performance.now();
  change([project.id, another.id]);
  await until('the new project', async () => (await total('mongodb_atlas_exporter_projects')) === 2);
  console.log(`a new config is used ${((performance.now() - from) / 1000).toFixed(1)} s after its link was swapped`);

  writeVolume(join(folder, 'config'), { 'exporter.yaml': 'projects: {' });
  await reloaded(0);
  expect(await total('mongodb_atlas_exporter_projects')).toBe(2);
  change([project.id]);
  await reloaded(1);
  expect(await total('mongodb_atlas_exporter_projects')).toBe(1);

  expect(new Set(simulator.requests.map(({ user }) => user).filter(Boolean))).toEqual(new Set([keys.first.user]));
  writeVolume(join(folder, 'atlas'), { 'public-key': keys.second.user, 'private-key': keys.second.secret });
  await until('the new key', async () => simulator.requests.some(({ user }) => user === keys.second.user));
  simulator.forgetRequests();
  await polled();
  expect(new Set(simulator.requests.map(({ user }) => user).filter(Boolean))).toEqual(new Set([keys.second.user]));
  expect(await total('mongodb_atlas_exporter_source_up')).toBe(1);
  expect(pod.state()).toMatchObject({ Pid: before.Pid, StartedAt: before.StartedAt });
  await expectEveryChange();
});

test('ends in order', () => {
  run('podman', 'stop', '--time', '10', pod.container);
  expect(pod.state()).toMatchObject({ Status: 'exited', ExitCode: 0 });
  expect(pod.logs()).toContain('"msg":"Stopped"');
});
