import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planLoad } from '../../../src/config/exporter/arithmetic.ts';
import { loadConfig } from '../../../src/config/exporter/load.ts';
import { checkSchedule, runsPerHour } from '../../../src/polling/cron.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arithmetic-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const everything = '[cluster, data_federation, streams, encryption_at_rest, backup]';
const id = (n: number) => `"${n.toString(16).padStart(24, '0')}"`;

async function linesOf(...yaml: readonly string[]) {
  const file = join(folder, 'exporter.yaml');
  writeFileSync(file, ['credentials: {main: {digest: {publicKey: a, privateKey: b}}}', ...yaml].join('\n'));
  const loaded = await loadConfig({ file, env: {}, cwd: folder, checkSchedule });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return planLoad(loaded.config, runsPerHour).lines;
}

test('each project by its own kinds, providers and schedule; those that ask for the same are one line', async () => {
  const [total, ...rest] = await linesOf(
    'projects:',
    `  - {id: ${id(1)}, kinds: ${everything}}`,
    `  - {id: ${id(2)}}`,
    `  - {id: ${id(3)}}`,
    `  - {id: ${id(4)}, kinds: [streams], schedule: "*/30 * * * * *"}`,
    `  - {id: ${id(5)}, kinds: [encryption_at_rest], providers: [AZURE]}`,
    `  - {id: ${id(6)}, kinds: [backup], providers: [GCP]}`,
  );
  // 3 + 1 + 1 + 2 + 1 lists of every kind, 2 x 3 of clusters, 2 of streams, 1 of encryption; two look-ups an hour of
  // each project with clusters.
  expect(total).toContain('6 projects ask for 18 requests a minute');
  expect(rest.slice(0, 5)).toEqual([
    '  482 requests an hour and project: cluster AWS AZURE GCP, data_federation, streams, encryption_at_rest AWS AZURE, backup AWS, regional mode, limits (1 project)',
    '  194 requests an hour and project: cluster AWS AZURE GCP, connection_strings, regional mode, limits (2 projects)',
    '  120 requests an hour and project: streams (1 project)',
    '  60 requests an hour and project: encryption_at_rest AZURE (1 project)',
    '  0 requests an hour and project: nothing (1 project)',
  ]);
});

test('an organization by what it asks for itself', async () => {
  const lines = await linesOf(
    'discovery: [{organization: "5a1b2c3d4e5f60718293a4b5", kinds: [cluster, streams], providers: [AWS]}]',
    'poll: {kinds: [backup], fastSchedule: false, interfaceEndpoints: false}',
  );
  expect(lines).toEqual([
    'Organization 5a1b2c3d4e5f60718293a4b5: how many projects it has is not known yet; each asks for 122 requests an hour: cluster AWS, streams, regional mode, limits',
  ]);
});

test('what nobody can count yet is named', async () => {
  const named = async (kinds: string) =>
    (await linesOf(`projects: [{id: ${id(1)}, kinds: [${kinds}]}]`, 'poll: {fastSchedule: false}')).slice(2);
  expect(await named('streams, connection_strings, managed_connection_strings')).toEqual([
    'Each interface endpoint of a cluster is one more request of each poll',
    'Each cluster that seems to lack a private connection string is one more request of each poll',
    'Each cluster is one more request of each poll of managed_connection_strings',
  ]);
  expect(await named('cluster')).toHaveLength(1);
});

test('v1.0 is one list, and knows no regional mode', async () => {
  const lines = await linesOf('atlas: {api: v1.0}', `projects: [{id: ${id(1)}}]`, 'poll: {fastSchedule: false}');
  expect(lines[1]).toBe('  60 requests an hour and project: cluster AWS (1 project)');
});
