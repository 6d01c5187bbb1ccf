/** A Prometheus for a benchmark: of the newest version that is tested, with a folder of its own. */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Programs, type PrometheusVersion, prometheuses } from '../test/support/prometheuses.ts';
import { type Overrides, writeRules } from '../test/support/rule-overrides.ts';

export function newestPrometheus(): { readonly version: PrometheusVersion; readonly programs: Programs } {
  const version = prometheuses.at(-1);
  if (!version) throw new Error('No Prometheus is tested');
  return { version, programs: version.provide() };
}

/** Starts it with the rules of the chart and one target, and resolves when it is ready. */
export async function startPrometheus(options: {
  readonly program: string;
  readonly folder: string;
  readonly target: string;
  /** Of scrapes and evaluations, in seconds. */
  readonly interval: number;
  readonly thresholds?: Overrides['thresholds'];
  /** A folder with blocks of what was before. */
  readonly blocks?: string;
}): Promise<{ readonly url: string } & AsyncDisposable> {
  const { program, folder, target, interval, thresholds = {}, blocks = join(folder, 'data') } = options;
  mkdirSync(folder, { recursive: true });
  const every = `${interval}s`;
  const config = {
    global: { scrape_interval: every, scrape_timeout: every, evaluation_interval: every },
    rule_files: writeRules(folder, { holdFor: { otherwise: '1s' }, thresholds, interval: every }),
    scrape_configs: [{ job_name: 'atlas', honor_labels: true, static_configs: [{ targets: [target] }] }],
  };
  const configFile = join(folder, 'prometheus.yml');
  writeFileSync(configFile, stringify(config));
  const listen = `127.0.0.1:${await freePort()}`;
  const log = createWriteStream(join(folder, 'prometheus.log'));
  const child = spawn(
    program,
    [`--config.file=${configFile}`, `--storage.tsdb.path=${blocks}`, `--web.listen-address=${listen}`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://${listen}`;
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) {
      return {
        url,
        async [Symbol.asyncDispose]() {
          child.kill('SIGTERM');
          await exited;
        },
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  child.kill('SIGKILL');
  await exited;
  throw new Error(`Prometheus does not start: see ${log.path}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
