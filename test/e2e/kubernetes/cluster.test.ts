/** What goes wrong with the cluster of the suites is told in words, and nothing of it outlives its run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { startCluster } from '../../support/cluster/cluster.ts';
import { freePort, until } from '../../support/wait.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.unstubAllEnvs();
});

test('a cluster that is not of this machine is left alone', async () => {
  const kubeconfig = join(folder, 'kubeconfig');
  const text = readFileSync(inject('cluster').kubeconfig, 'utf8').replace(
    /https:\/\/127\.0\.0\.1:\d+/,
    'https://192.0.2.1:6443',
  );
  writeFileSync(kubeconfig, text);
  vi.stubEnv('KUBECONFIG', kubeconfig);
  await expect(startCluster()).rejects.toThrow(
    `KUBECONFIG "${kubeconfig}" names "https://192.0.2.1:6443", which is not on this machine. ` +
      'Name a cluster of kind or k3d, or unset KUBECONFIG to have one started',
  );
});

test('what a killed run left is removed by the next one', async () => {
  const left = join(tmpdir(), 'cluster-4194304999-left');
  mkdirSync(left);
  vi.stubEnv('KUBECONFIG', join(folder, 'none'));
  await expect(startCluster()).rejects.toThrow();
  expect(existsSync(left)).toBe(false);
});

test('a port that another program took is told at once, with the part that wanted it and what to do', async () => {
  await using taken = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  let asked = 0;
  vi.stubEnv('KUBECONFIG', '');
  const started = startCluster(async () => (asked++ === 0 ? port : freePort()));
  await expect(started).rejects.toThrow(
    /^etcd has ended with 1:\n.*address already in use.*\nAnother program took the port meanwhile: run it again$/s,
  );
});

test('what it started ends with a run that is killed', async () => {
  const module = JSON.stringify(new URL('../../support/cluster/processes.ts', import.meta.url).href);
  const script = `const { createProcesses } = await import(${module});
    createProcesses(${JSON.stringify(folder)}).start('/usr/bin/sleep', '86399');
    console.log('started'); setInterval(() => {}, 1000);`;
  const run = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(run.stdout, 'data');
  const sleeping = () => readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'utf8').trim();
  const child = await until('the child', async () => sleeping() !== '' && sleeping());
  run.kill('SIGKILL');
  await until('its end', async () => !existsSync(`/proc/${child}`));
});
