import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../../src/cli/cli.ts';
import { createScenes, type Scenes } from '../../../src/simulator/scenes/named-scenes.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { seedEstate } from '../../../src/simulator/world/seed.ts';
import { simulatorConfig } from '../../support/daemon.ts';
import { until } from '../../support/process.ts';
import { fakeWorld } from '../../support/world.ts';

let simulator: Simulator;
let scenes: Scenes;
beforeEach(async () => {
  simulator = createSimulator();
  seedEstate(simulator.world, { projects: 1, connections: 2, seed: 1, otherKinds: false, clusters: 1 });
  scenes = createScenes(simulator);
  simulator.serveScenes(scenes);
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

const onlooker = () =>
  fakeWorld({
    env: {
      MONGODB_ATLAS_BASE_URL: simulator.url,
      MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
      MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
      MONGODB_ATLAS_PROJECT_ID: [...simulator.world.projects.keys()].join(),
    },
  });

async function poll(...flags: string[]) {
  const world = onlooker();
  const code = await runCli(['poll', '-o', 'json', ...flags], world);
  const { connections, clusters, failing_sources: failing } = JSON.parse(world.out());
  return { code, connections, clusters, reasons: new Set(failing.map(({ reason }: { reason: string }) => reason)) };
}

describe('what a scene does is seen by a poll, and calm ends it', () => {
  test.each([
    ['revoked-key', 'unauthorized'],
    ['ip-access-list', 'ip_access_list'],
    ['missing-role', 'forbidden'],
    ['outage', 'server_error'],
  ])('%s: %s', async (name, reason) => {
    scenes.play(name);
    expect(await poll()).toMatchObject({ code: 2, reasons: new Set([reason]) });
    scenes.play('calm');
    expect(await poll()).toMatchObject({ code: 0, reasons: new Set() });
  });

  test('failed-link', async () => {
    const before = await poll();
    scenes.play('failed-link');
    const statuses = (await poll()).connections.map(({ status }: { status: string }) => status);
    expect(statuses).toContain('FAILED');
    scenes.play('calm');
    expect((await poll()).connections).toEqual(
      before.connections.map((one: object) => ({ ...one, as_of: expect.anything() })),
    );
  });

  test('lost-string', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scenes-'));
    const file = join(folder, 'exporter.yaml');
    const kinds = 'poll: {kinds: [cluster, connection_strings]}';
    writeFileSync(file, simulatorConfig(simulator.url, [...simulator.world.projects.keys()], kinds));
    const strings = async () => (await poll('--config.file', file)).clusters[0].private_connection_strings;
    const before = await strings();
    expect(before).toBeGreaterThan(0);
    scenes.play('lost-string');
    expect(await strings()).toBe(0);
    scenes.play('calm');
    expect(await strings()).toBe(before);
    rmSync(folder, { recursive: true });
  });

  test.each(['poll', 'check --online', 'wait --project any --connection any'])(
    'rate-limit: %s says how long it waits, and for which credential',
    async (line) => {
      scenes.play('rate-limit');
      const world = onlooker();
      const run = runCli(line.split(' '), world);
      await until('it waits', async () => world.err().includes('Waiting'));
      expect(world.err()).toMatch(/^Waiting \d+ s for a rate limit of credential 'environment': Atlas answered 429/m);
      world.signal('SIGINT');
      await run;
      expect(world.err().match(/Waiting/g)).toHaveLength(1);
      scenes.play('calm');
      expect(await poll()).toMatchObject({ code: 0 });
    },
  );

  test('rejected-endpoint, removed-link and removed-cluster', async () => {
    const before = await poll();
    scenes.play('rejected-endpoint');
    expect(JSON.stringify((await poll()).connections)).toContain('Interface endpoint was not found.');
    scenes.play('removed-link');
    expect((await poll()).connections).toHaveLength(before.connections.length - 1);
    scenes.play('removed-cluster');
    expect(simulator.world.projects.values().next().value?.clusters.length).toBe(0);
  });
});

test('scenes are played over HTTP, by nobody else than whoever means it', async () => {
  const url = `${simulator.url}/scenes`;
  expect(await (await fetch(url)).text()).toContain('failed-link: a connection fails');
  expect((await fetch(`${url}/failed-link`)).status).toBe(405);
  expect(
    (await fetch(`${url}/failed-link`, { method: 'POST', headers: { Origin: 'https://evil.example' } })).status,
  ).toBe(403);
  const unknown = await fetch(`${url}/failed-lnk`, { method: 'POST' });
  expect([unknown.status, await unknown.text()]).toEqual([
    404,
    expect.stringContaining('There is no scene "failed-lnk": there are failed-link,'),
  ]);
  const played = await fetch(`${url}/failed-link`, { method: 'POST' });
  expect([played.status, await played.text()]).toEqual([200, 'a connection fails with an error message\n']);
  expect(JSON.stringify((await poll()).connections)).toContain('quota exceeded');
});

describe('simulate', () => {
  async function simulate(...argv: string[]) {
    const world = fakeWorld();
    return { code: await runCli(['simulate', ...argv], world), err: world.err() };
  }

  test('tells a busy port as run does', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = busy.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await simulate('--listen', `127.0.0.1:${port}`)).toEqual({
      code: 1,
      err: `Cannot listen on "127.0.0.1:${port}": another process listens there: stop it, or choose another address with --listen\n`,
    });
    busy.close();
  });

  test('refuses a scene that there is not', async () => {
    const { code, err } = await simulate('--listen', '127.0.0.1:0', '--scene', 'storm');
    expect([code, err]).toEqual([1, expect.stringMatching(/^There is no scene "storm": there are failed-link, /)]);
  });
});
