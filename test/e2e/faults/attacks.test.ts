/** Every attack at once, by clients and by answers, beside an estate that is polled and lives on. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { hash } from '@node-rs/bcrypt';
import { expect, test } from 'vitest';
import type { Effect } from '../../../src/simulator/faults.ts';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { attack, guessers, pipelines, readers } from '../../support/attacks.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { nodeFlags } from '../../support/dockerfile.ts';
import { createLife, expectCounted, readLog, type ToldChange } from '../../support/life.ts';
import type { Holding } from '../../support/probe.ts';
import { look, probe } from '../../support/probed.ts';
import { configure, startExporter, sumOf, until } from '../../support/process.ts';
import { attackSeconds } from '../../support/sizes.ts';

const mib = 1024 * 1024;
const limitMib = 512;

const connections = (count: number, more: (index: number) => object) =>
  JSON.stringify(
    Array.from({ length: count }, (_, n) => ({ id: `s${n}`, status: 'FAILED', interfaceEndpoints: [], ...more(n) })),
  );
/** At the limits of an answer or beyond them, each another one. */
const hostile: readonly (() => string)[] = [
  () => '['.repeat(8_000_000),
  () => `[${'{},'.repeat(290_000)}{}]`,
  () => `[{${Array.from({ length: 49_000 }, (_, n) => `"k${n}":1`).join()}}]`,
  () =>
    connections(1_000, (n) => ({ errorMessage: `${Math.random()} of ${n} ${'at 10.0.0.1 vpce-0a1 '.repeat(300)}` })),
  () => connections(1_000, (n) => ({ status: n })),
  () => connections(30_000, () => ({})),
  () => connections(1, () => ({ errorMessage: `${Math.random()} ${'x'.repeat(7_000_000)}` })),
];
/** Compressed, so that few bytes are sent. */
const answerWith =
  (body: Buffer): Effect =>
  ({ answer, send }) =>
    send({ ...answer(), headers: { ...answer().headers, 'Content-Encoding': 'gzip' }, body });

test(
  `all attacks together for ${attackSeconds} s: no change is lost, every scrape is answered, memory is bounded`,
  async ({ task }) => {
    await using simulator = createSimulator();
    await simulator.start();
    const { world } = simulator;
    const [ours, theirs] = [6, 6].map((length) => Array.from({ length }, () => world.addProject()));
    const watched = (ours ?? []).map(({ id }) => id);
    const attacked = (theirs ?? []).map(({ id }) => id);
    const life = createLife(
      world,
      (ours ?? []).flatMap((project) => [world.addConnection(project), world.addConnection(project)]),
    );
    const folder = mkdtempSync(join(tmpdir(), 'attacks-'));
    // A hostile answer makes a thousand changes: those of ours must stay until the attacked API gives them out.
    const more = 'poll: {schedule: "*/2 * * * * *", spread: 1s, fastSchedule: false}\nstate: {changesKept: 100000}';
    configure(
      folder,
      simulatorConfig(simulator.url, [...watched, ...attacked], more).replaceAll('"}', '", providers: [AWS]}'),
    );
    writeFileSync(join(folder, 'web.yaml'), `basic_auth_users: {scraper: ${await hash('known', 10)}}\n`);
    const headers = { Authorization: `Basic ${Buffer.from('scraper:known').toString('base64')}` };
    const run = ['run', '--config.file', 'exporter.yaml', '--state.path', 'state.db', '--web.config.file', 'web.yaml'];
    await using exporter = await startExporter({
      folder,
      args: run,
      headers,
      nodeArgs: [...nodeFlags.filter((flag) => flag !== '--disable-sigusr1'), '--expose-gc', '--import', probe],
    });
    // The exporter is measured, and not what else runs on the machine.
    for (const pid of [process.pid, exporter.child.pid ?? 0]) setPriority(pid, -15);
    await until('all were polled', async () => (await fetch(`${exporter.url}/-/ready`, { headers })).ok);
    const bodies = hostile.map((body) => gzipSync(body(), { level: 1 }));
    let turn = 0;
    simulator.faults.add(
      (exchange) => answerWith(bodies[turn++ % bodies.length] ?? Buffer.alloc(0))(exchange),
      ({ projectId, operation }) => operation === 'v2.list' && attacked.includes(projectId ?? ''),
    );

    const ms = attackSeconds * 1_000;
    const end = performance.now() + ms;
    const port = Number(new URL(exporter.url).port);
    using attackers = new DisposableStack();
    for (const script of [pipelines, readers, guessers]) attackers.use(attack(script, port, ms, headers.Authorization));
    const samples: Holding[] = [];
    const tookMs: number[] = [];
    const logs = new Map<string, readonly ToldChange[]>(watched.map((id) => [id, []]));
    const log = () => [...logs.values()].flat();
    // The JSON API is what is attacked: it may refuse. Of the attacked projects there are a hundred thousand changes.
    const readNews = async () => {
      for (const [projectId, known] of logs) {
        const news = await readLog(exporter.url, known.at(-1)?.id, { projectId, headers }).catch(() => []);
        logs.set(projectId, [...known, ...news]);
      }
    };
    await Promise.all([
      (async () => {
        while (performance.now() < end) {
          await readNews();
          for (const id of life.quiet(log()).slice(0, 2)) life.happen(id);
          await wait(200);
        }
      })(),
      (async () => {
        for (let n = 0; performance.now() < end; n++) {
          for (const path of ['/metrics', '/-/healthy', '/-/ready']) {
            const begun = performance.now();
            const answer = await fetch(`${exporter.url}${path}`, { headers });
            await answer.arrayBuffer();
            expect([path, answer.status]).toEqual([path, 200]);
            tookMs.push(performance.now() - begun);
          }
          if (n % Math.ceil(attackSeconds / 40) === 0) samples.push(await look(exporter));
          await wait(1_000);
        }
      })(),
    ]);
    attackers.dispose();
    simulator.faults.clear();
    await until(
      'every change of ours is told',
      async () => {
        await readNews();
        return life.quiet(log()).length === life.ids.length;
      },
      60_000,
    );
    const series = await exporter.series();
    for (const id of watched) expectCounted(series, world, id, life.revision);

    const sorted = tookMs.toSorted((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.POSITIVE_INFINITY;
    const resident = samples.map(({ residentBytes }) => residentBytes / mib);
    const level = samples.slice(Math.floor(samples.length / 3)).map(({ heapBytes }) => heapBytes / mib);
    const figure = [
      `${sumOf(series, /^mongodb_atlas_exporter_polls_total$/)} polls, ${turn} hostile answers`,
      `${log().length} changes, none lost`,
      `${sorted.length} scrapes and probes: median ${at(0.5).toFixed(0)} ms, 99 % ${at(0.99).toFixed(0)} ms, worst ${at(1).toFixed(0)} ms`,
      `heap ${(level[0] ?? 0).toFixed(0)} to ${(level.at(-1) ?? 0).toFixed(0)} MiB, resident at most ${Math.max(...resident).toFixed(0)} MiB`,
    ].join('; ');
    console.log(figure);
    Object.assign(task.meta, { figure });
    expect(turn).toBeGreaterThan(hostile.length);
    expect(log().length).toBeGreaterThan(0);
    // A scraper waits for ten seconds.
    expect(at(1)).toBeLessThan(10_000);
    expect(Math.max(...resident)).toBeLessThan(limitMib);
    expect(level.at(-1)).toBeLessThan(2 * (level[0] ?? 0) + 20);
    expect(exporter.lines('Uncaught error')).toEqual([]);
    expect(await exporter.end('SIGTERM')).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  },
  attackSeconds * 2_000 + 300_000,
);
