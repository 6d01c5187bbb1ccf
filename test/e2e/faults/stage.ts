/** The whole app before a simulated Atlas, for one fault after the other, and the rule that holds for every one of them. */

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { FailureReason } from '../../../src/domain/failure.ts';
import type { Call, Effect, Fault } from '../../../src/simulator/faults.ts';
import { createSimulator, demoKeys, type Simulator } from '../../../src/simulator/simulator.ts';
import type {
  SimulatedConnection,
  SimulatedInterfaceEndpoint,
  SimulatedProject,
} from '../../../src/simulator/world/model.ts';
import { type Daemon, type DaemonOptions, startDaemon } from '../../support/daemon.ts';
import { filesIn, findSecrets, type Secrets, type Told } from '../../support/secrets.ts';

export interface Stage extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly daemon: Daemon;
  /** The project that faults meet. It has a digest key of its own. */
  readonly met: SimulatedProject;
  readonly connection: SimulatedConnection;
  readonly endpoint: SimulatedInterfaceEndpoint;
  /** Another project, by a service account. */
  readonly other: SimulatedProject;
  readonly secrets: Secrets;
  /** Switches a fault on for lists of the project that faults meet, or for whatever fits. */
  inject(effect: Effect, matching?: (call: Call) => boolean, times?: number): Fault;
  configure(change: (yaml: string) => string): void;
  /** Puts the clocks of the app forward. */
  pass(ms: number): void;
  /** Whatever the app told anywhere: pages, metrics, log with its errors, and the files of its state. */
  told(): Promise<Told>;
  /** Fails when a secret stands in any of it. */
  expectNoSecret(): Promise<void>;
}

export interface StageOptions {
  /** Where the app asks, when that is not the simulator itself. */
  readonly baseUrl?: (simulator: string) => string;
  readonly atlas?: string;
  readonly daemon?: DaemonOptions;
  /** Further secrets to look for. */
  readonly secrets?: Secrets;
}

const metId = '5df264b8f10fab7d2cad2f0d';
const otherId = '5df264b8f10fab7d2cad2f0e';

/** Resolves once both projects were polled well. */
export async function startStage(options: StageOptions = {}): Promise<Stage> {
  // With everything in it that is written in another way somewhere.
  const mark = () => `k<&"'%+/=\\-${randomUUID()}`;
  const [privateKey, clientSecret] = [mark(), mark()];
  const simulator = createSimulator({
    accounts: [
      { user: demoKeys.publicKey, secret: privateKey },
      { user: demoKeys.clientId, secret: clientSecret, type: 'serviceAccount' },
    ],
  });
  await simulator.start();
  const tokens: string[] = [];
  simulator.faults.add(
    ({ answer, send }) => {
      const reply = answer();
      tokens.push(JSON.parse(reply.body.toString()).access_token ?? mark());
      send(reply);
    },
    ({ operation }) => operation === 'token',
  );
  const [met, other] = [metId, otherId].map((id) => simulator.world.addProject({ id }));
  if (!met || !other) throw new Error('No projects');
  const connection = simulator.world.addConnection(met, { id: '66b1d2e3f405162738495a61', errorMessage: 'It broke' });
  const endpoint = simulator.world.attach(connection, { id: 'vpce-0a1b2c3d4e5f60711' });
  simulator.world.addConnection(other, { id: '66b1d2e3f405162738495a62' });

  const ownSecrets = () => ({
    'the private key': privateKey,
    'the client secret': clientSecret,
    ...Object.fromEntries(tokens.map((token, index) => [`token ${index}`, token])),
    ...options.secrets,
  });
  const yaml = [
    `atlas: {baseUrl: "${options.baseUrl?.(simulator.url) ?? simulator.url}", timeout: 2s, retries: 1${options.atlas ?? ''}}`,
    'credentials:',
    `  digest: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${JSON.stringify(privateKey)}}}`,
    `  robot: {serviceAccount: {clientId: ${demoKeys.clientId}, clientSecret: ${JSON.stringify(clientSecret)}}}`,
    'projects:',
    `  - {id: "${metId}", name: met, credential: digest, providers: [AWS]}`,
    `  - {id: "${otherId}", name: other, credential: robot, providers: [AWS]}`,
    'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}',
    '',
  ].join('\n');
  let passed = 0;
  const clock = { wall: () => Date.now() + passed, monotonic: () => performance.now() + passed };
  const daemon = await startDaemon(yaml, { clock, ...options.daemon });

  const stage: Stage = {
    simulator,
    daemon,
    met,
    connection,
    endpoint,
    other,
    get secrets() {
      return ownSecrets();
    },
    inject: (effect, matching = listOf(met), times) => simulator.faults.add(effect, matching, times),
    configure: (change) => daemon.configure(change(yaml)),
    pass(ms) {
      passed += ms;
    },
    async told() {
      const paths = ['/', `/projects/${metId}`, '/metrics', '/config', '/help', '/-/ready', '/-/healthy'];
      const api = ['/api/v1/connections', '/api/v1/changes', '/no/such/page'];
      const pages = [...paths, ...api].map(async (path) => [path, await (await daemon.get(path)).text()] as const);
      return {
        ...Object.fromEntries(await Promise.all(pages)),
        'the log': inspect(daemon.log, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null }),
        'the log as JSON': JSON.stringify(daemon.log),
        ...filesIn(daemon.home, /^exporter\.yaml$/),
      };
    },
    async expectNoSecret() {
      expect(findSecrets(await stage.told(), stage.secrets, [demoKeys.publicKey, demoKeys.clientId])).toEqual([]);
    },
    async [Symbol.asyncDispose]() {
      await daemon[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      rmSync(daemon.home, { recursive: true, force: true });
    },
  };
  await daemon.until('both are polled', async () => {
    const series = await daemon.series();
    return [met, other].every((project) => series[`${up}${labels(project)}`] === 1);
  });
  return stage;
}

const up = 'mongodb_atlas_exporter_source_up';
const labels = ({ id }: SimulatedProject) => `{atlas_project_id="${id}",cloud_provider="AWS",kind="cluster"}`;

/** Lists of this project. */
export const listOf =
  ({ id }: SimulatedProject) =>
  ({ projectId, operation }: Call): boolean =>
    projectId === id && operation === 'v2.list';

export interface Trouble {
  /** Makes it begin; what it gives makes it end. */
  begin(stage: Stage): Promise<() => void | Promise<void>> | (() => void | Promise<void>);
  /** Why polls fail meanwhile; null when they do not. */
  readonly reason: FailureReason | null;
  /** Tells that it is there, where no poll fails. */
  seen?(stage: Stage): Promise<boolean>;
  /** It meets the way to Atlas, and so every project. */
  readonly everybody?: boolean;
  /** Polls wait for their limit, and none ends while it lasts. */
  readonly holdsUp?: boolean;
}

export interface Figures {
  readonly scrapeMs: number;
  readonly recoveredMs: number;
}

/** What is told of connections, and nothing that moves by itself. */
const facts = (series: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    // Regional modes and limits are looked up some seconds after the start.
    Object.entries(series).filter(([name]) =>
      /^mongodb_atlas_(?:private_endpoint|project_(?!regional|limit))/.test(name),
    ),
  );

/** The figures of the written rule, in ms; tests assert ten times as much. */
const scrapeMs = 100;
const pollGapMs = 1_000;

/**
 * The rule of every fault: `/metrics` goes on answering at once, the other project is polled, polls are good again within
 * one poll of its end, and because of the fault itself no series goes, no change is told, and no secret.
 */
export async function expectSurvived(stage: Stage, trouble: Trouble): Promise<Figures> {
  const { daemon, met, other } = stage;
  const before = facts(await daemon.series());
  expect(Object.keys(before).length).toBeGreaterThan(20);
  const end = await trouble.begin(stage);
  const begun = Date.now();
  await daemon.until(`the fault is seen as ${trouble.reason}`, async () => {
    if (trouble.reason !== null) return failureOf(await daemon.series(), met) === trouble.reason;
    if (trouble.seen && !(await trouble.seen(stage))) return false;
    return trouble.holdsUp || (await polledSince(stage, met, begun));
  });
  const series = await daemon.series();
  if (!trouble.everybody) {
    await daemon.until('the other project is polled meanwhile', () => polledSince(stage, other, begun));
    expect(failureOf(await daemon.series(), other)).toBeNull();
  }
  const started = performance.now();
  const scrape = await daemon.get('/metrics');
  await scrape.text();
  const took = performance.now() - started;
  expect(scrape.status).toBe(200);
  expect(took).toBeLessThan(10 * scrapeMs);
  expect(facts(series)).toEqual(before);

  await end();
  const ended = Date.now();
  // A bucket that is left alone for ten seconds may be so twice: for the list, and for what it names.
  await daemon.until('polls are good again', () => polledSince(stage, met, ended));
  const recoveredMs = Date.now() - ended;
  if (!trouble.holdsUp) expect(recoveredMs).toBeLessThan(10 * pollGapMs);
  expect(facts(await daemon.series())).toEqual(before);
  const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: unknown[] };
  expect(changes).toEqual([]);
  expect(daemon.log.filter(({ level }) => level === 'fatal')).toEqual([]);
  await stage.expectNoSecret();
  return { scrapeMs: took, recoveredMs };
}

/** Why the last poll of a project failed; null when it did not. */
export function failureOf(series: Readonly<Record<string, number>>, { id }: SimulatedProject): string | null {
  const name = Object.keys(series).find(
    (one) => one.startsWith('mongodb_atlas_exporter_source_failure') && one.includes(id),
  );
  return /reason="([^"]+)"/.exec(name ?? '')?.[1] ?? null;
}

/** What the page says once it has read out the exporter's own metrics again: it keeps them for a second. */
export async function seriesAfterRefresh({ daemon }: Stage): Promise<Readonly<Record<string, number>>> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  return daemon.series();
}

/** Whether a poll of the project was good that ended after this moment. */
async function polledSince({ daemon }: Stage, project: SimulatedProject, since: number): Promise<boolean> {
  const series = await daemon.series();
  const last = series[`mongodb_atlas_exporter_source_last_success_timestamp_seconds${labels(project)}`] ?? 0;
  return series[`${up}${labels(project)}`] === 1 && last * 1000 > since;
}

/** One line of the table of faults. */
export function toFigure({ scrapeMs: scrape, recoveredMs }: Figures): string {
  return `scrape ${scrape.toFixed(0)} ms, good again after ${recoveredMs.toFixed(0)} ms`;
}
