import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { catalogue } from '../../src/metrics/catalogue.ts';
import { createSimulator, type Simulator } from '../../src/simulator/simulator.ts';
import type { SimulatedConnection, SimulatedProject } from '../../src/simulator/world/model.ts';
import { simulatorConfig, startDaemon } from '../support/daemon.ts';
import { valueIn } from '../support/exposition-parser.ts';
import { fakeWorld } from '../support/world.ts';

let simulator: Simulator;
let project: SimulatedProject;
let connection: SimulatedConnection;
let folder: string;
const id = '5df264b8f10fab7d2cad2f0d';
const C = `atlas_project_id="${id}",cloud_provider="AWS",connection_id="66b1d2e3f405162738495a61",kind="cluster"`;
const fast = 'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}';

beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  project = simulator.world.addProject({ id, name: 'payments-prod' });
  connection = simulator.world.addConnection(project, { id: '66b1d2e3f405162738495a61', region: 'US_EAST_1' });
  simulator.world.attach(connection, { id: 'vpce-0a1b2c3d4e5f60711' });
  folder = mkdtempSync(join(tmpdir(), 'app-'));
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const name = (family: string) => `mongodb_atlas_private_endpoint_connection_${family}`;

test('polls at once, is ready, and shows every family of the catalogue in both formats', async () => {
  simulator.world.setErrorMessage(connection, 'broken');
  simulator.world.addCluster(project, 'orders', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
  const everyElement = fast.replace('}', ', kinds: [cluster, connection_strings]}');
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], everyElement));
  await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  const notHere =
    /removed_timestamp|sunset|unreadable|members|remote_region|discovery|token_expiry|secret_expiry|error_info|remaining_ratio|source_failure|total_shards|strings_pending/;
  // Names, regional mode and limits are looked up after the polls.
  const missing = async (format: 'text' | 'openmetrics') => {
    const shown = new Set((await daemon.metrics(format)).map((family) => family.name));
    return catalogue
      .map((family) => (format === 'openmetrics' ? family.name.replace(/_total$/, '') : family.name))
      .filter((family) => !notHere.test(family) && !shown.has(family));
  };
  await expect.poll(() => missing('text')).toEqual([]);
  await expect.poll(() => missing('openmetrics')).toEqual([]);
  expect(await (await daemon.get('/metrics')).text()).toContain('payments-prod');
  expect(await daemon.series()).toMatchObject({
    [`${name('ready')}{${C}}`]: 1,
    [`${name('error')}{${C}}`]: 1,
    [`${name('interface_endpoints')}{${C}}`]: 1,
  });
});

test('a change is counted once, in metrics, log and JSON', async () => {
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], fast));
  await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  const url = expect.stringMatching(/^http:\/\/[\w.]+:\d+\/$/);
  const found = { projects: 1, in_trouble: 0, failing_lists: 0, url };
  const said = (message: string) => daemon.log.find((line) => line.message === message);
  expect(said('Started')).toMatchObject({ ...found, connections: 0 });
  await expect.poll(() => said('First polls done')).toMatchObject({ ...found, connections: 1 });
  simulator.world.setStatus(connection, 'FAILED');
  simulator.world.setErrorMessage(connection, 'It broke\nin two lines');
  await daemon.until('the change', async () => {
    const labels = { connection_id: connection.id, change: 'set' };
    return valueIn(await daemon.metrics(), name('error_message_changes_total'), labels) === 1;
  });
  const told = daemon.log.filter(({ level, message }) => level === 'info' && /changed/.test(message));
  expect(told).toMatchObject([
    { message: 'Status changed', project_name: expect.stringMatching(/./), from: 'AVAILABLE', to: 'FAILED' },
    { message: 'Error message changed', change: 'set', to: 'It broke\nin two lines' },
  ]);
  const { changes, next } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: unknown; next: unknown };
  expect(changes).toMatchObject([
    { id: 1, type: 'status', connection_id: connection.id, from: 'AVAILABLE', to: 'FAILED' },
    { id: 2, type: 'error_message', change: 'set' },
  ]);
  expect(next).toBe(2);
});

test('what changed while it was stopped is counted once after the start, and what was counted stays', async () => {
  {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { folder });
    await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  }
  simulator.world.setStatus(connection, 'FAILED');
  const entered = `${name('status_changes_total')}{${C},status="FAILED"}`;
  for (const start of [1, 2]) {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { folder });
    const series = await daemon.until(`start ${start}`, async () => {
      const now = await daemon.series();
      return now['mongodb_atlas_exporter_polls_total'] && now[entered] === 1 ? now : null;
    });
    expect(series['mongodb_atlas_exporter_state_restored']).toBe(1);
    expect(series[entered]).toBe(1);
  }
});

test('a restart polls what is due: what failed, at once, and what was polled a moment ago at its next tick', async () => {
  const rare = 'poll: {schedule: "0 0 0 1 1 *", spread: 0s, fastSchedule: false}';
  const other = simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
  const config = simulatorConfig(simulator.url, [id, other.id], rare).replaceAll('"}', '", providers: [AWS]}');
  const down = simulator.faults.add(
    ({ send }) => send({ status: 403, headers: {}, body: '' }),
    ({ projectId }) => projectId === other.id,
  );
  {
    await using daemon = await startDaemon(config, { folder });
    await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  }
  down.end();
  await using daemon = await startDaemon(config, { folder });
  const up = (projectId: string) =>
    `mongodb_atlas_exporter_source_up{atlas_project_id="${projectId}",cloud_provider="AWS",kind="cluster"}`;
  const series = await daemon.until('the poll of what had failed', async () => {
    const now = await daemon.series();
    return now['mongodb_atlas_exporter_polls_total'] ? now : null;
  });
  expect(series).toMatchObject({ [up(id)]: 1, [up(other.id)]: 1, mongodb_atlas_exporter_polls_total: 1 });
});

test('a switch of api makes no change, and shows the words of the other one', async () => {
  {
    await using daemon = await startDaemon(
      simulatorConfig(simulator.url, [id], `${fast}\n`).replace('"}]', '", providers: [AWS]}]'),
      { folder },
    );
    await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  }
  // Not at its next turn, in a year: the words that are shown are those of the other one until then.
  const rare = fast.replace('* * * * * *', '0 0 0 1 1 *');
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], rare).replace('api: v2', 'api: v1.0'), {
    folder,
  });
  const series = await daemon.until('v1.0', async () => {
    const now = await daemon.series();
    return now[`${name('status')}{${C},status="WAITING_FOR_USER"}`] === 1 ? now : null;
  });
  expect(series[`${name('ready')}{${C}}`]).toBe(1);
  expect(series[`${name('status_changes_total')}{${C},status="WAITING_FOR_USER"}`]).toBe(0);
  expect(Object.keys(simulator.counts()).filter((operation) => operation.startsWith('v2.list'))).toHaveLength(1);
});

test('trouble of one source is its own: the last snapshot stays, the rest goes on', async () => {
  const other = simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id, other.id], fast));
  await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  const down = simulator.faults.add(
    ({ send }) => send({ status: 200, headers: { 'Content-Type': 'application/json' }, body: '[{"id": 7}]' }),
    ({ projectId, operation }) => projectId === id && operation === 'v2.list',
  );
  const failing = `mongodb_atlas_exporter_source_failure{atlas_project_id="${id}",cloud_provider="AWS",credential="main",kind="cluster",reason="invalid_response"}`;
  const series = await daemon.until('the failure', async () => {
    const now = await daemon.series();
    return now[failing] === 1 ? now : null;
  });
  expect(series[`${name('ready')}{${C}}`]).toBe(1);
  expect(
    series[`mongodb_atlas_exporter_source_up{atlas_project_id="${other.id}",cloud_provider="AWS",kind="cluster"}`],
  ).toBe(1);
  down.end();
  await daemon.until('recovery', async () => (await daemon.series())[failing] === undefined);
  expect(
    series[
      `mongodb_atlas_private_endpoint_connections_removed_total{atlas_project_id="${id}",cloud_provider="AWS",kind="cluster"}`
    ],
  ).toBe(0);
});

describe('a reload', () => {
  test('adds and removes projects and leaves the others alone', async () => {
    const other = simulator.world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]));
    await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
    daemon.configure(simulatorConfig(simulator.url, [id, other.id]));
    expect((await fetch(`${daemon.url}/-/reload`, { method: 'POST' })).status).toBe(200);
    const up = (project: string) =>
      `mongodb_atlas_exporter_source_up{atlas_project_id="${project}",cloud_provider="GCP",kind="cluster"}`;
    await daemon.until('the new project', async () => (await daemon.series())[up(other.id)] === 1);
    daemon.configure(simulatorConfig(simulator.url, [other.id]));
    await daemon.app.reload();
    const series = await daemon.series();
    expect(series[up(id)]).toBeUndefined();
    expect(Object.keys(series).filter((one) => one.includes(id))).toEqual([]);
  });

  test('that is bad changes nothing and says so', async () => {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]));
    await daemon.until('a good poll', async () => (await daemon.series())[`${name('ready')}{${C}}`] === 1);
    daemon.configure('projects: 7');
    const answer = await fetch(`${daemon.url}/-/reload`, { method: 'POST' });
    expect(answer.status).toBe(500);
    expect(await answer.text()).toContain('line 1, projects: must be a list');
    // The exporter's own families are rendered once a second at most.
    await daemon.until(
      'the failed reload',
      async () => (await daemon.series())['mongodb_atlas_exporter_config_last_reload_successful'] === 0,
    );
    expect((await daemon.series())[`${name('ready')}{${C}}`]).toBe(1);
  });

  test('of what needs a restart is refused with that word', async () => {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]));
    daemon.configure(simulatorConfig(simulator.url, [id], 'state: {changesKept: 5}'));
    expect(await daemon.app.reload()).toMatchObject({
      ok: false,
      problems: expect.stringContaining('needs a restart'),
    });
  });
});

test('a state file that is no state is put aside under another name, told, and never overwritten', async () => {
  const path = join(folder, 'state.db');
  writeFileSync(path, 'no database at all');
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { folder });
  const [told] = daemon.log.filter(({ message }) => message === 'State set aside');
  expect(told).toMatchObject({ level: 'error', path, remedy: expect.stringContaining('begins anew') });
  expect(readFileSync(join(folder, String(told?.['setAside']).split('/').at(-1) ?? ''), 'utf8')).toBe(
    'no database at all',
  );
  expect((await daemon.series())['mongodb_atlas_exporter_state_restored']).toBe(0);
});

describe('a start that fails leaves nothing behind', () => {
  test('when the port is in use', async () => {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]));
    const again = startDaemon(simulatorConfig(simulator.url, [id]), {
      folder,
      listen: [{ host: '127.0.0.1', port: Number(daemon.url.split(':').at(-1)) }],
    });
    await expect(again).rejects.toThrow('another process listens there');
    // The state of the failed start is free again.
    await using third = await startDaemon(simulatorConfig(simulator.url, [id]), { folder });
    expect((await third.get('/-/healthy')).status).toBe(200);
  });

  test('when another process has the state', async () => {
    await using _daemon = await startDaemon(simulatorConfig(simulator.url, [id]), { folder });
    await expect(startDaemon(simulatorConfig(simulator.url, [id]), { folder })).rejects.toThrow(
      'another process has it open',
    );
  });
});

test('no secret stands in the config that is shown', async () => {
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id]));
  const config = await (await daemon.get('/config')).text();
  expect(config).toContain('privateKey: <secret>');
  expect(config).not.toContain('demo-demo');
  expect(fakeWorld().out()).toBe('');
});
