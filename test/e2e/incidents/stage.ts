/** Ten exporters with a simulated Atlas each, and one Prometheus and Alertmanager that watch all of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import { alertmanagerConfig } from '../../support/alertmanager-config.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import {
  type Notice,
  type Notification,
  type Prometheus,
  startAlertmanager,
  startPrometheus,
  startWebhook,
  stopProcess,
} from '../../support/prometheus.ts';
import { thisPrometheus } from '../../support/provided.ts';
import { writeRules } from '../../support/rule-overrides.ts';
import { sunsetThresholds } from './clusters.ts';

/** An exporter and its Atlas. */
interface Part {
  readonly simulator: Simulator;
}

export interface Stage {
  readonly fleet: Part;
  readonly messages: Part & { seen(pattern: RegExp, value: number): Promise<void> };
  readonly outage: Part;
  readonly revoked: Part;
  readonly unlisted: Part;
  readonly killed: Part & { kill(): Promise<void>; replace(): Promise<void> };
  readonly organization: Part;
  readonly mass: Part;
  readonly cloud: Part;
  readonly clusters: Part;
  /** Does something of which the scrapes of `messages` see only the end. */
  betweenScrapes(act: () => Promise<void>): Promise<void>;
}

export interface Running extends AsyncDisposable {
  readonly prometheus: Prometheus;
  readonly notices: readonly Notice[];
  readonly notifications: readonly Notification[];
}

/** As short as a slow machine allows; what waits for others to speak first waits longer. */
export const overrides = {
  holdFor: {
    otherwise: '3s',
    AtlasPrivateEndpointDataStale: '20s',
  },
  thresholds: {
    ...{ failedSeconds: 3, lostSeconds: 3, errorSeconds: 3, refusedSeconds: 6, eventSeconds: 3 },
    ...sunsetThresholds(Date.now()),
    ...{
      stringLostSeconds: 3,
      stringMissingSeconds: 3,
      regionWithoutSeconds: 3,
      memberFailedSeconds: 3,
      sunsetSeconds: 3,
    },
    ...{ absentSeconds: 20 },
    ...{ connectionStuckSeconds: 8, stuckMarginSeconds: 3, pollFailingSeconds: 15 },
  },
  interval: '1s',
};

/** The job whose classic histograms become native ones, where Prometheus can do that. */
export const convertedJob = 'fleet';
export const converts = () => thisPrometheus().version.startsWith('3.');
const conversion = () => (converts() ? { convert_classic_histograms_to_nhcb: true } : {});

const jobs = [
  ...(['fleet', 'messages', 'outage', 'revoked', 'unlisted', 'killed', 'organization'] as const),
  ...(['mass', 'cloud', 'clusters'] as const),
] as const;
type JobName = (typeof jobs)[number];

/** The simulators listen, so that incidents can furnish them; nothing else runs yet. */
export async function furnish(): Promise<{ stage: Stage; start(): Promise<Running> } & AsyncDisposable> {
  await using building = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'alerting-'));
  building.defer(() => rmSync(home, { recursive: true, force: true }));
  const simulators = {} as Record<JobName, Simulator>;
  for (const [index, job] of jobs.entries()) {
    simulators[job] = building.use(createSimulator({ seed: index + 1 }));
    await simulators[job].start();
  }
  const part = (job: JobName): Part => ({ simulator: simulators[job] });
  const addresses = new Map<JobName, string>();
  let prometheus: Prometheus | null = null;
  let process: Exporter | null = null;

  const stage: Stage = {
    ...{ fleet: part('fleet'), outage: part('outage'), revoked: part('revoked'), unlisted: part('unlisted') },
    ...{ organization: part('organization'), mass: part('mass'), cloud: part('cloud') },
    clusters: part('clusters'),
    messages: {
      ...part('messages'),
      seen: (pattern, value) => seen(addresses.get('messages'), pattern, value),
    },
    killed: {
      ...part('killed'),
      kill: async () => process?.kill(),
      async replace() {
        process = await spawnExporter(join(home, 'killed'), configOf('killed', simulators.killed));
        prometheus?.retarget('killed', [process.address]);
      },
    },
    async betweenScrapes(act) {
      for (let tries = 0; tries < 10; tries++) {
        const before = await nextScrape(prometheus, null);
        await act();
        if ((await lastScrape(prometheus)) === before) return;
      }
      throw new Error('A scrape came between every time');
    },
  };

  const running = building.move();
  return {
    stage,
    async start() {
      for (const job of jobs) {
        if (job === 'killed') continue;
        const daemon: Daemon = running.use(await startDaemon(configOf(job, simulators[job])));
        addresses.set(job, new URL(daemon.url).host);
      }
      process = await spawnExporter(join(home, 'killed'), configOf('killed', simulators.killed));
      running.defer(() => process?.stop());
      addresses.set('killed', process.address);

      const webhook = running.use(await startWebhook());
      const alertmanager = running.use(
        await startAlertmanager({ folder: join(home, 'alertmanager'), config: alertmanagerConfig(webhook.url) }),
      );
      prometheus = running.use(
        await startPrometheus({
          folder: join(home, 'prometheus'),
          jobs: jobs.map((name) => ({
            name,
            targets: [addresses.get(name) ?? ''],
            interval: name === 'messages' ? '5s' : '1s',
            ...(name === convertedJob ? { rest: conversion() } : {}),
          })),
          ruleFiles: writeRules(home, overrides),
          alertmanager: alertmanager.url,
        }),
      );
      const { notices, notifications } = webhook;
      return { prometheus, notices, notifications, [Symbol.asyncDispose]: async () => {} };
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function configOf(job: JobName, { url, world }: Simulator): string {
  const rest = 'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}\nmetrics: {staleAfter: 1s}';
  const projects = [...world.projects.keys()];
  const everySecond = 'poll: {kinds: [cluster, connection_strings], slowSchedule: "* * * * * *", ';
  if (job === 'clusters') return simulatorConfig(url, projects, rest.replace('poll: {', everySecond));
  if (job !== 'organization') return simulatorConfig(url, projects, rest);
  const { clientId, clientSecret, orgId } = demoKeys;
  return [
    `atlas: {baseUrl: "${url}", timeout: 2s, retries: 1}`,
    `credentials: {robot: {serviceAccount: {clientId: ${clientId}, clientSecret: ${clientSecret}}}}`,
    `discovery: [{organization: "${orgId}", credential: robot, schedule: "* * * * * *"}]`,
    rest,
    '',
  ].join('\n');
}

interface Exporter {
  readonly address: string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** The exporter as a process of its own; the folder keeps its state over restarts. */
async function spawnExporter(folder: string, yaml: string): Promise<Exporter> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'exporter.yaml');
  writeFileSync(file, yaml);
  const main = new URL('../../../src/main.ts', import.meta.url).pathname;
  const args = ['--config.file', file, '--web.listen-address', '127.0.0.1:0', '--state.path', join(folder, 'state.db')];
  const child: ChildProcess = spawn(process.execPath, [main, 'run', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (!child.stdout) throw new Error('No output');
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, addresses } = JSON.parse(line);
    if (msg !== 'Started') continue;
    child.stdout.resume();
    return {
      address: addresses[0],
      async kill() {
        child.kill('SIGKILL');
        await exited;
      },
      stop: () => stopProcess(child),
    };
  }
  throw new Error('The exporter ended before it started');
}

/** Waits until a line of the exporter's metrics has this value. */
async function seen(address: string | undefined, pattern: RegExp, value: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    if (Number(pattern.exec(text)?.[1]) === value) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Waited in vain for ${pattern} to be ${value}`);
}

async function lastScrape(prometheus: Prometheus | null): Promise<number> {
  const [sample] = (await prometheus?.query('timestamp(up{job="messages"})')) ?? [];
  return sample?.value ?? 0;
}

/** Waits for the scrape after this one, or after the last one. */
async function nextScrape(prometheus: Prometheus | null, last: number | null): Promise<number> {
  const before = last ?? (await lastScrape(prometheus));
  for (let tries = 0; tries < 200; tries++) {
    const now = await lastScrape(prometheus);
    if (now !== before) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('Nothing is scraped');
}
