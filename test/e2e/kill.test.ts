import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Connection, Project } from '../../src/demo/model.ts';
import { createSimulator } from '../../src/demo/simulator.ts';
import type { World } from '../../src/demo/world.ts';
import { simulatorConfig } from '../support/daemon.ts';
import { configure, type Exporter, startExporter, sumOf, until } from '../support/process.ts';
import { kills } from '../support/sizes.ts';

const seed = Number(process.env['SEED'] ?? 7);

interface Told {
  readonly id: number;
  readonly connection_id: string;
  readonly interface_endpoint_id?: string;
  readonly type: string;
  readonly change?: string;
}

/** One thing after the other happens to a connection; each of them is one change, whenever it is seen. */
const turnsOfLife: readonly ((world: World, connection: Connection) => void)[] = [
  (world, connection) => world.setStatus(connection, 'FAILED'),
  (world, connection) => world.setErrorMessage(connection, 'The endpoint was not found.'),
  (world, connection) => world.setErrorMessage(connection, 'The request was denied.'),
  (world, connection) => void world.attach(connection),
  (world, connection) => world.setErrorMessage(connection, null),
  (world, { interfaceEndpoints: [endpoint] }) => endpoint && world.detach(endpoint),
  (world, connection) => world.removeConnection(connection),
  (world, connection) => void world.addConnection(projectOf(world, connection), { id: connection.id }),
];

function projectOf(world: World, { projectId }: Connection): Project {
  const project = world.projects.get(projectId);
  if (!project) throw new Error(`No project ${projectId}`);
  return project;
}

test(`${kills} kills at random moments: every change is counted once`, async ({ task }) => {
  await using simulator = createSimulator();
  await simulator.start();
  const { world } = simulator;
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  const stays = world.addProject({ id: '5df264b8f10fab7d2cad2f0d' });
  const leaves = world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
  const ids = [stays, stays, stays, stays, leaves, leaves].map((project) => world.addConnection(project).id);
  const known = new Map(ids.map((id) => [id, world.connections.get(id)]));
  const turns = new Map<string, number>();
  const baseline = world.history.revision;
  /** From which entry on a project's counters count. */
  const since = new Map([stays, leaves].map(({ id }) => [id, baseline]));

  let api: 'v2' | 'v1.0' = 'v2';
  let watched = [stays, leaves];
  const write = () => {
    const yaml = simulatorConfig(
      simulator.url,
      watched.map(({ id }) => id),
    );
    configure(folder, yaml.replace('api: v2', `api: ${api}`).replaceAll('"}', '", providers: [AWS]}'));
  };
  write();
  let exporter: Exporter = await startExporter({ folder });
  let killed = 0;
  const restart = async () => {
    expect(await exporter.end('SIGKILL')).toBe('SIGKILL');
    killed++;
    exporter = await startExporter({ folder });
  };
  const told = async (): Promise<readonly Told[]> => {
    const all: Told[] = [];
    for (;;) {
      const last = all.at(-1)?.id;
      const answer = await fetch(
        `${exporter.url}/api/v1/changes?limit=1000${last === undefined ? '' : `&since=${last}`}`,
      );
      const { changes } = (await answer.json()) as { changes: Told[] };
      if (changes.length === 0) return all;
      all.push(...changes);
    }
  };
  const happened = (id: string) => world.history.since(baseline).filter(({ connectionId }) => connectionId === id);
  /** Nothing is on its way: every watched source was polled well after this moment, and once more. */
  const settle = async () => {
    for (let poll = 0; poll < 2; poll++) {
      const now = Date.now() / 1000;
      await until('a good poll of each source', async () => {
        const series = Object.entries(await exporter.series());
        const times = series.filter(([name]) => name.startsWith('mongodb_atlas_exporter_source_last_success'));
        return times.length === watched.length && times.every(([, time]) => time > now);
      });
    }
  };

  const plans = fc.sample(fc.record({ first: fc.nat(1300), second: fc.nat(1300) }), { numRuns: kills, seed });
  await settle();
  for (const [round, { first, second }] of plans.entries()) {
    if (killed >= kills) break;
    // What was not told yet is left alone: another change could hide it from every poll.
    const log = await told();
    const quiet = ids.filter((id) => {
      const project = known.get(id)?.projectId;
      const mine = log.filter(({ connection_id }) => connection_id === id).length;
      return watched.some((one) => one.id === project) && mine === happened(id).length;
    });
    // In turn, and several between two polls.
    const next = quiet.sort((x, y) => (turns.get(x) ?? 0) - (turns.get(y) ?? 0)).slice(0, 3);
    for (const id of next) {
      const turn = turns.get(id) ?? 0;
      const connection = world.connections.get(id) ?? known.get(id);
      if (connection) turnsOfLife[turn % turnsOfLife.length]?.(world, connection);
      known.set(id, world.connections.get(id) ?? connection);
      turns.set(id, turn + 1);
    }
    await wait(first);
    await restart();

    // Now and then another api, or a project that leaves or comes back: killed in the middle of that, too.
    if (round % 10 !== 4 && round % 10 !== 9) continue;
    await settle();
    if (round % 10 === 4) api = api === 'v2' ? 'v1.0' : 'v2';
    else if (watched.length === 2) watched = [stays];
    else {
      watched = [stays, leaves];
      since.set(leaves.id, world.history.revision);
    }
    write();
    await restart();
    await wait(second);
    await restart();
    await settle();
  }

  await settle();
  const series = await exporter.series();
  for (const { id } of watched) {
    const entries = world.history.since(since.get(id) ?? 0).filter(({ projectId }) => projectId === id);
    const count = (type: string, change: string | null = null, inner = false) =>
      entries.filter(
        (one) => one.type === type && one.change === change && (one.interfaceEndpointId !== null) === inner,
      ).length;
    const sum = (name: string, labels = '') =>
      sumOf(series, new RegExp(`^mongodb_atlas_private_endpoint_${name}\\{.*${id}.*${labels}`));
    expect({
      added: sum('connections_added_total'),
      removed: sum('connections_removed_total'),
      endpointsAdded: sum('interface_endpoints_added_total'),
      endpointsRemoved: sum('interface_endpoints_removed_total'),
      status: sum('connection_status_changes_total'),
      set: sum('connection_error_message_changes_total', 'change="set"'),
      changed: sum('connection_error_message_changes_total', 'change="changed"'),
      cleared: sum('connection_error_message_changes_total', 'change="cleared"'),
    }).toEqual({
      added: count('added'),
      removed: count('removed'),
      endpointsAdded: count('added', null, true),
      endpointsRemoved: count('removed', null, true),
      status: count('status'),
      set: count('error_message', 'set'),
      changed: count('error_message', 'changed'),
      cleared: count('error_message', 'cleared'),
    });
  }
  const log = await told();
  expect(log.map((change) => change.id)).toEqual(world.history.since(baseline).map((_, index) => index + 1));
  for (const id of ids) {
    expect(log.filter(({ connection_id }) => connection_id === id).map(nameOf)).toEqual(happened(id).map(nameOf));
  }
  const figure = `${killed} kills, ${log.length} changes: none lost, none told twice`;
  console.log(figure);
  Object.assign(task.meta, { figure });
  await exporter.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 3_600_000);

function nameOf({ type, change }: { readonly type: string; readonly change?: string | null }): string {
  return change ? `${type} ${change}` : type;
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
