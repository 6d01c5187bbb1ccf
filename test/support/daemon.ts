import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, openApp } from '../../src/app/app.ts';
import type { DaemonFlags } from '../../src/app/flags.ts';
import type { World } from '../../src/app/host.ts';
import { loadConfig } from '../../src/config/exporter/load.ts';
import type { Format } from '../../src/metrics/family.ts';
import { checkSchedule } from '../../src/polling/cron.ts';
import { demoKeys } from '../../src/simulator/simulator.ts';
import type { Logger } from '../../src/telemetry/logger.ts';
import { type ParsedFamily, parse, seriesIn } from './exposition-parser.ts';
import { until } from './process.ts';
import { expectNoDemoSecret, filesIn } from './secrets.ts';
import { fakeWorld } from './world.ts';

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Daemon extends AsyncDisposable {
  readonly app: App;
  /** Where its config and its state are. */
  readonly home: string;
  readonly url: string;
  readonly log: readonly LogLine[];
  /** Through the strict parser. */
  metrics(format?: Format): Promise<readonly ParsedFamily[]>;
  /** Value by series, as in `name{label="value"}`. */
  series(): Promise<Readonly<Record<string, number>>>;
  get(path: string): Promise<Response>;
  /** Looks again and again until `probe` gives something, and gives it. */
  readonly until: typeof until;
  configure(yaml: string): void;
}

const flags: DaemonFlags = {
  configFile: null,
  listen: [{ host: '127.0.0.1', port: 0 }],
  telemetryPath: '/metrics',
  externalUrl: null,
  routePrefix: '',
  maxRequests: 40,
  lifecycle: true,
  webConfigFile: null,
  shard: { ordinal: 0, total: 1 },
  statePath: null,
  logLevel: 'debug',
  logFormat: 'json',
};

/**
 * A config for the simulator at `url`; `more` is further YAML. Unless that chooses kinds, projects are watched for their
 * links alone, so that whoever counts lists and requests counts those of one kind. Its timeout is one that a busy machine
 * does not reach.
 */
export function simulatorConfig(url: string, projects: readonly string[], more = ''): string {
  const kinds = more.includes('kinds') || more.includes('discovery') ? '' : 'kinds: [cluster], ';
  return [
    `atlas: {baseUrl: "${url}", api: v2, timeout: 20s, retries: 1}`,
    `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
    `projects: [${projects.map((id) => `{${kinds}id: "${id}"}`).join(', ')}]`,
    more === '' ? 'poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false}' : more,
    '',
  ].join('\n');
}

export interface DaemonOptions extends Partial<DaemonFlags> {
  /** Keeps config and state over restarts. */
  readonly folder?: string;
  readonly clock?: World['clock'];
  readonly env?: World['env'];
}

/** The whole app in this process, with a config file and a state of its own. */
export async function startDaemon(yaml: string, { folder, clock, env, ...more }: DaemonOptions = {}): Promise<Daemon> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'exporter-'));
  const file = join(home, 'exporter.yaml');
  writeFileSync(file, yaml);
  const world = fakeWorld({ cwd: home, ...(clock && { clock }), ...(env && { env }) });
  const log: LogLine[] = [];
  const load = () => loadConfig({ file, env: {}, cwd: home, checkSchedule });
  const loaded = await load();
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const app = await openApp({
    loaded,
    reload: load,
    flags: { ...flags, statePath: join(home, 'state.db'), ...more },
    world,
    log: recordingLog(log),
  });
  const url = `http://${app.addresses[0]}`;
  const daemon: Daemon = {
    app,
    home,
    url,
    log,
    get: (path) => fetch(url + path),
    async metrics(format = 'text') {
      const accept = format === 'text' ? 'text/plain' : 'application/openmetrics-text; version=1.0.0';
      const answer = await fetch(`${url}/metrics`, { headers: { Accept: accept } });
      return parse(await answer.text(), format);
    },
    series: async () => seriesIn(await daemon.metrics()),
    until,
    configure: (text) => writeFileSync(file, text),
    async [Symbol.asyncDispose]() {
      await app.close(3000);
      expectNoDemoSecret({ 'the log': JSON.stringify(log), ...filesIn(home, /^exporter\.yaml$/) });
      if (folder === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
  return daemon;
}

function recordingLog(lines: LogLine[]): Logger {
  const write = (level: string) => (fields: object, message: string) => void lines.push({ ...fields, level, message });
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    dropped: () => 0,
    end: async () => true,
  };
}
