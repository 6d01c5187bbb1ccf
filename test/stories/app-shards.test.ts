import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ownsProject } from '../../src/domain/shard.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../support/daemon.ts';
import { select, valueIn } from '../support/exposition-parser.ts';

const polls = 'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}';
const count = 12;
let simulator: Simulator;
let home: string;
let projects: readonly string[];
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
  home = mkdtempSync(join(tmpdir(), 'shards-'));
  const made = Array.from({ length: count }, () => simulator.world.addProject());
  for (const project of made) simulator.world.addConnection(project);
  projects = made.map(({ id }) => id);
});
afterEach(async () => {
  await simulator[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

const aws = (yaml: string) => yaml.replaceAll('"}', '", providers: [AWS]}');
const watched = () => aws(simulatorConfig(simulator.url, projects, polls));
/** What the shard of this number is to do, with the state of its own that it had before. */
const startShard = (ordinal: number, total: number, yaml = watched()) =>
  startDaemon(yaml, { shard: { ordinal, total }, statePath: join(home, `${ordinal}.db`) });
const ownersOf = (total: number) =>
  projects.map((id) =>
    Array.from({ length: total }, (_, ordinal) => ordinal).find((ordinal) => ownsProject(id, { ordinal, total })),
  );

/** The projects whose every source is up. */
async function upOf(daemon: Daemon): Promise<readonly string[]> {
  const sources = select(await daemon.metrics(), 'mongodb_atlas_exporter_source_up');
  return sources.filter(({ value }) => value === 1).map(({ labels }) => labels['atlas_project_id'] ?? '');
}
const allUp = (daemon: Daemon, ordinal: number, total: number) => {
  const owners = ownersOf(total);
  const own = projects.filter((_, at) => owners[at] === ordinal);
  return daemon.until(`shard ${ordinal} of ${total}`, async () => (await upOf(daemon)).length === own.length && own);
};
const changesOf = async (daemon: Daemon) => {
  const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as {
    changes: readonly { atlas_project_id: string }[];
  };
  return changes;
};

test('each project has one shard, and each shard tells which it is', async () => {
  await using first = await startShard(0, 2);
  await using second = await startShard(1, 2);
  const shares = [await allUp(first, 0, 2), await allUp(second, 1, 2)];
  expect(shares.flat().sort()).toEqual([...projects].sort());
  for (const [ordinal, daemon] of [first, second].entries()) {
    expect(await upOf(daemon)).toEqual(expect.arrayContaining([...(shares[ordinal] ?? [])]));
    const families = await daemon.metrics();
    expect(valueIn(families, 'mongodb_atlas_exporter_shard_ordinal')).toBe(ordinal);
    expect(valueIn(families, 'mongodb_atlas_exporter_total_shards')).toBe(2);
    expect(valueIn(families, 'mongodb_atlas_exporter_projects')).toBe(shares[ordinal]?.length);
    expect(select(families, 'mongodb_atlas_project_info')).toHaveLength(shares[ordinal]?.length ?? 0);
  }
  // Nobody asks for what is another's.
  const asked = simulator.requests.filter(({ operation }) => operation === 'v2.list').map(({ projectId }) => projectId);
  expect(new Set(asked)).toEqual(new Set(projects));
});

test('a project that moves makes no change, ends in the old shard, and is a baseline in the new one', async () => {
  {
    await using first = await startShard(0, 2);
    await using second = await startShard(1, 2);
    await allUp(first, 0, 2);
    await allUp(second, 1, 2);
  }
  const [before, after] = [ownersOf(2), ownersOf(3)];
  const moved = projects.filter((_, at) => before[at] !== after[at]);
  expect(moved.length).toBeGreaterThan(0);
  expect(moved.length).toBeLessThan(count / 2 + 1);
  // While nobody looks, something happens to one that moves: not told, because it begins anew.
  const [connection] = [...simulator.world.connections.values()].filter(({ projectId }) => projectId === moved[0]);
  if (connection) simulator.world.setStatus(connection, 'FAILED');

  await using first = await startShard(0, 3);
  await using second = await startShard(1, 3);
  await using third = await startShard(2, 3);
  for (const [ordinal, daemon] of [first, second, third].entries()) {
    await allUp(daemon, ordinal, 3);
    const families = await daemon.metrics();
    expect(await changesOf(daemon)).toEqual([]);
    for (const name of ['added_total', 'removed_total'])
      for (const { value } of select(families, `mongodb_atlas_private_endpoint_connections_${name}`))
        expect(value).toBe(0);
    expect(select(families, 'mongodb_atlas_private_endpoint_connection_removed_timestamp_seconds')).toEqual([]);
  }
  expect([...(await upOf(third))].sort()).toEqual([...moved].sort());
  const status = select(await third.metrics(), 'mongodb_atlas_private_endpoint_connection_status', {
    status: 'FAILED',
  });
  expect(status.filter(({ value }) => value === 1)).toHaveLength(1);
});

test('what was moved away is forgotten: when it comes back, it is a baseline again', async () => {
  const after = ownersOf(2);
  const moving = projects.find((_, at) => after[at] === 1);
  const [connection] = [...simulator.world.connections.values()].filter(({ projectId }) => projectId === moving);
  if (!connection) throw new Error('No project moves');
  const aloneAnd = async (act: (daemon: Daemon) => Promise<void>) => {
    await using alone = await startShard(0, 1);
    await alone.until('all', async () => (await upOf(alone)).length === count);
    await act(alone);
  };
  await aloneAnd(async () => {});
  {
    await using first = await startShard(0, 2);
    await allUp(first, 0, 2);
  }
  simulator.world.setStatus(connection, 'FAILED');
  await aloneAnd(async (alone) => expect(await changesOf(alone)).toEqual([]));
});

test('discovery: each shard lists the organization once, and takes its share', async () => {
  const yaml = simulatorConfig(
    simulator.url,
    [],
    `${polls}\ndiscovery: [{organization: "${demoKeys.orgId}", kinds: [cluster], providers: [AWS]}]`,
  );
  simulator.forgetRequests();
  await using first = await startShard(0, 2, yaml);
  await using second = await startShard(1, 2, yaml);
  await allUp(first, 0, 2);
  await allUp(second, 1, 2);
  expect(simulator.requests.filter(({ operation }) => operation === 'v2.orgGroups')).toHaveLength(2);
});
