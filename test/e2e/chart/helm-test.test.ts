import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { hash } from '@node-rs/bcrypt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownsProject, type Shard } from '../../../src/domain/shard.ts';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { createAuthority } from '../../support/certificates.ts';
import { ciValues, type Loose, objectOf } from '../../support/chart.ts';
import { simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';

let helm: Helm;
let simulator: Simulator;
let folder: string;
let projects: readonly string[];
beforeAll(async () => {
  [helm] = unpackHelms() as [Helm];
  folder = mkdtempSync(join(tmpdir(), 'helm-test-'));
  simulator = createSimulator();
  await simulator.start();
  projects = Array.from({ length: 12 }, () => simulator.world.addProject().id);
});
afterAll(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** The container of the rendered pod of `helm test`, run here against these addresses in the place of the pods'. */
async function helmTest(values: string, urls: readonly string[], seconds = 1) {
  const [container] = objectOf(helm.template(ciValues[values] ?? ''), 'Pod').spec.containers;
  const [command, ...args] = container.command;
  expect(command).toBe('node');
  const env = Object.fromEntries(container.env.map(({ name, value }: Loose) => [name, value]));
  const TARGETS = urls.map((url) => `${url}/metrics`).join(' ');
  const child = spawn(process.execPath, args, {
    env: { ...env, TARGETS, TIMEOUT_SECONDS: String(seconds), SECRETS: join(folder, 'secrets') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => void said.push(String(piece)));
  const [code] = await once(child, 'close');
  return { code, said: said.join('') };
}

const polls = 'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}';
const shard = (ordinal: number, total: number): Shard => ({ ordinal, total });

describe('helm test', () => {
  test('a pod that failed goes once its log is written, one that succeeded stays for --logs', () => {
    expect(objectOf(helm.template(ciValues['minimal'] ?? ''), 'Pod').metadata.annotations).toEqual({
      'helm.sh/hook': 'test',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-failed',
      'helm.sh/hook-output-log-policy': 'hook-failed',
    });
  });

  test('is content when every shard answers, knows its place, and gets in', async () => {
    const yaml = simulatorConfig(simulator.url, projects, polls);
    await using first = await startDaemon(yaml, { shard: shard(0, 2) });
    let gone: string;
    {
      await using second = await startDaemon(yaml, { shard: shard(1, 2) });
      expect(projects.filter((id) => ownsProject(id, shard(0, 2))).length).toBeGreaterThan(0);
      expect(await helmTest('minimal', [first.url, second.url], 30)).toEqual({
        code: 0,
        said: '2 of 2 shards answer; 36 of 36 sources are up\n',
      });

      const swapped = await helmTest('minimal', [second.url, first.url]);
      expect(swapped).toMatchObject({
        code: 1,
        said: expect.stringContaining(`${second.url}/metrics: is not shard 0`),
      });
      const one = await helmTest('minimal', [first.url]);
      expect(one).toMatchObject({ code: 1, said: expect.stringContaining('does not know of 1 shards') });
      gone = second.url;
    }
    const missing = await helmTest('minimal', [first.url, gone]);
    expect(missing).toMatchObject({ code: 1, said: expect.stringMatching(/connect ECONNREFUSED/) });
  });

  test('says which sources are down, and why', async () => {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, ['0123456789abcdef01234567'], polls));
    const { code, said } = await helmTest('minimal', [daemon.url], 2);
    expect(code).toBe(1);
    expect(said).toMatch(/down: mongodb_atlas_exporter_source_up\{.*0123456789abcdef01234567/);
    expect(said).toMatch(/why: mongodb_atlas_exporter_source_failure\{.*reason="project_not_found"/);
  });

  test.each([
    ['another server', 200, 'these are not the metrics of the exporter'],
    ['one that fails', 500, 'answers 500'],
  ])('takes %s for none', async (_name, status, why) => {
    const server = createServer((_request, response) => void response.writeHead(status).end('up 1\n'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const { code, said } = await helmTest('minimal', [`http://127.0.0.1:${port}`]);
    server.close();
    expect(code).toBe(1);
    expect(said).toContain(why);
  });

  test('gets in by TLS and a password, and only with them', async () => {
    const authority = createAuthority();
    const { cert, key } = authority.issue(['exporter']);
    const users = `basic_auth_users: {scraper: "${await hash('correct horse', 4)}"}`;
    const webConfigFile = write(
      'web-config.yml',
      `tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n${users}\n`,
    );
    write('tls.crt', cert);
    write('tls.key', key);
    await using daemon = await startDaemon(simulatorConfig(simulator.url, projects, polls), { webConfigFile });
    const url = daemon.url.replace('http:', 'https:');

    const stranger = await helmTest('web-config', [url]);
    expect(stranger).toMatchObject({ code: 1, said: expect.stringMatching(/unable to .* certificate/) });
    write('secrets/ca/ca.crt', authority.cert);
    expect(await helmTest('web-config', [url])).toMatchObject({
      code: 1,
      said: expect.stringContaining('answers 401'),
    });
    write('secrets/auth/username', 'scraper\n');
    write('secrets/auth/password', 'correct horse\n');
    expect(await helmTest('web-config', [url], 30)).toMatchObject({ code: 0 });
    // Without the name that the chart's values give, the certificate is another's.
    expect(await helmTest('minimal', [url])).toMatchObject({ code: 1, said: expect.stringContaining('altnames') });
    rmSync(join(folder, 'secrets'), { recursive: true });
  });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
