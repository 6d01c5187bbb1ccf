/**
 * The commands of the runbooks, all of them as they stand there, against a real exporter and a simulated Atlas: each of them
 * answers. What belongs to somebody else (kubectl, the CLIs of Atlas and of the clouds) is a program that says what it was asked.
 */
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { runProgram } from '../../support/promtool.ts';

const runbooks = new URL('../../../docs/runbooks/', import.meta.url).pathname;
let simulator: Simulator;
let exporter: Daemon;
/** Stands for blackbox_exporter. */
let prober: Server;
let folder: string;
/** The names that stand in an alert's labels, for each cloud that a runbook speaks of. */
let names: Readonly<Record<'AWS' | 'AZURE' | 'GCP', Readonly<Record<string, string>>>>;

beforeAll(async () => {
  simulator = createSimulator({ seed: 1 });
  await simulator.start();
  const { world } = simulator;
  const project = world.addProject({ name: 'payments' });
  const connection = world.addConnection(project);
  const endpoint = world.attach(connection);
  const onAzure = world.addConnection(project, { cloud: 'AZURE' });
  // The id of an Azure endpoint is a path of several names.
  const azureEndpoint = world.attach(onAzure);
  const onGoogle = world.addConnection(project, { cloud: 'GCP' });
  const group = world.attach(onGoogle);
  world.addConnection(project, { status: 'HIBERNATING' });
  const cluster = world.addCluster(project, 'orders-eu');
  exporter = await startDaemon(simulatorConfig(simulator.url, [project.id]));
  // What it has at the first poll is no change.
  await exporter.until('the connection', async () =>
    Object.keys(await exporter.series()).some(
      (series) => series.includes('_connection_ready{') && series.includes(connection.id),
    ),
  );
  world.setErrorMessage(connection, 'The first one.');
  await exporter.until('a change', async () => {
    const { changes } = (await (await exporter.get('/api/v1/changes')).json()) as { changes: unknown[] };
    return changes.length > 0;
  });
  prober = createServer((request, response) => response.end(`${request.url}\n`)).listen(0, '127.0.0.1');
  await once(prober, 'listening');
  folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
  writeFileSync(join(folder, 'exporter.yaml'), simulatorConfig(simulator.url, [project.id]));
  writePrograms(project.id);
  const common = { NAMESPACE: namespace, PROJECT: project.id, ORG: demoKeys.orgId, CLUSTER: cluster.name };
  const { port } = prober.address() as AddressInfo;
  const PROBER = `127.0.0.1:${port}`;
  names = {
    AWS: { ...common, PROBER, CLOUD: 'AWS', CONNECTION: connection.id, ENDPOINT: endpoint.id },
    GCP: { ...common, CLOUD: 'GCP', CONNECTION: onGoogle.id, ENDPOINT: group.id },
    AZURE: { ...common, CLOUD: 'AZURE', CONNECTION: onAzure.id, ENDPOINT: azureEndpoint.id },
  };
});
afterAll(async () => {
  prober.close();
  await exporter[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  await simulator[Symbol.asyncDispose]();
});

const namespace = 'of-the-alert';
const main = new URL('../../../src/main.ts', import.meta.url).pathname;

/** Programs that stand before those of the machine. */
function writePrograms(project: string): void {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const write = (name: string, ...lines: readonly string[]) => {
    writeFileSync(join(bin, name), ['#!/bin/bash', 'set -eu', ...lines, ''].join('\n'));
    chmodSync(join(bin, name), 0o755);
  };
  const exporterItself = `exec ${process.execPath} ${main}`;
  write('atlas-private-endpoint-exporter', '[[ "$*" == *--config.file* ]]', `${exporterItself} "$@"`);
  const line = `{"level":"warn","msg":"The discovery, the reload, the state, a token, ip_access_list or unreadable","project":"${project}"}`;
  write(
    'kubectl',
    `[ "$1 $2" = "-n ${namespace}" ] || { echo "kubectl $*: not in the namespace of the alert" >&2; exit 1; }`,
    'shift 2',
    'case $1 in',
    `  logs) echo '${line}' ;;`,
    // There is nothing but Node in the image.
    `  exec) [ "$2 $3 $4 $5" = "pod/a -- node dist/main.js" ]; shift 5; args=("$@"); ${exporterItself} "\${args[@]/#\\/etc\\/exporter\\//}" ;;`,
    '  get) echo pod/a ;;',
    '  describe | port-forward) echo "$*" ;;',
    '  *) exit 1 ;;',
    'esac',
  );
  write('openssl', 'cat >/dev/null', 'echo "Subject: openssl $*"');
  for (const name of ['atlas', 'aws', 'az', 'gcloud', 'dig', 'nc']) write(name, `echo "${name} $*"`);
}

/** A block of a runbook with the names of the world filled in, and, before it, the names that blocks above it set. */
function toScript(block: string, above: readonly string[], known: Readonly<Record<string, string>>): string {
  const names = above.flatMap((one) => one.match(/^[A-Z_]+=[^$\s].*$/gm) ?? []);
  const filledIn = [...names, ...block.split('\n')].map((line) => {
    const [, name = ''] = /^([A-Z_]+)=/.exec(line) ?? [];
    return known[name] === undefined ? line : `${name}=${known[name]}`;
  });
  return (
    filledIn
      .join('\n')
      .replaceAll('https://cloud.mongodb.com', simulator.url)
      .replaceAll('http://localhost:27900', exporter.url)
      // What is wrong shows; where a status is what is asked for, any answer will do.
      .replaceAll('curl -s ', 'curl -sS --fail-with-body ')
  );
}

const blocks = readdirSync(runbooks).flatMap((name) => {
  const all = [...readFileSync(join(runbooks, name), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)].map(
    ([, block = '']) => block,
  );
  return all.flatMap((block, index) => {
    const google = all.slice(0, index + 1).some((one) => one.includes('CLOUD=GCP'));
    const several = block.includes('$ENDPOINT') ? (['AWS', 'AZURE'] as const) : (['AWS'] as const);
    const clouds = google ? (['GCP'] as const) : several;
    return clouds.map((cloud) => [name, index + 1, cloud, block, all.slice(0, index)] as const);
  });
});

test.each(blocks)('%s, block %i, %s', async (_name, _index, cloud, block, above) => {
  const environment = [
    `cd ${folder}; export PATH=${folder}/bin:$PATH`,
    `export MONGODB_ATLAS_PUBLIC_API_KEY=${demoKeys.publicKey} MONGODB_ATLAS_PRIVATE_API_KEY=${demoKeys.privateKey}`,
    `export MONGODB_ATLAS_CLIENT_ID=${demoKeys.clientId} MONGODB_ATLAS_CLIENT_SECRET=${demoKeys.clientSecret}`,
  ];
  const script = ['set -eu -o pipefail', ...environment, toScript(block, above, names[cloud])].join('\n');
  const { code, output } = await runProgram('bash', '-c', script);
  expect([code, output]).toEqual([0, expect.stringMatching(/\S/)]);
  expect(output).not.toMatch(/"errorCode"|curl: \(|"changes": ?\[\]/);
});

test('a block names nothing that the alert may lack but what it is about', () => {
  // A member that failed is always one of an interface endpoint.
  const rest = blocks.filter(([name]) => name !== 'AtlasPrivateEndpointMemberFailed.md');
  for (const [name, , , block] of rest) {
    const used = block.includes('$ENDPOINT');
    expect([name, /^ENDPOINT=/m.test(block)]).toEqual([name, used]);
    // The rest of the block is of the interface endpoint, too.
    if (used) expect([name, /^(PROJECT|CONNECTION|CLOUD)=/m.test(block)]).toEqual([name, false]);
  }
});

test('what changed is asked for from its newest end', () => {
  const asked = blocks.flatMap(([, , , block]) => block.split('\n').filter((line) => line.includes('/api/v1/changes')));
  expect(asked.filter((line) => !line.includes('order=newest'))).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
});

test('there are commands of both sorts', () => {
  expect(blocks.length).toBeGreaterThan(10);
  const all = blocks.map(([, , , block]) => block).join('\n');
  expect(all).toContain('http://localhost:27900/api/v1/changes');
  expect(all).toContain('https://cloud.mongodb.com/api/atlas/v2/groups');
});
