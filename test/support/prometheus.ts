/** A real Prometheus and a real Alertmanager on loopback, of the version that the suite runs on, each with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import type { PrometheusVersion } from './prometheuses.ts';
import { programsOf, thisPrometheus } from './provided.ts';

export interface Job {
  readonly name: string;
  /** As in `127.0.0.1:27900`. */
  readonly targets: readonly string[];
  /** '1s' unless told. */
  readonly interval?: string;
  /** More of the scrape config, as `prometheus.yml` spells it. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  /** Throws an Error with Prometheus' own words. */
  query(expression: string): Promise<readonly Sample[]>;
  /** Replaces the targets of a job, as service discovery does. */
  retarget(job: string, targets: readonly string[]): void;
  /** Rules that could not be evaluated, in Prometheus' words. */
  ruleErrors(): Promise<readonly string[]>;
}

/** Starts it with a scrape and an evaluation every second and resolves when it is ready. */
export async function startPrometheus(options: {
  readonly folder: string;
  readonly jobs: readonly Job[];
  readonly ruleFiles?: readonly string[];
  readonly alertmanager?: string;
  /** Switched on besides those that every suite runs with. */
  readonly features?: readonly string[];
  /** The one that the suite runs on unless told. */
  readonly version?: PrometheusVersion;
}): Promise<Prometheus> {
  const { folder, jobs, ruleFiles = [], alertmanager, features = [], version = thisPrometheus() } = options;
  mkdirSync(folder, { recursive: true });
  const targetsFile = (job: string) => join(folder, `${job}.json`);
  const retarget = (job: string, targets: readonly string[]) =>
    writeFileSync(targetsFile(job), JSON.stringify([{ targets }]));
  for (const { name, targets } of jobs) retarget(name, targets);
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ruleFiles,
    ...(alertmanager === undefined
      ? {}
      : { alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }] } }),
    scrape_configs: jobs.map(({ name, interval = '1s', rest = {} }) => ({
      job_name: name,
      scrape_interval: interval,
      file_sd_configs: [{ files: [targetsFile(name)], refresh_interval: '1s' }],
      ...rest,
    })),
  };
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, stringify(config));
  const { url, stop } = await startServer(programsOf(version).prometheus, folder, (address) => [
    `--config.file=${configFile}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--rules.alert.resend-delay=5s',
    '--log.level=warn',
    ...[...version.features, ...features].map((feature) => `--enable-feature=${feature}`),
  ]);

  const ask = async (path: string, parameters: Readonly<Record<string, string>> = {}) => {
    const answer = await fetch(`${url}/api/v1/${path}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, data, error } = (await answer.json()) as { status: string; data: never; error?: string };
    if (status !== 'success') throw new Error(`${parameters['query'] ?? path}: ${error}`);
    return data;
  };
  return {
    url,
    retarget,
    async query(expression) {
      const { result } = (await ask('query', { query: expression })) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async ruleErrors() {
      const answer = await fetch(`${url}/api/v1/rules`);
      const { data } = (await answer.json()) as {
        data: { groups: { rules: { name: string; lastError?: string }[] }[] };
      };
      return data.groups.flatMap(({ rules }) =>
        rules.flatMap(({ name, lastError }) => (lastError ? [`${name}: ${lastError}`] : [])),
      );
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Starts it with a config, as a text of YAML. */
export async function startAlertmanager(options: {
  readonly folder: string;
  readonly config: string;
}): Promise<{ readonly url: string } & AsyncDisposable> {
  const { folder, config } = options;
  mkdirSync(folder, { recursive: true });
  const configFile = join(folder, 'alertmanager.yml');
  writeFileSync(configFile, config);
  const { url, stop } = await startServer(programsOf(thisPrometheus()).alertmanager, folder, (address) => [
    `--config.file=${configFile}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);
  return { url, [Symbol.asyncDispose]: stop };
}

export interface Notice {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Wall ms. */
  readonly receivedAt: number;
  /** Who was told, by Alertmanager's config. */
  readonly receiver: string;
}

/** One call of a webhook: what makes a pager ring once. */
export interface Notification {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
}

interface Told extends Notification {
  readonly alerts: readonly (Omit<Notice, 'receivedAt' | 'receiver'> & {
    readonly fingerprint: string;
    readonly startsAt: string;
  })[];
}

/**
 * Receives what Alertmanager tells. A notification repeats what its group told before: a notice is what was not told yet, by
 * alert, beginning and status.
 */
export async function startWebhook(): Promise<
  {
    readonly url: string;
    readonly notices: readonly Notice[];
    readonly notifications: readonly Notification[];
  } & AsyncDisposable
> {
  const notices: Notice[] = [];
  const notifications: Notification[] = [];
  const known = new Set<string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { alerts, receiver, status, groupLabels } = JSON.parse(Buffer.concat(chunks).toString()) as Told;
      notifications.push({ receiver, status, groupLabels });
      for (const { fingerprint, startsAt, ...alert } of alerts) {
        const key = `${fingerprint} ${startsAt} ${alert.status}`;
        if (known.has(key)) continue;
        known.add(key);
        notices.push({ ...alert, receivedAt: Date.now(), receiver });
      }
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    notices,
    notifications,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startServer(program: string, folder: string, args: (address: string) => readonly string[]) {
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const logFile = join(folder, `${basename(program)}.log`);
  const child = spawn(program, args(address), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) break;
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return { url, stop: () => stopProcess(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stopProcess(child);
  throw new Error(`${program} does not start: ${await readFile(logFile, 'utf8')}`);
}

/** Ends a process that the test started, gently first. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await ended;
  clearTimeout(hard);
}

/** A port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
