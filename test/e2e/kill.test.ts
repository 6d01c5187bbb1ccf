import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection, OtherEndpoint, Project } from '../../src/demo/model.ts';
import { type OtherKind, otherKinds } from '../../src/demo/other-kinds.ts';
import { createSimulator, type Simulator } from '../../src/demo/simulator.ts';
import { kinds } from '../../src/domain/status.ts';
import { simulatorConfig } from '../support/daemon.ts';
import { parse, select, valueIn } from '../support/exposition-parser.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;
const rounds = Number(process.env['KILL_ROUNDS'] ?? 50);
let simulator: Simulator;
let project: Project;
let folder: string;
let daemon: ChildProcess | null = null;

beforeAll(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0d' });
  folder = mkdtempSync(join(tmpdir(), 'kill-'));
  const poll = `poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false, kinds: [${kinds.join(', ')}]}`;
  const yaml = simulatorConfig(simulator.url, [project.id], `${poll}\nmetrics: {tombstoneFor: 24h}`);
  writeFileSync(join(folder, 'exporter.yaml'), yaml.replace('"}]', '", providers: [AWS]}]'));
});
afterAll(async () => {
  daemon?.kill('SIGKILL');
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the exporter as a process of its own and resolves with its URL. */
async function start(): Promise<string> {
  const args = [
    'run',
    '--config.file',
    'exporter.yaml',
    '--state.path',
    'state.db',
    '--web.listen-address',
    '127.0.0.1:0',
  ];
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  daemon = child;
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the exporter ended')));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { msg, addresses } = JSON.parse(line);
      if (msg === 'Started') resolve(`http://${addresses[0]}`);
    });
  });
}

function kill(): Promise<void> {
  return new Promise((resolve) => {
    daemon?.removeAllListeners('exit');
    daemon?.once('exit', () => resolve());
    daemon?.kill('SIGKILL');
  });
}

type Watched = Connection | OtherEndpoint;

/** One thing after the other happens to a connection; each of them is one change, whenever it is seen. */
function happen(connection: Watched, turn: number): Watched {
  const { world } = simulator;
  switch (turn % 6) {
    case 0:
      world.setStatus(connection, 'FAILED');
      return connection;
    case 1:
      world.setErrorMessage(connection, 'The endpoint was not found.');
      return connection;
    case 2:
      world.setErrorMessage(connection, 'The request was denied.');
      return connection;
    case 3:
      world.setErrorMessage(connection, null);
      return connection;
    case 4:
      if (connection.type === 'connection') world.removeConnection(connection);
      else world.removeOtherEndpoint(connection);
      return connection;
    default:
      if (connection.type === 'connection') return world.addConnection(project, { id: connection.id });
      return world.addOtherEndpoint(project, { kind: connection.kind, id: connection.id });
  }
}

test(`${rounds} kills at random moments: every change is counted once`, async () => {
  // More connections than kills in a row that could hide a change: a connection is touched again only rounds later.
  const count = 12;
  const others = Object.keys(otherKinds) as OtherKind[];
  let connections: readonly Watched[] = [
    ...others.map((kind) => simulator.world.addOtherEndpoint(project, { kind })),
    ...Array.from({ length: count - others.length }, () => simulator.world.addConnection(project)),
  ];
  const baseline = simulator.world.history.revision;
  const delays = fc.sample(fc.integer({ min: 0, max: 1500 }), { numRuns: rounds, seed: 7 });
  let url = await start();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  for (const [round, delay] of delays.entries()) {
    const index = round % count;
    connections = connections.map((connection, at) =>
      at === index ? happen(connection, Math.floor(round / count)) : connection,
    );
    await new Promise((resolve) => setTimeout(resolve, delay));
    await kill();
    url = await start();
  }
  const happened = simulator.world.history.since(baseline);
  const scrape = async () => parse(await (await fetch(`${url}/metrics`)).text(), 'text');
  const pe = 'mongodb_atlas_private_endpoint_connection';
  const total = (families: Awaited<ReturnType<typeof scrape>>, name: string, labels = {}) =>
    select(families, name, labels).reduce((sum, { value }) => sum + value, 0);
  const of = (type: string, change: string | null = null) =>
    happened.filter((entry) => entry.type === type && entry.change === change).length;

  let families = await scrape();
  for (let tries = 0; tries < 50 && (valueIn(families, 'mongodb_atlas_exporter_polls_total') ?? 0) < 20; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    families = await scrape();
  }
  expect({
    added: total(families, `${pe}s_added_total`),
    removed: total(families, `${pe}s_removed_total`),
    status: total(families, `${pe}_status_changes_total`),
    set: total(families, `${pe}_error_message_changes_total`, { change: 'set' }),
    changed: total(families, `${pe}_error_message_changes_total`, { change: 'changed' }),
    cleared: total(families, `${pe}_error_message_changes_total`, { change: 'cleared' }),
  }).toEqual({
    added: of('added'),
    removed: of('removed'),
    status: of('status'),
    set: of('error_message', 'set'),
    changed: of('error_message', 'changed'),
    cleared: of('error_message', 'cleared'),
  });
  const answer = (await (await fetch(`${url}/api/v1/changes?limit=1000`)).json()) as { changes: { id: number }[] };
  expect(answer.changes.map(({ id }) => id)).toEqual(happened.map((_, index) => index + 1));
  console.log(`${rounds} kills, ${happened.length} changes: none lost, none told twice`);
  await kill();
}, 600_000);
