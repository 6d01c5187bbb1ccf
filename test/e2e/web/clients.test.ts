/** Clients that ask for more than the exporter can give: what they do to a scrape and to a probe, in one run. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { attack, pipelines, readers } from '../../support/attacks.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { type Daemon, startDaemon } from './process.ts';

const folder = mkdtempSync(join(tmpdir(), 'clients-'));
const values = readFileSync(
  new URL('../../../helm/atlas-private-endpoint-exporter/values.yaml', import.meta.url),
  'utf8',
);
const limitMb = Number(/limits: \{memory: (\d+)Mi\}/.exec(values)?.[1]);
let simulator: Simulator;
let daemon: Daemon;
let port: number;

beforeAll(async () => {
  simulator = createSimulator({ seed: 1 });
  await simulator.start();
  const ids = Array.from({ length: 600 }, (_, index) => {
    const project = simulator.world.addProject();
    for (const status of ['AVAILABLE', 'FAILED'] as const) {
      simulator.world.addConnection(project, { status, ...(index % 5 === 0 && { errorMessage: `It broke ${index}` }) });
    }
    return project.id;
  });
  const file = join(folder, 'exporter.yaml');
  writeFileSync(file, simulatorConfig(simulator.url, ids, 'poll: {schedule: "0 */10 * * * *", spread: 0s}'));
  daemon = await startDaemon('run', '--config.file', file, '--state.path', ':memory:');
  port = Number(daemon.address.split(':').at(-1));
  // The exporter is measured, and not what else runs on the machine.
  for (const pid of [process.pid, daemon.child.pid ?? 0]) setPriority(pid, -15);
  while ((await ask('/-/ready')).status !== 200) await delay(200);
}, 180_000);
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Status and ms of one request, on a connection of its own. */
function ask(path: string): Promise<{ readonly status: number; readonly ms: number }> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const headers = { 'Accept-Encoding': 'gzip' };
    get({ host: '127.0.0.1', port, path, agent: false, headers }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, ms: performance.now() - start }));
    }).on('error', reject);
  });
}

function memoryMb(): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

interface Seen {
  readonly worstMs: number;
  readonly memoryMb: number;
  readonly asked: number;
}

/** Asks for metrics and probes, one after the other, until `over` says so. */
async function watch(over: () => boolean): Promise<Seen> {
  let worstMs = 0;
  let mostMb = 0;
  let asked = 0;
  while (!over()) {
    for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
      const { status, ms } = await ask(path);
      expect([path, status]).toEqual([path, 200]);
      worstMs = Math.max(worstMs, ms);
      mostMb = Math.max(mostMb, memoryMb());
      asked += 1;
    }
    await delay(50);
  }
  return { worstMs, memoryMb: mostMb, asked };
}

function during(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() > end;
}

test.each([
  ['552 connections that pipeline 30 pages', pipelines],
  ['400 clients that ask for pages and JSON without end', readers],
])(
  '%s keep no scrape and no probe waiting',
  // Whatever else the machine does meanwhile counts as the attack's: a stall of its own is not there again.
  { timeout: 60_000, retry: 3 },
  async (_, script) => {
    const calm = await watch(during(3_000));
    const attacker = attack(script, port, 8_000);
    const written: string[] = [];
    attacker.stdout?.setEncoding('utf8').on('data', (text: string) => written.push(text));
    await once(attacker.stdout ?? attacker, 'data');
    const attacked = await watch(during(8_000));
    attacker.kill('SIGKILL');
    const figures = ({ worstMs, memoryMb: mb, asked }: Seen) =>
      `worst of ${asked}: ${worstMs.toFixed(0)} ms, ${mb.toFixed(0)} MB`;
    console.log(`Calm: ${figures(calm)}; attacked: ${figures(attacked)}; answers: ${written.join('').trim()}`);
    // A second; on a machine so busy that a scrape is slow without any attack, ten times what it took then.
    expect(attacked.worstMs).toBeLessThan(Math.max(1_000, 10 * calm.worstMs));
    expect(attacked.memoryMb).toBeLessThan(limitMb);
    // Pages are there again as soon as the clients are gone.
    await expect.poll(async () => (await ask('/')).status, { timeout: 20_000 }).toBe(200);
  },
);
