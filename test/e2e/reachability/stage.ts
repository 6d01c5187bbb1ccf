/** An exporter, four shards of another, a real prober in a network of its own names, and a Prometheus that probes through it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createSimulator, type Simulator } from '../../../src/simulator/simulator.ts';
import { alertmanagerConfig } from '../../support/alertmanager-config.ts';
import { type Daemon, simulatorConfig, startDaemon } from '../../support/daemon.ts';
import {
  freePort,
  type Notice,
  type Prometheus,
  startAlertmanager,
  startPrometheus,
  startWebhook,
  stopProcess,
} from '../../support/prometheus.ts';
import { writeRules } from '../../support/rule-overrides.ts';
import { provideTool } from '../../tools/provide.ts';
import { createNetwork, type Network } from './nodes.ts';
import { createSituations, type Situation } from './situations.ts';

/** As short as a slow machine allows. */
export const overrides = {
  holdFor: { otherwise: '3s' },
  thresholds: {
    ...{ failedSeconds: 3, hostUnreachableSeconds: 3, absentSeconds: 60 },
    ...{ stringLostSeconds: 3, stringMissingSeconds: 3, regionWithoutSeconds: 3 },
  },
  interval: '1s',
};

export interface Stage extends AsyncDisposable {
  readonly situations: readonly Situation[];
  readonly prometheus: Prometheus;
  readonly notices: readonly Notice[];
  /** `host:port` of the prober. */
  readonly prober: string;
  stopProber(): Promise<void>;
  readonly fleet: Simulator;
  /** Ends the exporter, and starts one at the same address that knows nothing: its URL. */
  beginAnew(): Promise<string>;
}

const root = new URL('../../../', import.meta.url).pathname;
const kinds = 'kinds: [cluster, connection_strings]';
const poll = `poll: {schedule: "* * * * * *", spread: 0s, fastSchedule: false, slowSchedule: "* * * * * *", ${kinds}}`;
const configOf = ({ url, world }: Simulator) => simulatorConfig(url, [...world.projects.keys()], poll);

export async function openStage(): Promise<Stage> {
  await using building = new AsyncDisposableStack();
  const home = mkdtempSync(join(tmpdir(), 'reachability-'));
  building.defer(() => rmSync(home, { recursive: true, force: true }));
  const network = building.use(await createNetwork(join(home, 'network')));
  const prober = building.use(await startProber(home, network));
  const fleet = building.use(createSimulator({ seed: 1 }));
  const shards = building.use(createSimulator({ seed: 2 }));
  await fleet.start();
  await shards.start();
  const situations = await createSituations(fleet, shards, network, () => prober.address);

  let exporter = await startDaemon(configOf(fleet));
  building.defer(() => exporter[Symbol.asyncDispose]());
  const { host } = new URL(exporter.url);
  const four: Daemon[] = [];
  for (let ordinal = 0; ordinal < 4; ordinal += 1)
    four.push(building.use(await startDaemon(configOf(shards), { shard: { ordinal, total: 4 } })));

  const webhook = building.use(await startWebhook());
  const alertmanager = building.use(
    await startAlertmanager({ folder: join(home, 'alertmanager'), config: alertmanagerConfig(webhook.url) }),
  );
  const ofShards = four.map(({ url }) => new URL(url).host);
  const prometheus = building.use(
    await startPrometheus({
      folder: join(home, 'prometheus'),
      jobs: [
        { name: 'exporter', targets: [host] },
        { name: 'shards', targets: ofShards },
        ...probeJobs([host, ...ofShards], prober.address),
      ],
      ruleFiles: writeRules(home, overrides),
      alertmanager: alertmanager.url,
    }),
  );
  const running = building.move();
  return {
    ...{ situations, prometheus, notices: webhook.notices, prober: prober.address, stopProber: prober.stop, fleet },
    async beginAnew() {
      await exporter[Symbol.asyncDispose]();
      const [address = '', port] = host.split(':');
      exporter = await startDaemon(configOf(fleet), { listen: [{ host: address, port: Number(port) }] });
      return exporter.url;
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly http_sd_configs: readonly { readonly url: string; readonly refresh_interval: string }[];
  readonly [name: string]: unknown;
}

/** The scrape config of docs/reachability.md, with the addresses of the test and an entry for each process. */
function probeJobs(exporters: readonly string[], prober: string) {
  const text = readFileSync(join(root, 'docs/reachability.md'), 'utf8');
  const block = /^```yaml\n(scrape_configs:.*?)^```$/ms.exec(text)?.[1] ?? '';
  for (const part of ['exporter.example:27900', 'blackbox.example:9115', 'refresh_interval: 30s'])
    if (!block.includes(part)) throw new Error(`The scrape config of docs/reachability.md has no "${part}"`);
  const written = block
    .replaceAll('blackbox.example:9115', prober)
    .replaceAll('refresh_interval: 30s', 'refresh_interval: 1s');
  const { scrape_configs } = parse(written) as { scrape_configs: readonly ScrapeConfig[] };
  return scrape_configs.map(({ job_name, http_sd_configs, ...rest }) => ({
    name: job_name,
    targets: [],
    interval: '2s',
    rest: {
      ...rest,
      scrape_timeout: '2s',
      file_sd_configs: undefined,
      http_sd_configs: http_sd_configs.flatMap(({ url, ...entry }) =>
        exporters.map((address) => ({ url: url.replace('exporter.example:27900', address), ...entry })),
      ),
    },
  }));
}

/** A real blackbox_exporter with the project's example, in a mount namespace in which it has names of its own. */
async function startProber(folder: string, { hosts, resolvers, caFile }: Network) {
  const { blackbox_exporter = '' } = provideTool('blackbox');
  const address = `127.0.0.1:${await freePort()}`;
  const log = join(folder, 'blackbox.log');
  const config = join(root, 'config/blackbox.example.yaml');
  const script = 'mount --bind "$1" /etc/hosts && mount --bind "$2" /etc/resolv.conf && shift 2 && exec "$@"';
  const args = [blackbox_exporter, `--config.file=${config}`, `--web.listen-address=${address}`, '--log.level=error'];
  const child = spawn(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', hosts, resolvers, ...args],
    { stdio: ['ignore', 'ignore', openSync(log, 'w')], env: { SSL_CERT_FILE: caFile, PATH: process.env['PATH'] } },
  );
  const stop = () => stopProcess(child);
  for (let tries = 0; tries < 100 && child.exitCode === null; tries++) {
    const ready = await fetch(`http://${address}/-/healthy`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { address, stop, [Symbol.asyncDispose]: stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`blackbox_exporter does not start: ${readFileSync(log, 'utf8')}`);
}
