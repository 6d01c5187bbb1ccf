import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { objectOf } from '../../support/chart.ts';
import { parse, select, valueIn } from '../../support/exposition-parser.ts';
import { type Helm, type Rendered, unpackHelms } from '../../support/helm.ts';
import { buildImage } from '../../support/image.ts';
import { type Pod, playPod, toPlayable, toPlayableTest, writeVolume } from '../../support/pod.ts';
import { freePort, until } from '../../support/wait.ts';

const count = 12;
const shards = 2;
let simulator: Simulator;
let folder: string;
let objects: readonly Rendered[];
let ports: readonly number[];
const pods: Pod[] = [];

beforeAll(async () => {
  const [helm] = unpackHelms() as [Helm];
  buildImage('podman');
  simulator = createSimulator();
  await simulator.start();
  for (let at = 0; at < count; at++) simulator.world.addConnection(simulator.world.addProject());
  folder = mkdtempSync(join(tmpdir(), 'pods-'));
  ports = [await freePort(), await freePort()];
  objects = helm.template({
    image: { registry: 'localhost', repository: 'exporter', tag: 'podman', pullPolicy: 'Never' },
    credentials: { type: 'serviceAccount', clientId: demoKeys.clientId, clientSecret: demoKeys.clientSecret },
    config: {
      atlas: { baseUrl: simulator.url },
      discovery: [{ organization: demoKeys.orgId, providers: ['AWS'] }],
      poll: { schedule: '*/2 * * * * *', spread: '0s', fastSchedule: false, kinds: ['cluster'] },
    },
    shards,
    helmTest: { timeoutSeconds: 20 },
  });
  writeVolume(join(folder, 'config'), objectOf(objects, 'ConfigMap').data);
  writeVolume(join(folder, 'atlas'), { 'client-id': demoKeys.clientId, 'client-secret': demoKeys.clientSecret });
}, 600_000);
afterAll(async () => {
  for (const pod of pods) pod.remove();
  await simulator?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const play = (ordinal: number) => {
  const pod = playPod(toPlayable(objects, ordinal, { folder, port: ports[ordinal] ?? 0 }), join(folder, 'pod.yaml'));
  pods.push(pod);
};
const scrape = async (ordinal: number) =>
  parse(await (await fetch(`http://127.0.0.1:${ports[ordinal]}/metrics`)).text(), 'text');
/** Plays the pod of `helm test` to its end. Looks now and then, because the simulated Atlas lives in this process. */
async function helmTest() {
  using pod = playPod(toPlayableTest(objects, ports), join(folder, 'test.yaml'));
  await until('its end', async () => pod.state().Status === 'exited');
  return { code: pod.state().ExitCode, said: pod.logs() };
}

test('two pods know which shard they are by their names, and share the projects of an organization', async () => {
  play(0);
  play(1);
  const shares = [];
  for (let ordinal = 0; ordinal < shards; ordinal++) {
    await until('ready', async () => (await fetch(`http://127.0.0.1:${ports[ordinal]}/-/ready`)).ok);
    const families = await scrape(ordinal);
    expect(valueIn(families, 'mongodb_atlas_exporter_shard_ordinal')).toBe(ordinal);
    expect(valueIn(families, 'mongodb_atlas_exporter_total_shards')).toBe(shards);
    shares.push(select(families, 'mongodb_atlas_project_info').map(({ labels }) => labels['atlas_project_id']));
  }
  expect(shares.every((share) => share.length > 0)).toBe(true);
  expect(shares.flat().sort()).toEqual([...simulator.world.projects.keys()].sort());
});

test('helm test is content with both, and not with one', async () => {
  const said = `2 of 2 shards answer; ${count} of ${count} sources are up\n`;
  expect(await helmTest()).toEqual({ code: 0, said });
  pods.pop()?.remove();
  expect(await helmTest()).toMatchObject({ code: 1, said: expect.stringContaining('ECONNREFUSED') });
}, 300_000);
