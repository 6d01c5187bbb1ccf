import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Effect, effects } from '../../../src/simulator/faults.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import type { AtlasWorld } from '../../../src/simulator/world/atlas-world.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { createLife, expectCounted, readLog, type ToldChange } from '../../support/life.ts';
import type { Holding } from '../../support/probe.ts';
import { look, probe } from '../../support/probed.ts';
import { configure, startExporter, sumOf, until } from '../../support/process.ts';
import { daySeconds } from '../../support/sizes.ts';

const seed = Number(process.env['SEED'] ?? 11);
/** Each is polled once a second: together that is a poll every 100 ms. */
const projectCount = 10;
const mib = 1024 * 1024;

const troubles: readonly Effect[] = [
  effects.status(500),
  effects.status(503),
  effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'),
  effects.error(401, 'USER_CANNOT_ACCESS_GROUP'),
  effects.error(403, 'USER_UNAUTHORIZED'),
  effects.headers({ Deprecation: 'Mon, 5 Aug 2024 00:00:00 GMT', Sunset: 'Thu, 1 Jul 2027 00:00:00 GMT' }),
  effects.error(404, 'GROUP_NOT_FOUND'),
  effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', { 'Retry-After': '1' }),
  effects.reset(),
  effects.resetInBody(),
  effects.silence(),
  effects.drip(50),
  effects.delay(400),
  effects.body(() => '<html>'),
  effects.body((body) => body.slice(0, body.length / 2)),
  effects.body(() => '[{"id":7}]'),
];
const moment = fc.record({
  pauseMs: fc.integer({ min: 50, max: 700 }),
  lastsMs: fc.integer({ min: 100, max: 2_500 }),
  trouble: fc.nat(troubles.length - 1),
  project: fc.nat(projectCount - 1),
});

test(
  `a compressed day of ${daySeconds} s with faults at random`,
  async ({ task }) => {
    await using simulator = createSimulator();
    await simulator.start();
    const { world } = simulator;
    const projects = Array.from({ length: projectCount }, () => world.addProject());
    const ids = projects.map(({ id }) => id);
    const life = createLife(
      world,
      projects.flatMap((project) => [world.addConnection(project), world.addConnection(project)]),
    );
    const folder = mkdtempSync(join(tmpdir(), 'day-'));
    const more = 'poll: {schedule: "* * * * * *", spread: 1s, fastSchedule: false}\nmetrics: {tombstoneFor: 24h}';
    const config = simulatorConfig(simulator.url, ids, more).replace('timeout: 20s', 'timeout: 2s');
    configure(folder, config.replaceAll('"}', '", providers: [AWS]}'));
    await using exporter = await startExporter({ folder, nodeArgs: ['--expose-gc', '--import', probe] });
    await until('all were polled', async () => (await fetch(`${exporter.url}/-/ready`)).ok);

    const end = performance.now() + daySeconds * 1000;
    const samples: Holding[] = [];
    const log: ToldChange[] = [];
    await Promise.all([
      makeTrouble(simulator, ids, end),
      (async () => {
        while (performance.now() < end) {
          log.push(...(await readLog(exporter.url, log.at(-1)?.id)));
          for (const id of life.quiet(log).slice(0, 2)) life.happen(id);
          await wait(100);
        }
      })(),
      (async () => {
        for (let n = 0; performance.now() < end; n++) {
          await exporter.series();
          // A reload now and then, and a look at what it holds.
          if (n % 10 === 5) exporter.child.kill('SIGHUP');
          if (n % Math.ceil(daySeconds / 40) === 0) samples.push(await look(exporter));
          await wait(1_000);
        }
      })(),
    ]);

    simulator.faults.clear();
    await until('everything is told', async () => {
      log.push(...(await readLog(exporter.url, log.at(-1)?.id)));
      return life.quiet(log).length === life.ids.length;
    });
    life.expectLog(log);
    const series = await exporter.series();
    for (const id of ids) expectCounted(series, world, id, life.revision);
    await wait(3_000);
    samples.push(await look(exporter));

    // The first quarter warms up.
    const level = samples.slice(Math.floor(samples.length / 4));
    const [first, last] = [level[0], level.at(-1)];
    if (!first || !last) throw new Error('No samples');
    const polls = sumOf(series, /^mongodb_atlas_exporter_polls_total$/);
    const failures = sumOf(series, /^mongodb_atlas_exporter_poll_failures_total/);
    const slope = slopeOf(level.map(({ heapBytes }) => heapBytes / mib)) * level.length;
    const figure = [
      `${polls} polls, ${failures} of them failed, ${log.length} changes: none lost, none told twice`,
      `heap ${(first.heapBytes / mib).toFixed(1)} to ${(last.heapBytes / mib).toFixed(1)} MiB (slope ${slope.toFixed(2)} MiB a day)`,
      `resident ${(first.residentBytes / mib).toFixed(0)} to ${(last.residentBytes / mib).toFixed(0)} MiB`,
      `files ${first.files} to ${last.files}, timers ${first.timers} to ${last.timers}`,
    ].join('; ');
    console.log(`${figure}; open at the end: ${JSON.stringify(last.resources)}`);
    Object.assign(task.meta, { figure });
    expect(failures).toBeGreaterThan(0);
    expect(log.length).toBeGreaterThan(projectCount);
    expect(slope).toBeLessThan(10);
    expect(last.files).toBeLessThanOrEqual(first.files + 10);
    expect(last.timers).toBeLessThanOrEqual(first.timers + 10);
    expect(exporter.lines('Uncaught error')).toEqual([]);
    expect(await exporter.end('SIGTERM')).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  },
  3_600_000 + daySeconds * 2_000,
);

async function makeTrouble({ faults, world }: Simulator, ids: readonly string[], end: number): Promise<void> {
  const moments = fc.sample(moment, { numRuns: daySeconds * 20, seed });
  for (const { pauseMs, lastsMs, trouble, project } of moments) {
    if (performance.now() >= end) return;
    const effect = troubles[trouble];
    if (!effect) continue;
    const fault = faults.add(
      effect,
      ({ projectId, operation }) => projectId === ids[project] && operation !== 'challenge',
    );
    const readAgain = hideEndpoint(world, ids[project] ?? '');
    setTimeout(() => {
      fault.end();
      readAgain();
    }, lastsMs);
    await wait(pauseMs);
  }
}

/** An interface endpoint of the project is listed and answers 404 itself, until the returned function is called. */
function hideEndpoint(world: AtlasWorld, projectId: string): () => void {
  const connection = world.projects.get(projectId)?.connections.find((one) => one.interfaceEndpoints.length > 0);
  const [endpoint] = connection?.interfaceEndpoints ?? [];
  if (!connection || !endpoint) return () => {};
  world.setUnreadable(endpoint, true);
  return () => {
    // It may have been detached meanwhile, or have gone with its connection.
    const now = world.connections.get(connection.id);
    if (now?.interfaceEndpoints.includes(endpoint)) world.setUnreadable(endpoint, false);
  };
}

/** Of the straight line that fits best, per step. */
function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const numerator = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  return numerator / values.reduce((sum, _value, index) => sum + (index - middle) ** 2, 0);
}

async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
