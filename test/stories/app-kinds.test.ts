/** Every kind through the whole app: from an answer in Atlas' shape to metrics, pages and JSON. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli/cli.ts';
import { connectionKinds, kinds, listsOf } from '../../src/domain/status.ts';
import { effects } from '../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import type { OtherKind, SimulatedProject } from '../../src/simulator/world/model.ts';
import { otherKinds } from '../../src/simulator/world/other-kinds.ts';
import { type Recorded, recorded } from '../atlas/fixtures.ts';
import { textOf } from '../pages/view.ts';
import { simulatorConfig, startDaemon } from '../support/daemon.ts';
import { select } from '../support/exposition-parser.ts';
import { fakeWorld } from '../support/world.ts';

const id = '66a1b2c3d4e5f60718293a4b';
const fast = `poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false, kinds: [${kinds.join(', ')}]}`;
const sources = kinds.flatMap((kind) => listsOf(kind).map((cloud) => `${kind} ${cloud}`.trimEnd()));
let simulator: Simulator;
let project: SimulatedProject;

async function start(owner: boolean): Promise<void> {
  simulator = createSimulator({ accounts: [{ user: demoKeys.publicKey, secret: demoKeys.privateKey, owner }] });
  await simulator.start();
  project = simulator.world.addProject({ id, name: 'shop-prod', regionalMode: true });
}
beforeEach(() => start(true));
afterEach(() => simulator[Symbol.asyncDispose]());

/** One body for each source, of those that have more than one the richest. */
const bodies = ['AWS, in use 3', 'AZURE 2', 'GCP', 'data federation', 'streams', 'encryption at rest', 'backup'].map(
  (name) => recorded.find((entry) => entry.name === name) as Recorded,
);

function serve({ source: { kind, cloudProvider }, list, details }: Recorded): void {
  const lists = kind === 'cluster' ? 'v2.list' : `v2.${kind}`;
  const mine = ({ operation, target }: { operation: string; target: string }, name: string) =>
    operation === name && (cloudProvider === '' || target.includes(`/${cloudProvider}/`));
  const answer = (body: string) =>
    effects.reply({ status: 200, headers: { 'Content-Type': 'application/json' }, body });
  simulator.faults.add(answer(list), (call) => mine(call, lists));
  if (details[0] !== undefined) simulator.faults.add(answer(details[0]), (call) => mine(call, 'v2.endpoint'));
}

test('answers in the real shape of every kind reach metrics, pages and JSON', async () => {
  for (const body of bodies) serve(body);
  const orders = simulator.world.addCluster(project, 'orders');
  const failed = { status: 'FAILED', errorMessage: 'Endpoint vpce-0a1b2c3d4e5f60799 is gone: make the string anew.' };
  simulator.world.putManagedString(orders, { ...failed, privateEndpointIds: ['vpce-0a1b2c3d4e5f60799'] });
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], fast));
  const up = 'mongodb_atlas_exporter_source_up';
  await daemon.until('every source', async () => {
    const found = select(await daemon.metrics(), up);
    return found.length === sources.length && found.every(({ value }) => value === 1);
  });
  const families = await daemon.metrics();
  const present = select(families, 'mongodb_atlas_private_endpoint_connection_status')
    .filter(({ value, labels }) => value === 1 && labels['kind'] !== 'cluster')
    .map(({ labels }) => `${labels['kind']} ${labels['cloud_provider']} ${labels['status']}`.replace('  ', ' '));
  expect(present.toSorted()).toEqual([
    'backup AWS FAILED',
    'data_federation FAILED',
    'data_federation OK',
    'data_federation PENDING',
    'encryption_at_rest AZURE ACTIVE',
    'encryption_at_rest AZURE PENDING_ACCEPTANCE',
    'encryption_at_rest AZURE PENDING_RECREATION',
    'managed_connection_strings FAILED',
    'streams DONE',
    'streams FAILED',
    'streams OTHER',
    'streams WORKING',
  ]);
  const errors = select(families, 'mongodb_atlas_private_endpoint_connection_error_info').map(
    ({ labels }) => `${labels['kind']} ${labels['error_class']}: ${labels['error_message']}`,
  );
  expect(errors.toSorted()).toEqual([
    'backup endpoint_not_found: Interface endpoint vpce-0a1b2c3d4e5f60741 was not found.',
    expect.stringMatching(/^data_federation \w+: Endpoint could not be approved\.$/),
    'encryption_at_rest recreating: Connection request removed, recreating endpoint',
    'managed_connection_strings other: Endpoint vpce-0a1b2c3d4e5f60799 is gone: make the string anew.',
    expect.stringMatching(/^streams \w+: The namespace was not found\.$/),
  ]);
  // One list holds every cloud: each element has its own.
  const clouds = select(families, 'mongodb_atlas_private_endpoint_connection_info')
    .filter(({ labels }) => labels['kind'] === 'streams')
    .map(({ labels }) => [labels['cloud_provider'], labels['connection_cloud_provider']]);
  expect(clouds).toEqual([
    ['', 'AWS'],
    ['', 'AZURE'],
    ['', 'GCP'],
    ['', 'AZURE'],
  ]);

  const { connections } = (await (await daemon.get('/api/v1/connections?limit=1000')).json()) as {
    connections: { kind: string }[];
  };
  expect(Object.keys(Object.groupBy(connections, (entry) => entry.kind)).sort()).toEqual([...connectionKinds].sort());
  expect(connections).toContainEqual(
    expect.objectContaining({
      kind: 'encryption_at_rest',
      status: 'PENDING_ACCEPTANCE',
      status_class: 'needs_user',
      atlas_region: 'EUROPE_NORTH',
    }),
  );

  const text = textOf(await (await daemon.get(`/projects/${id}`)).text());
  expect(text).toContain('PENDING_ACCEPTANCE 66f1d2e3f405162738495ea1 AZURE EUROPE_NORTH encryption_at_rest');
  expect(text).toContain('What to do: Approve the pending private endpoint connection in the console of your cloud');
  expect(text).toContain('FAILED 66f1d2e3f405162738495ea3 AWS US_EAST_2 backup');
  for (const source of sources) expect(text).toContain(`${source} `);
  await daemon.until('the regional mode', async () =>
    (await (await daemon.get(`/projects/${id}`)).text()).includes('<dt>Regional mode</dt><dd>on'),
  );
});

test('a change of every kind is counted, logged, and told as JSON once', async () => {
  const others = connectionKinds.filter((kind): kind is OtherKind => kind in otherKinds);
  const endpoints = others.map((kind) =>
    simulator.world.addOtherEndpoint(project, { kind, cloud: listsOf(kind)[0] || 'AWS' }),
  );
  await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], fast));
  const counted = async (family: string) =>
    select(await daemon.metrics(), `mongodb_atlas_private_endpoint_${family}`)
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => [labels['kind'], labels['change'] ?? labels['status'] ?? '', value].join(' '))
      .sort();
  await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
  for (const endpoint of endpoints) {
    simulator.world.setStatus(endpoint, 'FAILED');
    simulator.world.setErrorMessage(endpoint, 'Interface endpoint vpce-0a1b2c3d4e5f60741 was not found.');
  }
  const each = (what: string) => others.map((kind) => `${kind} ${what} 1`).sort();
  const all = async (family: string, what: string) => (await counted(family)).join() === each(what).join();
  await daemon.until('the failures', () => all('connection_status_changes_total', 'FAILED'));
  expect(await counted('connection_error_message_changes_total')).toEqual(each('set'));
  for (const endpoint of endpoints) simulator.world.removeOtherEndpoint(endpoint);
  await daemon.until('the ends', async () => (await counted('connections_removed_total')).length === others.length);
  expect((await counted('connection_removed_timestamp_seconds')).length).toBe(others.length);
  const { changes } = (await (await daemon.get('/api/v1/changes?limit=1000')).json()) as {
    changes: { kind: string; type: string }[];
  };
  const told = changes.map((change) => `${change.kind} ${change.type}`);
  expect(told.toSorted()).toEqual(
    others.flatMap((kind) => ['error_message', 'removed', 'status'].map((type) => `${kind} ${type}`)).sort(),
  );
  expect(daemon.log.filter(({ message }) => message === 'Error message changed')).toHaveLength(others.length);
});

describe('a key that only reads', () => {
  const ownersOnly = ['backup AWS', 'encryption_at_rest AWS', 'encryption_at_rest AZURE'];
  beforeEach(async () => {
    await simulator[Symbol.asyncDispose]();
    await start(false);
    for (const kind of ['data_federation', 'streams'] as const) simulator.world.addOtherEndpoint(project, { kind });
  });

  test('is forbidden what wants an owner, and the others go on', async () => {
    await using daemon = await startDaemon(simulatorConfig(simulator.url, [id], fast));
    await daemon.until('ready', async () => (await daemon.get('/-/ready')).ok);
    const families = await daemon.metrics();
    const down = select(families, 'mongodb_atlas_exporter_source_failure').map(
      ({ labels }) => `${labels['kind']} ${labels['cloud_provider']} ${labels['reason']}`,
    );
    expect(down.toSorted()).toEqual(ownersOnly.map((source) => `${source} forbidden`));
    const up = select(families, 'mongodb_atlas_exporter_source_up').filter(({ value }) => value === 1);
    expect(up).toHaveLength(sources.length - ownersOnly.length);
    const listed = select(families, 'mongodb_atlas_private_endpoint_connection_ready').map(
      ({ labels }) => labels['kind'],
    );
    expect(listed.toSorted()).toEqual(['data_federation', 'streams']);
    // A role that is missing is no wrong key: the circuit stays closed, and polls of the others go on being sent.
    simulator.forgetRequests();
    await daemon.until('more polls', async () => (simulator.counts()['v2.streams 200'] ?? 0) >= 2);
    expect(simulator.requests.some(({ operation, status }) => operation === 'v2.backup' && status >= 400)).toBe(true);
    const text = textOf(await (await daemon.get('/')).text());
    expect(text).toContain('3 sources (backup, encryption_at_rest) of 1 project with the credential main : shop-prod');
    expect(text).toContain(`Give the API key of credential 'main' the role Project Owner in project ${id}.`);
  });

  test('is told so by check --online before', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kinds-'));
    const file = join(folder, 'exporter.yaml');
    writeFileSync(file, simulatorConfig(simulator.url, [id], fast));
    const world = fakeWorld();
    expect(await runCli(['check', '--online', '--config.file', file], world)).toBe(2);
    rmSync(folder, { recursive: true });
    const [cause, lists, remedy] = world.err().trimEnd().split('\n').slice(-3);
    expect(cause).toMatch(/^Not ok: credential 'main': forbidden: Atlas answered 40[13] /);
    expect(
      /\((.+)\) of 1 project: /
        .exec(lists ?? '')?.[1]
        ?.split(', ')
        .sort(),
    ).toEqual(ownersOnly);
    expect(remedy).toBe(`  Give the API key of credential 'main' the role Project Owner in project ${id}`);
    for (const source of sources.filter((name) => !ownersOnly.includes(name)))
      expect(world.out()).toContain(`# ok: credential 'main', ${source}: 1 project, `);
  });
});
