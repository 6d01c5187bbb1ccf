import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import type {
  OtherEndpoint,
  OtherKind,
  SimulatedConnection,
  SimulatedProject,
} from '../../../src/simulator/world/model.ts';
import { otherKinds } from '../../../src/simulator/world/other-kinds.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { createLife, expectCounted, readLog } from '../../support/life.ts';
import { configure, type Exporter, startExporter, until } from '../../support/process.ts';
import { kills } from '../../support/sizes.ts';

const seed = Number(process.env['SEED'] ?? 7);

test(`${kills} kills at random moments: every change is counted once`, async ({ task }) => {
  await using simulator = createSimulator();
  await simulator.start();
  const { world } = simulator;
  const folder = mkdtempSync(join(tmpdir(), 'kill-'));
  const stays = world.addProject({ id: '5df264b8f10fab7d2cad2f0d' });
  const leaves = world.addProject({ id: '5df264b8f10fab7d2cad2f0e' });
  /** Of Atlas' other features, which v1.0 does not know: with that it leaves. */
  const others = world.addProject({ id: '5df264b8f10fab7d2cad2f0f' });
  const kinds = Object.keys(otherKinds) as OtherKind[];
  const lives = new Map<SimulatedProject, readonly (SimulatedConnection | OtherEndpoint)[]>([
    [stays, Array.from({ length: 4 }, () => world.addConnection(stays))],
    [leaves, Array.from({ length: 2 }, () => world.addConnection(leaves))],
    [others, kinds.map((kind) => world.addOtherEndpoint(others, { kind }))],
  ]);
  const life = createLife(world, [...lives.values()].flat());
  /** From which entry on a project's counters count. */
  const since = new Map([...lives.keys()].map((project) => [project, life.revision]));

  let api: 'v2' | 'v1.0' = 'v2';
  let guest = true;
  const watched = () => [stays, ...(guest ? [leaves] : []), ...(api === 'v2' ? [others] : [])];
  const write = () => {
    const ids = watched().map(({ id }) => id);
    const yaml = simulatorConfig(simulator.url, ids).replaceAll('"}', '", providers: [AWS]}');
    const ofKinds = yaml.replace(
      `kinds: [cluster], id: "${others.id}"`,
      `kinds: [${kinds.join(', ')}], id: "${others.id}"`,
    );
    configure(folder, ofKinds.replace('api: v2', `api: ${api}`));
  };
  write();
  let exporter: Exporter = await startExporter({ folder });
  let killed = 0;
  const restart = async () => {
    expect(await exporter.end('SIGKILL')).toBe('SIGKILL');
    killed++;
    exporter = await startExporter({ folder });
  };
  /** Nothing is on its way: every watched source was polled well after this moment, and once more. */
  const settle = async () => {
    for (let poll = 0; poll < 2; poll++) {
      const now = Date.now() / 1000;
      await until('a good poll of each source', async () => {
        const series = Object.entries(await exporter.series());
        const times = series.filter(([name]) => name.startsWith('mongodb_atlas_exporter_source_last_success'));
        const wanted = watched().reduce((sum, project) => sum + (project === others ? kinds.length : 1), 0);
        return times.length === wanted && times.every(([, time]) => time > now);
      });
    }
  };

  const moment = fc.record({ first: fc.nat(1300), second: fc.nat(1300) });
  const moments = fc.sample(moment, { numRuns: kills, seed });
  await settle();
  for (const [round, { first, second }] of moments.entries()) {
    if (killed >= kills) break;
    const ids = watched().flatMap((project) => lives.get(project)?.map(({ id }) => id) ?? []);
    for (const id of life.quiet(await readLog(exporter.url), ids).slice(0, 4)) life.happen(id);
    await wait(first);
    await restart();

    // Now and then another api, or a project that leaves or comes back: killed in the middle of that, too.
    if (round % 10 !== 4 && round % 10 !== 9) continue;
    await settle();
    const before = watched();
    if (round % 10 === 4) api = api === 'v2' ? 'v1.0' : 'v2';
    else guest = !guest;
    for (const project of watched()) if (!before.includes(project)) since.set(project, world.history.revision);
    write();
    await restart();
    await wait(second);
    await restart();
    await settle();
  }

  await settle();
  const series = await exporter.series();
  for (const project of watched()) expectCounted(series, world, project.id, since.get(project) ?? 0);
  const log = await readLog(exporter.url);
  life.expectLog(log);
  expect(killed).toBeGreaterThanOrEqual(kills);
  const figure = `${killed} kills, ${log.length} changes: none lost, none told twice`;
  console.log(figure);
  Object.assign(task.meta, { figure });
  await exporter.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}, 3_600_000);

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
