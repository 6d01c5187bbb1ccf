/**
 * `npm run bench:alerts`: what the alert rules cost a real Prometheus of each major, while all is well and while everything is
 * broken: with each connection as an alert of its own (as an incident that goes on for hours would bring them), and as one
 * for many. Prints the longest evaluation of each group. Not part of any test.
 *
 * Usage: node bench/alerts.ts [projects=600] [seconds=60]
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { aConnection, anInterfaceEndpoint } from '../test/support/builders.ts';
import { type Programs, prometheuses } from '../test/support/prometheuses.ts';
import { ruleFiles } from '../test/support/rule-files.ts';
import { readRules, withOverrides } from '../test/support/rule-overrides.ts';
import { tell } from '../test/support/rule-story.ts';

const [projects = '600', seconds = '60'] = process.argv.slice(2);
const interval = 10;
const words = Array.from({ length: Number(projects) }, (_, index) => `p${index}`);
type Phase = 'well' | 'broken';

/** What is scraped of the estate: three clouds, three connections in each, one interface endpoint each. */
async function exposition(phase: Phase): Promise<readonly (readonly [string, number])[]> {
  const errorMessage = phase === 'well' ? null : 'Interface endpoint vpce-0123456789abcdef0 was not found.';
  const status = phase === 'well' ? 'AVAILABLE' : 'FAILED';
  const clouds = ['AWS', 'AZURE', 'GCP'] as const;
  const polls = words.flatMap((word) =>
    clouds.map((cloudProvider) => {
      const connections = [1, 2, 3].map((number) =>
        aConnection(`${word}-${cloudProvider}-${number}`, {
          ...{ status, errorMessage, cloudProvider },
          interfaceEndpoints: [anInterfaceEndpoint(`vpce-${number}`, { status, errorMessage }, cloudProvider)],
        }),
      );
      return [`${word}/${cloudProvider}`, connections] as const;
    }),
  );
  const series = await tell([{ minutes: 1, polls: Object.fromEntries(polls) }]);
  return [...series].map(([name, [value]]) => [name, value ?? 0] as const);
}

/** Serves it with stamps of now, as a poll a second ago would leave them. */
async function serve(texts: Readonly<Record<Phase, readonly (readonly [string, number])[]>>) {
  let phase: Phase = 'well';
  const server = createServer((_request, response) => {
    const now = Date.now() / 1000;
    const lines = texts[phase].map(([name, value]) =>
      name.includes('last_success_timestamp') ? `${name} ${now - 1}` : `${name} ${value}`,
    );
    response.end(`${lines.join('\n')}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show: (wanted: Phase) => {
      phase = wanted;
    },
    close: () => server.close(),
  };
}

interface Group {
  readonly name: string;
  readonly evaluationTime: number;
  readonly rules: readonly { readonly alerts?: readonly unknown[]; readonly lastError?: string }[];
}

/** The longest evaluation of each group within the time, and how many alerts there were at its end. */
async function watch(url: string, ms: number) {
  const longest = new Map<string, number>();
  let alerts = 0;
  for (const end = Date.now() + ms; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 2_000))) {
    const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as { data: { groups: Group[] } };
    for (const { name, evaluationTime, rules } of data.groups) {
      longest.set(name, Math.max(longest.get(name) ?? 0, evaluationTime));
      for (const { lastError } of rules) if (lastError) throw new Error(`${name}: ${lastError}`);
    }
    alerts = data.groups.flatMap(({ rules }) => rules.flatMap((rule) => rule.alerts ?? [])).length;
  }
  return { longest, alerts };
}

async function measure(version: string, { prometheus }: Programs, manyConnections: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-alerts-'));
  const served = await serve(texts);
  const files = withOverrides(ruleFiles.map(readRules), {
    holdFor: { otherwise: '1s' },
    thresholds: { failedSeconds: interval, manyConnections },
    interval: `${interval}s`,
  }).map((text, index) => {
    const path = join(folder, `rules-${index}.yaml`);
    writeFileSync(path, text);
    return path;
  });
  const config = {
    global: { scrape_interval: `${interval}s`, scrape_timeout: `${interval}s` },
    rule_files: files,
    scrape_configs: [{ job_name: 'atlas', honor_labels: true, static_configs: [{ targets: [served.address] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
  mkdirSync(join(folder, 'data'));
  const listen = `127.0.0.1:${20_000 + Math.floor(Math.random() * 20_000)}`;
  const child = spawn(
    prometheus,
    [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${listen}`],
    { stdio: 'ignore' },
  );
  try {
    const url = `http://${listen}`;
    for (let tries = 0; tries < 100; tries++) {
      if (
        await fetch(`${url}/-/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await watch(url, 4 * interval * 1_000);
    const well = await watch(url, Number(seconds) * 1_000);
    served.show('broken');
    await watch(url, 4 * interval * 1_000);
    const broken = await watch(url, Number(seconds) * 1_000);
    const groups = [...well.longest.keys()].sort();
    const how = manyConnections > 1_000 ? 'each by itself' : 'many as one';
    console.log(`\nPrometheus ${version}, ${projects} projects, ${texts.well.length} series; broken: ${how}`);
    console.log(`alerts: ${well.alerts} when well, ${broken.alerts} when broken`);
    for (const name of groups) {
      const [quiet = 0, storm = 0] = [well.longest.get(name), broken.longest.get(name)];
      console.log(`${name.padEnd(40)} ${quiet.toFixed(3)} s  ${storm.toFixed(3)} s`);
    }
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('exit', resolve));
    served.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const texts = { well: await exposition('well'), broken: await exposition('broken') };
for (const { version, provide } of prometheuses) {
  const programs = provide();
  for (const manyConnections of [1_000_000, 5]) await measure(version, programs, manyConnections);
}
