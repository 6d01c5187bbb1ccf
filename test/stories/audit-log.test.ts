/** Who made a change, from the simulator's audit log to the page, the JSON API, the log and the state. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { SimulatedConnection, SimulatedProject } from '../../src/simulator/world/model.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../support/daemon.ts';

interface Told {
  readonly type: string;
  readonly connection_id?: string;
  readonly by?: readonly { readonly event: string; readonly username?: string; readonly public_key?: string }[];
}

interface Scene extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly project: SimulatedProject;
  readonly orders: SimulatedConnection;
  readonly billing: SimulatedConnection;
  /** Starts the exporter, which has polled everything then. */
  start(more?: string): Promise<Daemon>;
  /** Requests for events of the audit log. */
  asked(): number;
}

/** A poll may take as long as the gap of its schedule. */
const often = 'poll: {schedule: "*/2 * * * * *", spread: 0s, fastSchedule: false}';

async function aScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  const simulator = createSimulator();
  await simulator.start();
  const project = simulator.world.addProject({ name: 'payments' });
  const orders = simulator.world.addConnection(project);
  const billing = simulator.world.addConnection(project);
  simulator.world.attach(billing, { id: 'vpce-1' });
  // Events have whole seconds: what is made now is not of the second of the first poll.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  return {
    ...{ simulator, project, orders, billing },
    async start(more = often) {
      const daemon = await startDaemon(simulatorConfig(simulator.url, [project.id], more), { folder });
      // On a busy machine a first poll may fail: a change is told of after a good one alone.
      await daemon.until('good polls', async () => everyList(await daemon.series()));
      return daemon;
    },
    asked: () => simulator.requests.filter(({ operation }) => operation === 'v2.events').length,
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether every list was read at last. */
function everyList(series: Readonly<Record<string, number>>): boolean {
  const up = Object.entries(series).filter(([name]) => name.startsWith('mongodb_atlas_exporter_source_up{'));
  return up.length > 0 && up.every(([, value]) => value === 1);
}

async function changesOf(daemon: Daemon): Promise<readonly Told[]> {
  const answer = (await (await daemon.get('/api/v1/changes')).json()) as { changes: readonly Told[] };
  return answer.changes;
}
/** The changes once one of them has an author; the lines of log stand in the error of a test that waits in vain. */
async function attributed(daemon: Daemon): Promise<readonly Told[]> {
  const has = async () => (await changesOf(daemon)).some(({ by }) => by !== undefined);
  await daemon.until('an author', has, 100_000).catch((thrown) => {
    throw new Error(`${thrown}: ${JSON.stringify(daemon.log.filter(({ level }) => level !== 'debug'))}`);
  });
  return changesOf(daemon);
}
const textOf = async (daemon: Daemon, path: string) =>
  (await (await daemon.get(path)).text()).replaceAll(/<[^>]+>/g, '').replaceAll(/\s+/g, ' ');

test.concurrent('who deleted a connection while the exporter was away is told, and stays over another restart', async () => {
  await using scene = await aScene();
  const { simulator, project, orders } = scene;
  await using first = await scene.start();
  await first.app.close(3_000);
  simulator.world.audit.actAs({ username: 'anna@example.com', address: '203.0.113.10' });
  simulator.world.removeConnection(orders);
  simulator.world.audit.actAs({ publicKey: 'zyxwvuts' });
  const by = {
    event: 'ENDPOINT_SERVICE_DELETED',
    username: 'anna@example.com',
    address: '203.0.113.10',
    mongodb_staff: false,
  };
  const removal = { type: 'removed', connection_id: orders.id, by: [{ ...by, at: expect.stringMatching(/^20.*Z$/) }] };
  {
    await using second = await scene.start();
    expect(await attributed(second)).toMatchObject([removal]);
    const line = second.log.find(({ message }) => message === 'Audit log told who made a change');
    expect(line).toMatchObject({ ...removal, level: 'info', atlas_project_id: project.id });
    const words = 'deleted by anna@example.com from 203.0.113.10';
    for (const path of ['/', `/projects/${project.id}`, '/changes'])
      expect(await textOf(second, path)).toContain(words);
    expect(await second.series()).toMatchObject({ 'mongodb_atlas_exporter_lookup_up{lookup="audit_log"}': 1 });
  }
  await using third = await scene.start();
  expect(await changesOf(third)).toMatchObject([removal]);
  expect(scene.asked()).toBe(1);
});

test.concurrent('what was made and undone between two polls is told beside a change, each event once', async () => {
  await using scene = await aScene();
  const { simulator, orders, billing } = scene;
  await using daemon = await scene.start();
  simulator.world.removeConnection(orders);
  simulator.world.detach(simulator.world.attach(billing, { id: 'vpce-2' }));
  const changes = await daemon.until('the events', async () => {
    const all = await changesOf(daemon);
    return all.length >= 3 && all.every(({ by }) => by) && all;
  });
  expect(changes.map(({ type, by }) => [type, by?.map(({ event }) => event)])).toEqual([
    ['removed', ['ENDPOINT_SERVICE_DELETED']],
    ['audit', ['INTERFACE_ENDPOINT_DELETED']],
    ['audit', ['INTERFACE_ENDPOINT_CREATED']],
  ]);
  expect(await textOf(daemon, '/')).toContain(
    'INTERFACE_ENDPOINT_CREATED, which no poll saw, by API key abcdefgh from 203.0.113.9',
  );
  expect(scene.asked()).toBe(1);
});

test.concurrent('an audit log that is late is asked again after a minute', async () => {
  await using scene = await aScene();
  scene.simulator.world.audit.delayMs = 30_000;
  await using daemon = await scene.start();
  scene.simulator.world.removeConnection(scene.orders);
  expect(await attributed(daemon)).toMatchObject([{ type: 'removed', by: [{ public_key: 'abcdefgh' }] }]);
  expect(scene.asked()).toBe(2);
}, 120_000);

test.concurrent('a role that does not allow it is said once, and nothing else suffers', async () => {
  await using scene = await aScene();
  const { simulator, orders, billing } = scene;
  const isOfLog = ({ operation }: { readonly operation: string }) => operation === 'v2.events';
  simulator.faults.add(effects.error(403, 'USER_UNAUTHORIZED'), isOfLog);
  await using daemon = await scene.start();
  simulator.world.removeConnection(orders);
  await daemon.until('a refusal', async () => scene.asked() === 1);
  simulator.world.removeConnection(billing);
  await daemon.until('another refusal', async () => scene.asked() === 2);
  const failed = daemon.log.filter(({ message }) => message === 'Look-up failed');
  expect(failed).toMatchObject([{ lookup: 'audit_log', reason: 'forbidden', level: 'warn' }]);
  expect(failed[0]?.['remedy']).toContain('Project Read Only');
  const series = await daemon.series();
  expect(series['mongodb_atlas_exporter_lookup_up{lookup="audit_log"}']).toBe(0);
  expect(series['mongodb_atlas_exporter_lookup_up{lookup="regional_mode"}']).toBe(1);
  expect(
    Object.entries(series).filter(
      ([name, value]) => name.startsWith('mongodb_atlas_exporter_source_up') && value !== 1,
    ),
  ).toEqual([]);
  expect((await changesOf(daemon)).filter(({ by }) => by)).toEqual([]);
  expect((await daemon.get('/-/healthy')).ok).toBe(true);
});

test.concurrent('an empty audit log tells nobody', async () => {
  await using scene = await aScene();
  scene.simulator.world.audit.delayMs = 3_600_000;
  await using daemon = await scene.start();
  scene.simulator.world.removeConnection(scene.orders);
  await daemon.until('a question', async () => scene.asked() === 1);
  expect(await changesOf(daemon)).toMatchObject([{ type: 'removed' }]);
  expect(await textOf(daemon, '/')).not.toMatch(/deleted by|perhaps/);
  expect(await daemon.series()).toMatchObject({ 'mongodb_atlas_exporter_lookup_up{lookup="audit_log"}': 1 });
});

test.concurrent('an audit log of 10,000 events is asked for its newest alone', async () => {
  await using scene = await aScene();
  const { simulator, project, orders } = scene;
  const old = Date.now() - 3_600_000;
  for (let n = 0; n < 10_000; n++)
    simulator.world.audit.record(project.id, 'ENDPOINT_SERVICE_DELETED', old - n * 1_000);
  await using daemon = await scene.start();
  simulator.world.audit.actAs({ publicKey: 'zyxwvuts' });
  simulator.world.removeConnection(orders);
  expect(await attributed(daemon)).toMatchObject([{ type: 'removed', by: [{ public_key: 'zyxwvuts' }] }]);
  expect((await changesOf(daemon))[0]?.by).toHaveLength(1);
  expect(scene.asked()).toBe(1);
});

test.concurrent('poll.auditLog: false asks nothing', async () => {
  await using scene = await aScene();
  await using daemon = await scene.start(often.replace('}', ', auditLog: false}'));
  scene.simulator.world.removeConnection(scene.orders);
  await daemon.until('the change', async () => (await changesOf(daemon)).length > 0);
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect(scene.asked()).toBe(0);
  expect(await daemon.series()).not.toHaveProperty('mongodb_atlas_exporter_lookup_up{lookup="audit_log"}');
});

const modeKnown = (daemon: Daemon, value: number) =>
  daemon.until('the regional mode', async () =>
    Object.entries(await daemon.series()).some(
      ([name, is]) => name.startsWith('mongodb_atlas_project_regional_mode{') && is === value,
    ),
  );

test.concurrent('regional mode is shown from the start, and who turned it while the exporter was away is told', async () => {
  await using scene = await aScene();
  const { simulator, project } = scene;
  await using first = await scene.start();
  await modeKnown(first, 0);
  await first.app.close(3_000);
  await using second = await scene.start(`${often}\nmetrics: {staleAfter: 1h}`);
  await modeKnown(second, 0);
  await second.app.close(3_000);
  simulator.world.audit.actAs({ username: 'anna@example.com', address: '203.0.113.10' });
  simulator.world.setRegionalMode(project, true);
  await using third = await scene.start();
  const changes = await attributed(third);
  expect(changes).toEqual([
    expect.objectContaining({
      ...{ type: 'regional_mode', from: 'off', to: 'on', project_name: 'payments' },
      by: [
        expect.objectContaining({ event: 'REGIONALIZED_PRIVATE_ENDPOINT_MODE_ENABLED', username: 'anna@example.com' }),
      ],
    }),
  ]);
  expect(await textOf(third, '/changes')).toContain(
    'payments regional mode turned on by anna@example.com from 203.0.113.10',
  );
  expect(third.log.filter(({ message }) => message === 'Regional mode changed')).toHaveLength(1);
  await modeKnown(third, 1);
});

test.concurrent('a flip that the audit log tells of is looked up at once, and is one change, not two', async () => {
  await using scene = await aScene();
  const { simulator, project, orders } = scene;
  await using daemon = await scene.start();
  await modeKnown(daemon, 0);
  simulator.world.setRegionalMode(project, true);
  simulator.world.removeConnection(orders);
  await modeKnown(daemon, 1);
  const isWhole = async () => (await changesOf(daemon)).every(({ by }) => by !== undefined);
  await daemon.until('every author', isWhole, 100_000);
  expect((await changesOf(daemon)).map(({ type }) => type).sort()).toEqual(['regional_mode', 'removed']);
});
