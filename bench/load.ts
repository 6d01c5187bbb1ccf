/** Load from Debian's wrk, in a process of its own: latencies in whole microseconds, errors counted. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Latency {
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  /** Answers; not known of prom-client. */
  readonly perSecond?: number;
}

export interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How many ask at a time, each again as soon as it is answered. */
  readonly connections: number;
  readonly seconds: number;
}

const script = `
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("%d %d %d %d %d\\n", latency:percentile(50), latency:percentile(99), summary.requests,
    summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`;
const run = promisify(execFile);

/** Throws when a request failed, or none was answered: such a figure would be nothing's. */
export async function measure({ url, headers, connections, seconds }: Load, folder: string): Promise<Latency> {
  const report = join(folder, 'report.lua');
  writeFileSync(report, script);
  const options = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  const load = ['--threads', '1', '--connections', `${connections}`, '--duration', `${seconds}s`, '--timeout', '100s'];
  const { stdout } = await run('wrk', [...load, ...options, '--script', report, url]);
  const figures = (stdout.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const [p50 = 0, p99 = 0, requests = 0, microseconds = 0, errors = 0] = figures;
  if (errors > 0 || requests === 0) throw new Error(`${url}: ${requests} requests, ${errors} errors`);
  return { p50: p50 / 1000, p99: p99 / 1000, perSecond: requests / (microseconds / 1e6) };
}
