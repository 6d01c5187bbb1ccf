/**
 * `npm run bench:estate`: a large estate for some minutes. Starts the simulator with a latency of 150 ms and the exporter
 * with its default settings, as two processes, and prints what became of the polls. Not part of any test.
 *
 * Usage: node bench/estate.ts [projects=2000] [minutes=5]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { demoKeys } from '../src/simulator/simulator.ts';

const [projects = '2000', minutes = '5'] = process.argv.slice(2);
const main = new URL('../src/main.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'estate-'));
const children: ChildProcess[] = [];

/** Starts a command of ours and resolves with the first match of its output. */
function start(args: readonly string[], found: RegExp): Promise<string> {
  const child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${args[0]} ended with ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = found.exec(line);
      if (match) resolve(match[1] ?? '');
    });
  });
}

async function metrics(url: string): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return (name) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(name))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

try {
  const atlas = await start(
    ['simulate', '--projects', projects, '--connections', '3', '--latency', '150', '--listen', '127.0.0.1:0'],
    /at (http:\S+):/,
  );
  writeFileSync(
    join(folder, 'exporter.yaml'),
    [
      `atlas: {baseUrl: "${atlas}"}`,
      `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
      `discovery: [{organization: "${demoKeys.orgId}"}]`,
      'poll: {schedule: "0 */2 * * * *"}',
    ].join('\n'),
  );
  const address = await start(
    ['run', '--config.file', 'exporter.yaml', '--web.listen-address', '127.0.0.1:0'],
    /"addresses":\["([^"]+)"\]/,
  );
  console.log(
    `${projects} projects on three clouds, a poll every two minutes, 150 ms a request, default settings, ${minutes} min`,
  );
  for (let minute = 1; minute <= Number(minutes); minute++) {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    const sum = await metrics(`http://${address}`);
    const [polls, requests] = [
      sum('mongodb_atlas_exporter_polls_total'),
      sum('mongodb_atlas_exporter_api_requests_total'),
    ];
    const cells = {
      minute,
      polls,
      failed: sum('mongodb_atlas_exporter_poll_failures_total'),
      skipped: sum('mongodb_atlas_exporter_polls_skipped_total'),
      'requests per poll': (requests / polls).toFixed(3),
      challenges: sum('mongodb_atlas_exporter_api_requests_total{operation="digest_challenge"'),
      'resident MiB': Math.round(sum('process_resident_memory_bytes') / 1024 ** 2),
    };
    console.log(
      Object.entries(cells)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    );
  }
} finally {
  for (const child of children) {
    child.removeAllListeners('exit');
    child.kill('SIGTERM');
  }
  rmSync(folder, { recursive: true, force: true });
}
