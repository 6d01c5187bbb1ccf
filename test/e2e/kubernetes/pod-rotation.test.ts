/** Keys, config and kinds of credentials change in a running pod, by the kubelet's own writer. One story, in this order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { createAuthority } from '../../support/certificates.ts';
import { objectOf } from '../../support/chart.ts';
import { parse, select } from '../../support/exposition-parser.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';
import { compileImage } from '../../support/kubelet/image.ts';
import { createLink, type RunningPod, startPod } from '../../support/kubelet/pod.ts';
import { get } from '../../support/kubelet/scrape.ts';
import type { Files } from '../../support/kubelet/volumes.ts';
import { until } from '../../support/wait.ts';

const first = { user: 'firstkey', secret: '11111111-test-test-test-111111111111' };
const second = { user: 'secondky', secret: '22222222-test-test-test-222222222222' };
const robot = { user: 'mdb_sa_id_fedcba9876543210fedcba98', secret: 'mdb_sa_sk_another-secret_0123456' };
const keysOf = ({ user, secret }: typeof first): Files => ({ 'public-key': user, 'private-key': secret });

const authority = createAuthority();
let folder: string;
let helm: Helm;
let simulator: Simulator;
let baseUrl: string;
let projects: string[];
let pod: RunningPod;
let started: number;

const values = (type: 'digest' | 'serviceAccount', ids: readonly string[]) => ({
  credentials: { type, existingSecret: 'atlas-key' },
  extraVolumes: [{ name: 'ca', configMap: { name: 'ca' } }],
  extraVolumeMounts: [{ name: 'ca', mountPath: '/etc/ca', readOnly: true }],
  config: {
    atlas: { baseUrl, caFile: '/etc/ca/ca.crt' },
    projects: ids.map((id) => ({ id, providers: ['AWS'], kinds: ['cluster'] })),
    poll: { schedule: '*/2 * * * * *', spread: '0s', fastSchedule: false },
  },
});
const configOf = (...of: Parameters<typeof values>): Files => objectOf(helm.template(values(...of)), 'ConfigMap').data;

beforeAll(async () => {
  [helm] = unpackHelms() as [Helm];
  folder = mkdtempSync(join(tmpdir(), 'pod-'));
  const link = createLink();
  simulator = createSimulator({
    accounts: [first, second, { ...robot, type: 'serviceAccount' }],
    tls: authority.issue([link.host]),
  });
  // The address of the host on the link is there only once the pod is.
  const { port } = new URL(await simulator.start({ host: '0.0.0.0' }));
  baseUrl = `https://${link.host}:${port}`;
  projects = [1, 2].map(() => {
    const project = simulator.world.addProject();
    simulator.world.addConnection(project);
    return project.id;
  });
  pod = await startPod(
    {
      objects: helm.template(values('digest', projects.slice(0, 1))),
      given: { 'atlas-key': keysOf(first), ca: { 'ca.crt': authority.cert } },
      image: compileImage(folder),
      kubelet: inject('kubelet'),
      folder,
    },
    link,
  );
  expect(await pod.becomesReady()).toBe(null);
  started = pod.pid();
});
afterAll(async () => {
  await pod?.[Symbol.asyncDispose]();
  await simulator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const total = async (name: string) => {
  const { text } = await get(`http://${pod.ip}:27900/metrics`);
  return select(parse(text, 'text'), name, {}).reduce((sum, { value }) => sum + value, 0);
};
/** The gauge of reloads says this from now on. */
const reloaded = (wanted: 0 | 1) =>
  until(
    `reload ${wanted}`,
    async () => (await total('mongodb_atlas_exporter_config_last_reload_successful')) === wanted,
  );
/** Polls go on, and all of them with this account. */
async function pollsAs(user: string): Promise<void> {
  await until(`requests of ${user}`, async () => simulator.requests.some((one) => one.user === user));
  simulator.forgetRequests();
  await until('more of them', async () => simulator.requests.filter((one) => one.user !== null).length > 2);
  expect(new Set(simulator.requests.map((one) => one.user).filter((one) => one !== null))).toEqual(new Set([user]));
  expect(await total('mongodb_atlas_exporter_source_up')).toBe(await total('mongodb_atlas_exporter_projects'));
}
const logged = (pattern: RegExp) => until(`${pattern} in the log`, async () => pattern.test(pod.output()));

test('it has the rights of the pod and no more', async () => {
  const status = await readFile(`/proc/${started}/status`, 'utf8');
  expect(status).toMatch(/^Uid:\s+65532\s+65532\s+65532\s+65532$/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^CapBnd:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  await expect(writeFile(`/proc/${started}/root/x`, '')).rejects.toThrow('EROFS');
  // One link, and no way on from there.
  expect((await readFile(`/proc/${started}/net/route`, 'utf8')).trim().split('\n')).toHaveLength(2);
  await pollsAs(first.user);
});

test('a rotated key is used', async () => {
  pod.write('atlas', keysOf(second));
  await pollsAs(second.user);
  await reloaded(1);
});

test('an entry that is missing is told of, and the key in use stays', async () => {
  pod.write('atlas', { 'public-key': first.user });
  await reloaded(0);
  await logged(/private-key/);
  await pollsAs(second.user);
});

test('an entry that is misspelt is the same, and one that is right again is used', async () => {
  pod.write('atlas', { 'public-key': first.user, 'privat-key': first.secret });
  // Long enough to look twice.
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  await reloaded(0);
  pod.write('atlas', keysOf(first));
  await reloaded(1);
  await pollsAs(first.user);
});

test('a key becomes a service account: the Secret first, the config some seconds later', async () => {
  pod.write('atlas', { 'client-id': robot.user, 'client-secret': robot.secret });
  await reloaded(0);
  await pollsAs(first.user);
  pod.write('config', configOf('serviceAccount', projects.slice(0, 1)));
  await reloaded(1);
  await pollsAs(robot.user);
});

test('a config that is wrong is told of, and one that is right is used after that', async () => {
  pod.write('config', { 'exporter.yaml': 'projects: {' });
  await reloaded(0);
  pod.write('config', {});
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  await reloaded(0);
  pod.write('config', configOf('serviceAccount', projects));
  await reloaded(1);
  await until('two projects', async () => (await total('mongodb_atlas_exporter_projects')) === 2);
  await pollsAs(robot.user);
});

test('a certificate authority that is none is told of, and the one in use stays', async () => {
  pod.write('ca', { 'ca.crt': 'no certificate' });
  await reloaded(0);
  await pollsAs(robot.user);
  pod.write('ca', { 'ca.crt': authority.cert });
  await reloaded(1);
});

test('all that in one process, which no probe would have ended, and no secret in its log', async () => {
  expect(pod.pid()).toBe(started);
  for (const name of ['livenessProbe', 'readinessProbe'] as const)
    expect(await pod.probe(name)).toMatchObject({ ok: true });
  for (const { secret } of [first, second, robot]) expect(pod.output()).not.toContain(secret);
});

test('it ends within the grace period while Atlas hangs', async () => {
  const fault = simulator.faults.add(effects.silence());
  await until('a request that is not answered', async () => fault.met > 0);
  const { code, seconds } = await pod.end();
  expect([code, pod.output()]).toEqual([0, expect.stringContaining('"msg":"Stopped"')]);
  const grace = objectOf(helm.template(values('digest', projects)), 'StatefulSet').spec.template.spec;
  expect(seconds).toBeLessThan(grace.terminationGracePeriodSeconds);
  console.log(`ended ${seconds.toFixed(1)} s after SIGTERM`);
});
