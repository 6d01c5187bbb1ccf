import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/simulator/clock.ts';
import { createSimulator, demoKeys, type Simulator } from '../../src/simulator/simulator.ts';
import { startDaemon } from '../support/daemon.ts';
import { select, valueIn } from '../support/exposition-parser.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = createSimulator();
  await simulator.start();
});
afterEach(() => simulator[Symbol.asyncDispose]());

const head = (url = simulator.url) => [
  `atlas: {baseUrl: "${url}", timeout: 20s, retries: 1}`,
  `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
];
const exporter = 'mongodb_atlas_exporter_';

test('an organization: projects come and go by complete listings, and nobody is told to be removed who is not', async () => {
  const [shop, pay, sandbox] = ['prod-shop', 'prod-pay', 'prod-sandbox'].map((name) =>
    simulator.world.addProject({ name }),
  );
  if (!shop || !pay || !sandbox) throw new Error('no projects');
  simulator.world.addConnection(pay);
  await using daemon = await startDaemon(
    [
      ...head(),
      `discovery: [{organization: "${demoKeys.orgId}", include: "^prod-", exclude: "sandbox$", schedule: "* * * * * *", providers: [AWS], labels: {team: core}}]`,
      'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}',
    ].join('\n'),
  );
  const projects = async () =>
    select(await daemon.metrics(), 'mongodb_atlas_project_info')
      .map(({ labels }) => labels['project_name'])
      .sort();
  await daemon.until('both projects', async () => (await projects()).join() === 'prod-pay,prod-shop');
  expect(select(await daemon.metrics(), 'mongodb_atlas_project_info')[0]?.labels).toMatchObject({
    org_id: demoKeys.orgId,
    team: 'core',
  });

  // A listing that fails, or is cut short once, removes nobody.
  const fault = simulator.faults.add(
    ({ send }) => send({ status: 200, headers: {}, body: '{"results":[]}' }),
    ({ operation }) => operation === 'v2.orgGroups',
    1,
  );
  await daemon.until('an empty listing', async () => fault.met === 1);
  const down = simulator.faults.add(
    ({ send }) => send({ status: 500, headers: {}, body: '' }),
    ({ operation }) => operation === 'v2.orgGroups',
  );
  await daemon.until('a failed listing', async () => valueIn(await daemon.metrics(), `${exporter}discovery_up`) === 0);
  expect(await projects()).toEqual(['prod-pay', 'prod-shop']);
  down.end();
  await daemon.until('a good listing', async () => valueIn(await daemon.metrics(), `${exporter}discovery_up`) === 1);
  expect(await projects()).toEqual(['prod-pay', 'prod-shop']);

  // A reload that changes nothing lists nothing anew, and forgets no listing.
  const listed = async () =>
    (await daemon.series())[`${exporter}discovery_last_success_timestamp_seconds{org_id="${demoKeys.orgId}"}`];
  const lastSuccess = await listed();
  expect(lastSuccess).toBeGreaterThan(0);
  expect(await daemon.app.reload()).toEqual({ ok: true });
  expect(valueIn(await daemon.metrics(), `${exporter}discovery_up`)).toBe(1);
  expect(await listed()).toBeGreaterThanOrEqual(lastSuccess ?? 0);

  simulator.world.removeProject(pay);
  await daemon.until('it left', async () => (await projects()).join() === 'prod-shop');
  const families = await daemon.metrics();
  expect(
    select(families, 'mongodb_atlas_project_removed_timestamp_seconds').map(({ labels }) => labels['atlas_project_id']),
  ).toEqual([pay.id]);
  expect(
    select(families, 'mongodb_atlas_private_endpoint_connections_removed_total').map(({ value }) => value),
  ).toEqual([0]);
  expect(select(families, 'mongodb_atlas_private_endpoint_connection_removed_timestamp_seconds')).toEqual([]);
  expect(daemon.log.filter(({ message }) => message === 'Project left the organization')).toMatchObject([
    { atlas_project_id: pay.id, remedy: expect.stringContaining('role in the project') },
  ]);
});

test('a bucket that is too small fails its polls with what Atlas said, asks no more than it must, and delays nobody else', async () => {
  // A bucket is filled with each minute: in a minute that stands still, nothing ends the back-off while the test looks.
  const clock = { ...systemClock, now: () => 0 };
  await using simulator = createSimulator({ clock });
  await simulator.start();
  const [small, large] = [simulator.world.addProject(), simulator.world.addProject()];
  simulator.buckets.setCapacity('privateEndpoint', 3, small.id);
  await using daemon = await startDaemon(
    [
      ...head(simulator.url),
      `projects: [${[small, large].map((one) => `{id: "${one.id}", kinds: [cluster], providers: [AWS]}`).join(', ')}]`,
      // A poll may take as long as its gap: seconds enough for a busy machine.
      'poll: {schedule: "*/4 * * * * *", spread: 0s, fastSchedule: false}',
    ].join('\n'),
  );
  const value = async (name: string, labels = {}) => valueIn(await daemon.metrics(), exporter + name, labels) ?? 0;
  const failures = async (reason: string) => value('poll_failures_total', { reason });
  await daemon.until('the failure', async () => (await failures('rate_limited')) > 0);
  const before = simulator.requests.filter(({ projectId }) => projectId === large.id).length;
  await daemon.until(
    'polls of the other',
    async () => simulator.requests.filter(({ projectId }) => projectId === large.id).length >= before + 2,
  );
  for (const line of daemon.log.filter(({ level }) => level === 'warn')) {
    expect(line).toMatchObject({
      atlas_project_id: small.id,
      reason: 'rate_limited',
      detail: expect.stringMatching(/^Atlas answered 429 /),
    });
  }
  expect(await value('source_up', { atlas_project_id: large.id })).toBe(1);
  expect(await value('api_backoff_until_timestamp_seconds')).toBeGreaterThan(Date.now() / 1000);
  expect(simulator.requests.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(1);
});

test('a key that is mended in the config is used with the next poll, and its state stays', async () => {
  const project = simulator.world.addProject();
  const yaml = (key: string) =>
    [
      ...head(),
      `projects: [{id: "${project.id}", kinds: [cluster], providers: [AWS]}]`,
      'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}',
    ]
      .join('\n')
      .replace(demoKeys.privateKey, key);
  await using daemon = await startDaemon(yaml('wrong'));
  const failure = async () => select(await daemon.metrics(), `${exporter}source_failure`)[0]?.labels['reason'];
  await daemon.until('the failure', async () => (await failure()) === 'unauthorized');
  daemon.configure(yaml(demoKeys.privateKey));
  await daemon.app.reload();
  await daemon.until('recovery', async () => (await failure()) === undefined);
  expect(simulator.counts()['challenge 401']).toBeLessThanOrEqual(4);
});

test('discovery that finds no wanted project is told by the log and by a gauge', async () => {
  simulator.world.addProject({ name: 'test' });
  await using daemon = await startDaemon(
    [...head(), `discovery: [{organization: "${demoKeys.orgId}", include: "^prod-", providers: [AWS]}]`].join('\n'),
  );
  const told = () => daemon.log.filter(({ message }) => message === 'Discovery finds no wanted project');
  await daemon.until('the line of the log', async () => told().length > 0);
  expect(told()).toEqual([
    expect.objectContaining({
      level: 'warn',
      org_id: demoKeys.orgId,
      detail: 'None of the projects that Atlas lists is wanted: 1 listed',
      remedy: expect.stringContaining('Check include and exclude'),
    }),
  ]);
  const series = await daemon.metrics();
  expect(valueIn(series, `${exporter}discovery_up`)).toBe(1);
  expect(valueIn(series, `${exporter}discovery_projects`)).toBe(0);
});
