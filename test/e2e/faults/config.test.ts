import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { configure, startExporter, sumOf, until } from '../../support/process.ts';

let simulator: Simulator;
let folder: string;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const projectIds = (count: number) => Array.from({ length: count }, () => simulator.world.addProject().id);
const config = (ids: readonly string[], schedule: string, spread: string) =>
  [
    `atlas: {baseUrl: "${simulator.url}"}`,
    `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
    `poll: {schedule: "${schedule}", spread: ${spread}, fastSchedule: false}`,
    'projects:',
    ...ids.map((id) => `  - {id: "${id}", name: "p-${id}", providers: [AWS]}`),
    '',
  ].join('\n');

test('2,000 projects are reloaded again and again without a missed poll', async ({ task }) => {
  const ids = projectIds(2_000);
  const guest = simulator.world.addProject().id;
  await using daemon = await startDaemon(config(ids, '*/10 * * * * *', '10s'));
  await daemon.until('all were tried', async () => (await daemon.get('/-/ready')).ok);
  const value = async (name: string) => sumOf(await daemon.series(), new RegExp(`^mongodb_atlas_exporter_${name}`));
  // From the beginning of one slot on: two whole ones.
  await slotBegins(10_000);
  simulator.forgetRequests();
  const reloads: number[] = [];
  const end = performance.now() + 20_000 - 1_000;
  for (let n = 0; performance.now() < end; n++) {
    daemon.configure(config(n % 2 === 0 ? [...ids, guest] : ids, '*/10 * * * * *', '10s'));
    const start = performance.now();
    expect(await daemon.app.reload()).toEqual({ ok: true });
    reloads.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, 1_700));
  }
  await slotBegins(10_000);
  const lists = Map.groupBy(
    simulator.requests.filter(({ operation, status }) => operation === 'v2.list' && status === 200),
    ({ projectId }) => projectId,
  );
  const counts = ids.map((id) => lists.get(id)?.length ?? 0);
  // A poll at the very edge may fall on either side of it; none is left out in between.
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2 * ids.length - 0.02 * ids.length);
  expect(counts.filter((count) => count < 2).length).toBeLessThan(0.02 * ids.length);
  expect([await value('polls_skipped_total'), await value('poll_failures_total')]).toEqual([0, 0]);
  const slowest = Math.max(...reloads);
  Object.assign(task.meta, { figure: `${reloads.length} reloads, the slowest ${slowest.toFixed(0)} ms` });
}, 120_000);

/** Resolves at the next multiple of `ms` on the wall clock. */
async function slotBegins(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms - (Date.now() % ms)));
}

test('10,000 projects are loaded, served and reloaded', async ({ task }) => {
  const ids = projectIds(10_000);
  await using daemon = await startDaemon(config(ids, '0 */5 * * * *', '4m'));
  const begun = performance.now();
  const series = await (await daemon.get('/metrics')).text();
  const scrape = performance.now() - begun;
  expect(series.match(/^mongodb_atlas_project_info\{/gm)).toHaveLength(10_000);
  daemon.configure(config(ids.slice(1), '0 */5 * * * *', '4m'));
  const start = performance.now();
  expect(await daemon.app.reload()).toEqual({ ok: true });
  const reload = performance.now() - start;
  expect((await daemon.get('/-/healthy')).status).toBe(200);
  Object.assign(task.meta, { figure: `reload ${reload.toFixed(0)} ms, first scrape ${scrape.toFixed(0)} ms` });
}, 120_000);

test('a file that is half written changes nothing, and the whole one is taken up by itself', async () => {
  const [one = '', two = ''] = projectIds(2);
  const whole = simulatorConfig(simulator.url, [one, two]);
  configure(folder, simulatorConfig(simulator.url, [one]));
  await using exporter = await startExporter({ folder });
  const knows = async (id: string) => Object.keys(await exporter.series()).some((name) => name.includes(id));
  expect(await knows(one)).toBe(true);
  configure(folder, whole.slice(0, whole.indexOf(two) + 5));
  await until('it is told', async () => exporter.lines('Config not reloaded').length > 0);
  expect(await knows(one)).toBe(true);
  // Its own metrics are read out once a second.
  const good = async () => sumOf(await exporter.series(), /config_last_reload_successful/);
  await until('it is told in metrics', async () => (await good()) === 0);
  configure(folder, whole);
  await until('the whole one', () => knows(two));
  await until('it is good again', async () => (await good()) === 1);
});

test('a secret that is rotated by a symlink swap is used with the next poll, marks and line ends left out', async () => {
  const version = (name: string, key: string) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'key'), key);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  version('v1', 'an old key\n');
  const [id = ''] = projectIds(1);
  const keyFile = `privateKeyFile: ${join(folder, '..data/key')}`;
  const yaml = simulatorConfig(simulator.url, [id]).replace(`privateKey: ${demoKeys.privateKey}`, keyFile);
  await using daemon = await startDaemon(yaml);
  const isUp = async (value: number) => sumOf(await daemon.series(), /source_up\{.*AWS/) === value;
  await daemon.until('it fails', async () => (await failures(daemon)) > 0);
  expect(await isUp(0)).toBe(true);
  version('v2', `\uFEFF${demoKeys.privateKey}\r\n`);
  await daemon.until('it is right', () => isUp(1));
});

async function failures(daemon: Daemon): Promise<number> {
  return sumOf(await daemon.series(), /poll_failures_total\{reason="unauthorized"/);
}
