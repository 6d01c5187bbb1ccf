/** Prometheus is restarted: what was told goes on being told, and who was rung up is not rung up again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSimulator } from '../../../src/simulator/simulator.ts';
import { alertmanagerConfig } from '../../support/alertmanager-config.ts';
import { simulatorConfig, startDaemon } from '../../support/daemon.ts';
import { until } from '../../support/process.ts';
import { startAlertmanager, startPrometheus, startWebhook } from '../../support/prometheus.ts';
import { writeRules } from '../../support/rule-overrides.ts';

/**
 * A second stands for fifteen: Prometheus tells again after five seconds, so what Alertmanager does not hear of for twenty has
 * ended. What waits does so for longer than that, as five minutes are longer than four.
 */
const forgottenMs = 20_000;
const wait = 25;

const everySecond = [
  'poll: {kinds: [cluster, connection_strings], schedule: "* * * * * *", slowSchedule: "* * * * * *", spread: 0s, fastSchedule: false}',
  'metrics: {staleAfter: 1s}',
].join('\n');

test('a restart of Prometheus ends no alert, and rings nobody up again', async () => {
  await using all = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'restart-'));
  all.defer(() => rmSync(home, { recursive: true, force: true }));
  const [here, away] = [all.use(createSimulator({ seed: 1 })), all.use(createSimulator({ seed: 2 }))];
  for (const simulator of [here, away]) await simulator.start();

  const project = here.world.addProject({ name: 'payments' });
  const flaps = here.world.addConnection(project, { status: 'FAILED' });
  const group = here.world.attach(here.world.addConnection(project, { cloud: 'GCP', portMapped: true }));
  here.world.setMember(group, group.members[0]?.name ?? '', 'FAILED');
  here.world.attach(here.world.addConnection(project, { cloud: 'GCP', portMapped: false }));
  away.world.addConnection(away.world.addProject({ name: 'orders' }));

  const start = async ({ url, world }: typeof here) =>
    await startDaemon(simulatorConfig(url, [...world.projects.keys()], everySecond));
  const daemon = all.use(await start(here));
  const other = await start(away);
  const jobs = [
    { name: 'here', targets: [new URL(daemon.url).host] },
    { name: 'away', targets: [new URL(other.url).host] },
  ];
  const webhook = all.use(await startWebhook());
  const alertmanager = all.use(
    await startAlertmanager({ folder: join(home, 'alertmanager'), config: alertmanagerConfig(webhook.url) }),
  );
  const ruleFiles = writeRules(home, {
    holdFor: { otherwise: `${wait}s` },
    thresholds: {
      ...{ failedSeconds: 1, clearAfterSeconds: 40, flappingChanges: 1_000 },
      ...{ absentSeconds: wait, memberFailedSeconds: wait, sunsetSeconds: wait },
      ...{ sunsetInfoSeconds: 1e9, sunsetWarningSeconds: 1e9, sunsetCriticalSeconds: 0 },
    },
    interval: '1s',
  });
  const folder = join(home, 'prometheus');
  const run = () => startPrometheus({ folder, jobs, ruleFiles, alertmanager: alertmanager.url });
  let prometheus = await run();
  all.defer(() => prometheus[Symbol.asyncDispose]());

  // It fails and is well by turns, all the time.
  const flapping = setInterval(() => {
    here.world.setStatus(flaps, flaps.status === 'FAILED' ? 'AVAILABLE' : 'FAILED');
  }, 3_000);
  all.defer(() => clearInterval(flapping));
  await until(
    'the other exporter is scraped',
    async () => (await prometheus.query('up{job="away"} == 1')).length,
    30_000,
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await other[Symbol.asyncDispose]();

  const told = () =>
    webhook.notices
      .map(({ status, labels }) => `${status} ${labels['alertname']?.replace('AtlasPrivateEndpoint', '')}`)
      .sort();
  const wanted = ['firing ExporterAbsent', 'firing Failed', 'firing MemberFailed', 'firing Sunset'];
  await until('all of it is told', async () => told().length >= wanted.length, 90_000);
  expect(told()).toEqual(wanted);

  await prometheus[Symbol.asyncDispose]();
  prometheus = await run();
  await new Promise((resolve) => setTimeout(resolve, forgottenMs + wait * 1_000));
  expect(told()).toEqual(wanted);
  const running = await prometheus.query('ALERTS{alertstate="firing"}');
  expect(
    running.map(({ labels }) => `firing ${labels['alertname']?.replace('AtlasPrivateEndpoint', '')}`).sort(),
  ).toEqual(wanted);
});
