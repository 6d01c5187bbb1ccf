import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import type { SimulatedConnection } from '../../../src/simulator/world/model.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { mountMemory } from '../../support/disk.ts';
import { configure, type Exporter, startExporter, sumOf, until } from '../../support/process.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const polls = /^mongodb_atlas_exporter_polls_total$/;
const entered = /^mongodb_atlas_private_endpoint_connection_status_changes_total/;
const saved = 'mongodb_atlas_exporter_state_last_save_successful';
let simulator: Simulator;
let connection: SimulatedConnection;
let folder: string;
let yaml: string;

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  connection = simulator.world.addConnection(simulator.world.addProject({ id }));
  folder = mkdtempSync(join(tmpdir(), 'process-'));
  yaml = simulatorConfig(simulator.url, [id]).replace('"}]', '", providers: [AWS]}]');
  configure(folder, yaml);
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function morePolls(exporter: Exporter): Promise<void> {
  const before = sumOf(await exporter.series(), polls);
  await until('two more polls', async () => sumOf(await exporter.series(), polls) >= before + 2);
}

test('SIGTERM in a poll: exit 0 within five seconds, and nothing is told of it', async ({ task }) => {
  await using exporter = await startExporter({ folder });
  await morePolls(exporter);
  const fault = simulator.faults.add(effects.silence());
  await until('a poll hangs', async () => fault.met > 0);
  const start = performance.now();
  expect(await exporter.end('SIGTERM')).toBe(0);
  const took = performance.now() - start;
  expect(took).toBeLessThan(5_000);
  expect(exporter.lines('Stopped')).toHaveLength(1);
  Object.assign(task.meta, { figure: `ended after ${took.toFixed(0)} ms` });
  fault.end();
  await using again = await startExporter({ folder });
  await morePolls(again);
  expect(sumOf(await again.series(), /_changes_total|_added_total|_removed_total/)).toBe(0);
});

test('a second SIGTERM ends it at once', async ({ task }) => {
  await using exporter = await startExporter({ folder });
  await morePolls(exporter);
  // A page large enough that it cannot be sent to one who does not read: the first SIGTERM waits for it.
  const project = simulator.world.projects.get(id);
  if (!project) throw new Error('No project');
  simulator.world.setRegionalMode(project, true);
  for (let n = 0; n < 990; n++) simulator.world.addConnection(project);
  await until('a large page', async () => (await (await fetch(`${exporter.url}/metrics`)).text()).length > 4_000_000);
  const reader = await openReader(exporter);
  await new Promise((resolve) => setTimeout(resolve, 300));
  exporter.child.kill('SIGTERM');
  await until('it is stopping', async () => exporter.lines('Stopping').length === 1);
  expect(exporter.child.exitCode).toBeNull();
  const start = performance.now();
  expect(await exporter.end('SIGTERM')).toBe(1);
  const took = performance.now() - start;
  expect(took).toBeLessThan(1_000);
  Object.assign(task.meta, { figure: `ended after ${took.toFixed(0)} ms` });
  reader.destroy();
});

/** Asks for everything and reads nothing. */
async function openReader({ url }: Exporter): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
  return socket;
}

test('a storm of SIGHUP is few reloads, the last config counts, and polls go on', async ({ task }) => {
  await using exporter = await startExporter({ folder });
  await morePolls(exporter);
  const other = simulator.world.addProject();
  const storm = () => {
    for (let n = 0; n < 500; n++) exporter.child.kill('SIGHUP');
  };
  storm();
  configure(folder, 'projects: [');
  storm();
  configure(folder, yaml.replace('projects: [', `projects: [{id: "${other.id}"}, `));
  storm();
  await until('the last config', async () =>
    Object.keys(await exporter.series()).some((name) => name.includes(other.id)),
  );
  await morePolls(exporter);
  const reloads = exporter.lines('Config reloaded').length + exporter.lines('Config not reloaded').length;
  expect(reloads).toBeLessThan(1_500 / 2);
  expect((await exporter.series())['mongodb_atlas_exporter_config_last_reload_successful']).toBe(1);
  Object.assign(task.meta, { figure: `1,500 signals, ${reloads} reloads` });
});

test('a disk that fills while it runs: polls go on, it says so, and what waited is there after a restart', async () => {
  using disk = mountMemory(1024);
  const args = ['run', '--config.file', join(folder, 'exporter.yaml'), '--state.path', 'state.db'];
  {
    await using exporter = await startExporter({ folder: disk.folder, args });
    await morePolls(exporter);
    disk.fill();
    // Every change needs some room; soon there is none.
    for (let n = 0; (await exporter.series())[saved] === 1 && n < 60; n++) {
      simulator.world.setErrorMessage(connection, `${n} ${'x'.repeat(60_000)}`);
      await morePolls(exporter);
    }
    expect((await exporter.series())[saved]).toBe(0);
    simulator.world.setStatus(connection, 'FAILED');
    await until('the change is told from memory', async () => sumOf(await exporter.series(), entered) === 1);
    expect(exporter.lines('State cannot be written')).toMatchObject([
      { detail: expect.stringContaining('full'), remedy: expect.stringContaining('space') },
    ]);
    simulator.world.setErrorMessage(connection, null);
    disk.makeRoom();
    await until('it is written again', async () => (await exporter.series())[saved] === 1);
    expect(exporter.lines('State is written again')).toHaveLength(1);
    expect(await exporter.end('SIGKILL')).toBe('SIGKILL');
  }
  await using again = await startExporter({ folder: disk.folder, args });
  await morePolls(again);
  expect(sumOf(await again.series(), entered)).toBe(1);
});

test('a second process on the same state is refused with a clear message, and the first goes on', async () => {
  await using first = await startExporter({ folder });
  await expect(startExporter({ folder })).rejects.toThrow(/It ended with 1: .*another process has it open/);
  await morePolls(first);
});

test('stdout that is closed is no reason to die', async () => {
  await using exporter = await startExporter({ folder });
  await morePolls(exporter);
  exporter.child.stdout?.destroy();
  simulator.world.setStatus(connection, 'FAILED');
  await until('the change', async () => sumOf(await exporter.series(), entered) === 1);
  await morePolls(exporter);
  expect(await exporter.end('SIGTERM')).toBe(0);
});

test('stdout that nobody reads holds nobody up, nor the end', async ({ task }) => {
  const projects = Array.from({ length: 150 }, () => simulator.world.addProject().id);
  configure(folder, simulatorConfig(simulator.url, projects).replaceAll('"}', '", providers: [AWS]}'));
  const args = ['run', '--config.file', 'exporter.yaml', '--log.level', 'debug'];
  await using exporter = await startExporter({ folder, args });
  exporter.child.stdout?.removeAllListeners('data').pause();
  // Each poll is a line; a pipe holds 64 KiB.
  await until('a thousand polls', async () => sumOf(await exporter.series(), polls) > 1_000);
  await morePolls(exporter);
  const start = performance.now();
  expect(await exporter.end('SIGTERM')).toBe(0);
  const took = performance.now() - start;
  expect(took).toBeLessThan(5_000);
  Object.assign(task.meta, { figure: `ended after ${took.toFixed(0)} ms` });
});

test('out of file descriptors it stays up, answers on the connections that it has, and recovers', async () => {
  await using exporter = await startExporter({ folder });
  await morePolls(exporter);
  const { pid } = exporter.child;
  // Undici keeps this one open for the scrapes meanwhile.
  await exporter.series();
  limitFiles(pid, 48);
  const sockets = await Promise.all(Array.from({ length: 100 }, () => openSilently(exporter)));
  await morePolls(exporter);
  simulator.world.setStatus(connection, 'FAILED');
  await until('the change', async () => sumOf(await exporter.series(), entered) === 1);
  for (const socket of sockets) socket.destroy();
  limitFiles(pid, 1024);
  expect((await fetch(`${exporter.url}/-/healthy`, { headers: { Connection: 'close' } })).status).toBe(200);
  await morePolls(exporter);
});

function openSilently({ url }: Exporter): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket)).once('close', () => resolve(socket));
  });
}

function limitFiles(pid: number | undefined, most: number): void {
  const { status } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${most}:4096`]);
  expect(status).toBe(0);
}

test('as process 1 of its own world it ends on SIGTERM with 0', async ({ task }) => {
  await using exporter = await startExporter({ folder, by: ['unshare', '--pid', '--fork', '--kill-child'] });
  await morePolls(exporter);
  const [inner = ''] = readFileSync(`/proc/${exporter.child.pid}/task/${exporter.child.pid}/children`, 'utf8').split(
    ' ',
  );
  expect(/NSpid:\s+\d+\s+1$/m.test(readFileSync(`/proc/${inner}/status`, 'utf8'))).toBe(true);
  const start = performance.now();
  const ended = once(exporter.child, 'exit');
  process.kill(Number(inner), 'SIGTERM');
  expect((await ended)[0]).toBe(0);
  Object.assign(task.meta, { figure: `ended after ${(performance.now() - start).toFixed(0)} ms` });
});
