/** The list of targets over the life of the exporter: Prometheus drops what a list does not name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator } from '../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../support/daemon.ts';

const id = '5df264b8f10fab7d2cad2f0d';
const kinds =
  'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false, slowSchedule: "* * * * * *", kinds: [cluster, connection_strings]}';

interface Entry {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}
const listOf = async (daemon: Daemon) => (await (await daemon.get('/api/v1/targets')).json()) as readonly Entry[];
const clustersIn = (list: readonly Entry[]) => [...new Set(list.map(({ labels }) => labels['cluster_name']))].sort();
const gauge = async (daemon: Daemon) => (await daemon.series())['mongodb_atlas_exporter_targets'];

test('targets come and go with the connection strings, outlast a restart and Atlas, and are never half a list', async () => {
  await using simulator = createSimulator();
  await simulator.start();
  const project = simulator.world.addProject({ id });
  simulator.world.attach(simulator.world.addConnection(project, { region: 'US_EAST_1' }));
  simulator.world.addCluster(project, 'orders', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
  const folder = mkdtempSync(join(tmpdir(), 'targets-'));
  const options = { folder, statePath: join(folder, 'state.db') };
  const config = simulatorConfig(simulator.url, [id], kinds);
  const isClusters = ({ operation }: { operation: string }) => operation === 'v2.clusters';
  try {
    await (async () => {
      simulator.faults.add(effects.delay(3_000), isClusters, 1);
      await using daemon = await startDaemon(config, options);
      expect((await daemon.get('/api/v1/targets')).status).toBe(503);
      await daemon.until('the list', async () => {
        const answer = await daemon.get('/api/v1/targets');
        return answer.ok && ((await answer.json()) as readonly Entry[]).length > 0;
      });
      const list = await listOf(daemon);
      expect(clustersIn(list)).toEqual(['orders']);
      expect(list[0]?.labels).toMatchObject({ atlas_project_id: id, cloud_provider: 'AWS', atlas_region: 'US_EAST_1' });
      expect(await gauge(daemon)).toBe(list.length);
      // The labels are those of /metrics, so that both halves join.
      const endpoint = list[0]?.labels['interface_endpoint_id'] ?? '';
      expect(
        Object.keys(await daemon.series()).some((name) => name.includes(`interface_endpoint_id="${endpoint}"`)),
      ).toBe(true);

      simulator.world.addCluster(project, 'payments', { regions: [{ cloud: 'AWS', region: 'US_EAST_1' }] });
      await daemon.until('the other cluster', async () => clustersIn(await listOf(daemon)).length === 2);
      await daemon.app.reload();
      expect(clustersIn(await listOf(daemon))).toEqual(['orders', 'payments']);
      simulator.faults.add(effects.error(500, 'UNEXPECTED_ERROR'), isClusters);
      await daemon.until('the failure', async () => daemon.log.some(({ message }) => message === 'Poll failed'));
      expect(clustersIn(await listOf(daemon))).toEqual(['orders', 'payments']);
    })();
    // Atlas answers nothing about clusters: the list is the one that was stored.
    await using again = await startDaemon(config, options);
    expect(clustersIn(await listOf(again))).toEqual(['orders', 'payments']);
    expect(await gauge(again)).toBe((await listOf(again)).length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
