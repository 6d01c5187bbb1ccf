/** Load on a server, from a process of its own. */
import { execFile } from 'node:child_process';
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
  /** `Name: value`. */
  readonly header: string;
  /** How many ask at once, and again when all are answered. */
  readonly connections: number;
  /** And as long as the last of them takes. */
  readonly seconds: number;
}

const run = promisify(execFile);
const bursts = new URL('bursts.ts', import.meta.url).pathname;

/** Throws when an answer is not a whole 200: such a figure would be nothing's. */
export async function measure({ url, header, connections, seconds }: Load): Promise<Latency> {
  const { stdout } = await run(process.execPath, [bursts, url, `${connections}`, `${seconds}`, header], {
    timeout: 300_000,
  });
  return JSON.parse(stdout);
}
