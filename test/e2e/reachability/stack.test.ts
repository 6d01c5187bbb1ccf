/** The whole product by one command: `npm run demo:stack`, and compose.yaml as far as it can be tried without an engine. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../support/prometheus.ts';
import { promtool, runProgram } from '../../support/promtool.ts';
import { programsOf, thisPrometheus } from '../../support/provided.ts';
import { provideTool } from '../../tools/provide.ts';
import { versionOf } from '../../tools/tools.ts';

const root = new URL('../../../', import.meta.url).pathname;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stack-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly ports?: readonly { readonly host_ip: string }[];
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly read_only: boolean }[];
}

/** The file as Docker's own loader reads it. */
function compose(): Readonly<Record<string, Service>> {
  const program = provideTool('compose')['compose-spec'] ?? '';
  const { status, stdout, stderr } = spawnSync(program, ['-format', 'json', join(root, 'compose.yaml')], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr + stdout);
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services;
}

test("compose.yaml is read by Docker's own loader; what it mounts is there, and its ports are those of loopback", () => {
  const services = compose();
  expect(Object.keys(services).sort()).toEqual(['alertmanager', 'blackbox', 'demo', 'grafana', 'prometheus']);
  const mounted = Object.values(services).flatMap(({ volumes = [] }) => volumes);
  expect(mounted.filter(({ source, read_only }) => !existsSync(source) || !read_only)).toEqual([]);
  expect(mounted.length).toBeGreaterThan(6);
  const ports = Object.values(services).flatMap(({ ports = [] }) => ports.map(({ host_ip }) => host_ip));
  expect(new Set(ports)).toEqual(new Set(['127.0.0.1']));
  for (const [name, service] of Object.entries(services)) {
    const files = (service.command ?? []).flatMap((word) => /^--config\.file=(.*)/.exec(word)?.[1] ?? []);
    const targets = (service.volumes ?? []).map(({ target }) => target);
    expect([name, files.filter((file) => !targets.includes(file))]).toEqual([name, []]);
  }
  // What is tested is what is started.
  expect([services['prometheus'], services['alertmanager'], services['blackbox']].map((one) => one?.image)).toEqual([
    `prom/prometheus:v${versionOf('prometheus')}`,
    `prom/alertmanager:v${versionOf('alertmanager')}`,
    `prom/blackbox-exporter:v${versionOf('blackbox')}`,
  ]);
});

test('its configs are accepted by the programs that read them', async () => {
  const rules = join(root, 'helm/atlas-private-endpoint-exporter/files/rules');
  const config = readFileSync(join(root, 'config/stack/prometheus.yaml'), 'utf8').replace(
    '/etc/prometheus/rules',
    rules,
  );
  const file = join(folder, 'prometheus.yaml');
  writeFileSync(file, config);
  const checked = await promtool('check', 'config', file);
  expect([checked.code, checked.output.match(/SUCCESS: \d+ rules found/g)?.length]).toEqual([
    0,
    readdirSync(rules).length,
  ]);
  const { amtool } = programsOf(thisPrometheus());
  expect((await runProgram(amtool, 'check-config', join(root, 'config/stack/alertmanager.yaml'))).code).toBe(0);
  const { blackbox_exporter = '' } = provideTool('blackbox');
  const example = join(root, 'config/blackbox.example.yaml');
  expect((await runProgram(blackbox_exporter, '--config.check', `--config.file=${example}`)).code).toBe(0);
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
async function ask<T>(url: string): Promise<T | null> {
  try {
    const answer = await fetch(url);
    return answer.ok ? ((await answer.json()) as T) : null;
  } catch {
    return null;
  }
}

test('npm run demo:stack shows the whole product, and leaves nothing', async () => {
  const { blackbox_exporter = '' } = provideTool('blackbox');
  symlinkSync(blackbox_exporter, join(folder, 'blackbox_exporter'));
  const offset = (await freePort()) - 27_900;
  const shift = offset > 0 ? offset : 10_000;
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}`, TMPDIR: folder };
  const child = spawn(process.execPath, [join(root, 'scripts/stack.ts'), '--port-offset', String(shift)], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  const ended = once(child, 'exit');
  const prometheus = `http://127.0.0.1:${9_090 + shift}`;
  const answers = async () => {
    const query = encodeURIComponent('count by (job) (probe_success{cluster_name!=""})');
    const found = await ask<{ data: { result: { metric: { job: string } }[] } }>(
      `${prometheus}/api/v1/query?query=${query}`,
    );
    const managers = await ask<{ data: { activeAlertmanagers: unknown[] } }>(`${prometheus}/api/v1/alertmanagers`);
    return [
      ...(found?.data.result ?? []).map(({ metric }) => metric.job).sort(),
      `${managers?.data.activeAlertmanagers.length ?? 0} Alertmanager`,
    ];
  };
  try {
    const wanted = ['atlas-reachability-tcp', 'atlas-reachability-tls', '1 Alertmanager'];
    for (const end = Date.now() + 90_000; Date.now() < end && child.exitCode === null; await wait(500))
      if (`${await answers()}` === `${wanted}`) break;
    expect([output, await answers()]).toEqual([expect.stringContaining(`Prometheus    ${prometheus}/`), wanted]);
  } finally {
    child.kill('SIGTERM');
  }
  expect(await ended).toEqual([0, null]);
  expect(await ask(`${prometheus}/api/v1/alertmanagers`)).toBeNull();
  expect(readdirSync(folder).filter((name) => name.startsWith('demo-stack-'))).toEqual([]);
});

test('without a Prometheus it says what to do', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/stack.ts')], {
    encoding: 'utf8',
    env: { PATH: folder },
  });
  expect([status, stderr]).toEqual([
    1,
    'There is no Prometheus on the PATH: apt-get install prometheus prometheus-alertmanager prometheus-blackbox-exporter, or, with containers: docker compose up --build\n',
  ]);
});
