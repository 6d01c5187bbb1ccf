import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { fakeWorld } from '../support/world.ts';

const ids = ['5df264b8f10fab7d2cad2f0d', '5df264b8f10fab7d2cad2f0e'] as const;
let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  for (const id of ids) simulator.world.addConnection(simulator.world.addProject({ id, name: `name-${id.at(-1)}` }));
});
afterEach(() => simulator[Symbol.asyncDispose]());

const env = () => ({
  MONGODB_ATLAS_BASE_URL: simulator.url,
  MONGODB_ATLAS_PUBLIC_API_KEY: demoKeys.publicKey,
  MONGODB_ATLAS_PRIVATE_API_KEY: demoKeys.privateKey,
  MONGODB_ATLAS_PROJECT_ID: ids.join(','),
});
const listOf = (id: string) => (call: { operation: string; projectId: string | null }) =>
  call.operation === 'v2.list' && call.projectId === id;
const lists = ({ operation }: { operation: string }) => operation === 'v2.list';
const limited = (retryAfter: string) => effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', { 'Retry-After': retryAfter });

describe('a rate limit', () => {
  test('is waited for, and that is said once for all that wait', async () => {
    simulator.faults.add(limited('3'), listOf(ids[0]), 1);
    const world = fakeWorld({ env: env() });
    expect(await runCli(['poll'], world)).toBe(0);
    expect(world.err()).toMatch(
      /^Waiting 3 s for a rate limit of credential 'environment': Atlas answered 429 RATE_LIMITED_TOKEN_BUCKET\n2 projects/,
    );
  });

  test('that lasts longer than a poll may ends each list with what Atlas said', async () => {
    simulator.faults.add(limited('600'), lists);
    const world = fakeWorld({ env: env() });
    expect(await runCli(['poll'], world)).toBe(2);
    expect(world.err().match(/Not polled: /g)).toHaveLength(1);
    expect(world.err()).toContain(
      "Not polled: credential 'environment': rate_limited: Atlas answered 429 RATE_LIMITED_TOKEN_BUCKET\n  6 lists",
    );
  });
});

describe('Ctrl+C', () => {
  test('prints what was polled, says so, and is no failure of a list', async () => {
    simulator.faults.add(effects.silence(), ({ projectId }) => projectId === ids[1]);
    const world = fakeWorld({ env: env() });
    const ended = runCli(['poll'], world);
    while (simulator.requests.length < 9) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 500));
    world.signal('SIGINT');
    expect(await ended).toBe(130);
    expect(world.err()).toContain('Interrupted: 4 of 8 lists were polled\n');
    expect(world.out()).toContain('name-d');
    expect(world.out()).not.toMatch(/name-e|Not polled|internal/);
    expect(world.err()).toContain('1 project, 1 connection');
  });

  test('before anything was polled says that as well', async () => {
    simulator.faults.add(effects.silence());
    const world = fakeWorld({ env: env() });
    const ended = runCli(['poll', '--output', 'json'], world);
    while (simulator.connectionsOpened === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    world.signal('SIGINT');
    expect(await ended).toBe(130);
    expect(JSON.parse(world.out())).toMatchObject({ connections: [], failing_sources: [] });
    expect(world.err()).toMatch(/^Interrupted: (?:0 of 8 lists were|nothing was) polled\n$/);
  });

  test('ends the process with 130', async () => {
    simulator.faults.add(effects.silence(), lists);
    const command = spawn(process.execPath, ['src/main.ts', 'poll'], {
      cwd: new URL('../..', import.meta.url).pathname,
      env: { PATH: process.env['PATH'], ...env() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let told = '';
    command.stderr.on('data', (data) => (told += data));
    while (simulator.connectionsOpened === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    command.kill('SIGINT');
    expect(await once(command, 'exit')).toEqual([130, null]);
    expect(told).toMatch(/Interrupted: /);
  });
});
