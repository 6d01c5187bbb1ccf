/** The commands of the runbooks against a real exporter and a simulated Atlas: each of them answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { runProgram } from '../../support/promtool.ts';

const runbooks = new URL('../../../docs/runbooks/', import.meta.url).pathname;
let simulator: Simulator;
let exporter: Daemon;
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
  await exporter.until('a poll', async () => (await exporter.series())[`mongodb_atlas_exporter_polls_total`]);
  world.setErrorMessage(connection, 'The first one.');
  await exporter.until('a change', async () => {
    const { changes } = (await (await exporter.get('/api/v1/changes')).json()) as { changes: unknown[] };
    return changes.length > 0;
  });
  const common = { PROJECT: project.id, ORG: demoKeys.orgId, CLUSTER: cluster.name };
  names = {
    AWS: { ...common, CLOUD: 'AWS', CONNECTION: connection.id, ENDPOINT: endpoint.id },
    GCP: { ...common, CLOUD: 'GCP', CONNECTION: onGoogle.id, ENDPOINT: group.id },
    AZURE: { ...common, CLOUD: 'AZURE', CONNECTION: onAzure.id, ENDPOINT: azureEndpoint.id },
  };
});
afterAll(async () => {
  await exporter[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
});

/** What a block of a runbook asks by curl, one command after the other, with the names of the world filled in. */
function toScript(block: string, known: Readonly<Record<string, string>>): string {
  const joined = block.replace(/\\\n\s*/g, ' ').split('\n');
  const asked = joined.filter(
    (line) => /^\w+=\S|curl|^atlas_get|^}/.test(line) && !/kubectl|brew|^[A-Z_]+=\$\(/.test(line),
  );
  const filledIn = asked.map((line) => {
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

const blocks = readdirSync(runbooks).flatMap((name) =>
  [...readFileSync(join(runbooks, name), 'utf8').matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, block = '']) => block)
    .filter((block) => block.includes('curl'))
    .flatMap((block, index) => {
      const several = /^CLOUD=.*AZURE/m.test(block) && block.includes('$ENDPOINT');
      const clouds = several ? (['AWS', 'AZURE'] as const) : ([block.includes('CLOUD=GCP') ? 'GCP' : 'AWS'] as const);
      return clouds.map((cloud) => [name, index + 1, cloud, block] as const);
    }),
);

test.each(blocks)('%s, block %i, %s', async (_name, _index, cloud, block) => {
  const environment = [
    `export MONGODB_ATLAS_PUBLIC_API_KEY=${demoKeys.publicKey} MONGODB_ATLAS_PRIVATE_API_KEY=${demoKeys.privateKey}`,
    `export MONGODB_ATLAS_CLIENT_ID=${demoKeys.clientId} MONGODB_ATLAS_CLIENT_SECRET=${demoKeys.clientSecret}`,
  ];
  const script = ['set -eu -o pipefail', ...environment, toScript(block, names[cloud])].join('\n');
  const { code, output } = await runProgram('bash', '-c', script);
  expect([code, output]).toEqual([0, expect.stringMatching(/\S/)]);
  expect(output).not.toMatch(/"errorCode"|curl: \(|"changes": ?\[\]/);
  expect(script.match(/curl/g)?.length).toBeGreaterThan(0);
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
