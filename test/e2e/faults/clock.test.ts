import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { configure, type Exporter, startExporter, sumOf, until } from '../../support/process.ts';

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'.replace('x86_64', archName());
const hour = 3_600;
const year = 365 * 24 * hour;
const polls = /^mongodb_atlas_exporter_polls_total$/;
const entered = /^mongodb_atlas_private_endpoint_connection_status_changes_total/;
const tombstone = /^mongodb_atlas_private_endpoint_connection_removed_timestamp_seconds/;
const ready = /^mongodb_atlas_private_endpoint_connection_ready/;
const stamps = /^mongodb_atlas_(?:private_endpoint|exporter_source).*_timestamp_seconds/;

function archName(): string {
  const [name = 'x86_64-linux-gnu'] = readdirSync('/usr/lib').filter((folder) => folder.endsWith('-linux-gnu'));
  return name.replace('-linux-gnu', '');
}

describe.concurrent('the wall clock jumps', () => {
  test.for([
    ['+1 h', hour],
    ['-1 h', -hour],
    ['+10 years', 10 * year],
    ['-10 years', -10 * year],
  ] as const)(
    'by %s: polls go on, nothing is told of it, nothing goes, and stamps are sound',
    async ([, jump], { task }) => {
      await using simulator = createSimulator();
      await simulator.start();
      const project = simulator.world.addProject();
      const [stays, goes] = [simulator.world.addConnection(project), simulator.world.addConnection(project)];
      const folder = mkdtempSync(join(tmpdir(), 'clock-'));
      const offset = (seconds: number) => {
        writeFileSync(join(folder, 'offset.new'), `${seconds < 0 ? '' : '+'}${seconds}`);
        renameSync(join(folder, 'offset.new'), join(folder, 'offset'));
      };
      offset(0);
      configure(folder, simulatorConfig(simulator.url, [project.id]).replace('"}]', '", providers: [AWS]}]'));
      const env = {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: join(folder, 'offset'),
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      };
      const counted = async (exporter: Exporter) => {
        const series = await exporter.series();
        const keys = Object.keys(series);
        return {
          entered: sumOf(series, entered),
          tombstones: keys.filter((name) => tombstone.test(name)).length,
          shown: keys.filter((name) => ready.test(name)).length,
          removed: sumOf(series, /_connections_removed_total/),
        };
      };
      {
        await using exporter = await startExporter({ folder, env });
        await pollsGoOn(exporter);
        simulator.world.setStatus(stays, 'FAILED');
        simulator.world.removeConnection(goes);
        await until('both changes', async () => (await counted(exporter)).tombstones === 1);
        const before = await counted(exporter);
        expect(before).toEqual({ entered: 1, tombstones: 1, shown: 1, removed: 1 });

        offset(jump);
        const jumped = performance.now();
        await pollsGoOn(exporter);
        const took = performance.now() - jumped;
        Object.assign(task.meta, { figure: `two polls within ${(took / 1000).toFixed(1)} s of the jump` });
        const { time } = exporter.lines('Status changed')[0] ?? {};
        expect(Math.abs(Date.parse(String(time)) - Date.now())).toBeLessThan(60_000);
        expect(await counted(exporter)).toEqual(before);
        simulator.world.setStatus(stays, 'AVAILABLE');
        await until('the change after the jump', async () => (await counted(exporter)).entered === 2);
        const told = exporter.lines('Status changed').at(-1);
        expect(Math.abs(Date.parse(String(told?.['time'])) - (Date.now() + jump * 1000))).toBeLessThan(60_000);
        expect((await fetch(`${exporter.url}/-/healthy`)).status).toBe(200);
        expect(await exporter.end('SIGTERM')).toBe(0);
      }
      // The clock is right again: what was stamped in the future is not shown there.
      offset(0);
      await using again = await startExporter({ folder, env });
      await pollsGoOn(again);
      expect(await counted(again)).toMatchObject({ entered: 2, shown: 1, removed: 1 });
      const now = Date.now() / 1000;
      const later = Object.entries(await again.series()).filter(
        ([name, value]) => stamps.test(name) && value > now + 60,
      );
      expect(later).toEqual([]);
      rmSync(folder, { recursive: true, force: true });
    },
  );
});

describe.concurrent('summer time begins and ends while the process runs', () => {
  test.for([
    ['Europe/Vienna', '2026-03-29T01:00:00Z'],
    ['Europe/Vienna', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-03-08T07:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ] as const)('in %s at %s: polls go on, and nothing goes', { timeout: 600_000 }, async ([timezone, at], { task }) => {
    await using simulator = createSimulator();
    await simulator.start();
    const project = simulator.world.addProject();
    simulator.world.addConnection(project);
    const folder = mkdtempSync(join(tmpdir(), 'summer-'));
    const schedule = `poll: {schedule: "*/2 * * * * *", spread: 0s, fastSchedule: false, timezone: ${timezone}}`;
    configure(folder, simulatorConfig(simulator.url, [project.id], schedule));
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: join(folder, 'offset'),
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    // A busy machine takes long until the first polls: then it is tried again with more time before the switch.
    for (const leadMs of [20_000, 60_000, 240_000]) {
      const switchedAt = Date.now() + leadMs;
      const offset = Math.round((Date.parse(at) - switchedAt) / 1000);
      writeFileSync(join(folder, 'offset'), `${offset < 0 ? '' : '+'}${offset}`);
      await using exporter = await startExporter({ folder, env });
      await pollsGoOn(exporter);
      if (Date.now() >= switchedAt) continue;
      await new Promise((resolve) => setTimeout(resolve, switchedAt + 3_000 - Date.now()));
      const begun = performance.now();
      await pollsGoOn(exporter);
      const took = performance.now() - begun;
      Object.assign(task.meta, { figure: `two polls within ${(took / 1000).toFixed(1)} s of the change of clocks` });
      expect(Object.keys(await exporter.series()).filter((name) => ready.test(name))).toHaveLength(1);
      rmSync(folder, { recursive: true, force: true });
      return;
    }
    throw new Error('The exporter never polled before the switch');
  });
});

async function pollsGoOn(exporter: Exporter): Promise<void> {
  const before = sumOf(await exporter.series(), polls);
  await until('two more polls', async () => sumOf(await exporter.series(), polls) >= before + 2, 60_000);
}
